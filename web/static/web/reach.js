/* While the house cannot be reached, what would ask it cannot be pressed, and says so. What waits for
   the connection by itself stands in a part that is marked `data-waits`. */

import { find, write } from "./elements.js";
import { gettext } from "./words.js";

const ACTS = [
  "[type=submit]", "[data-act]", "[data-lock]", "[data-withdraw]", "[data-others] button", "[data-pay]",
  "[data-undo]", "[data-delete-line]", "[data-open-keep]", "[data-refill] button",
].map((act) => `${act}:not([data-waits] *)`).join();

let isGone = false;

/** Let everything be pressed, or not. Called again it takes in what was added meanwhile. */
export function setReach(isThere) {
  if (isThere && !isGone) return;
  isGone = !isThere;
  for (const act of document.querySelectorAll(isThere ? "[data-gone]" : ACTS)) {
    act.toggleAttribute("data-gone", isGone);
    if (isGone) act.setAttribute("aria-disabled", "true");
    else act.removeAttribute("aria-disabled");
  }
}

function refuse(event) {
  const act = (event.submitter ?? event.target).closest?.("[data-gone]");
  if (!act || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const line = find("[role=status]", act.closest("form, dialog, section, .panel, main") ?? document);
  if (line) write(line, gettext("No connection: this cannot be sent now."));
}

for (const press of ["click", "pointerdown", "keydown", "submit"]) {
  document.addEventListener(press, refuse, { capture: true });
}
