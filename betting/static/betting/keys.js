/* The keys of whoever runs the room on a laptop, and the sheet that lists them. No key does
   anything while somebody writes or a sheet is open. */

import { closable, find } from "../web/elements.js";
import { inBrowser } from "../web/kept.js";

const OFF = "ringside.keys.off";
const ACTS = {
  l: "[data-hostbar] [data-lock]",
  s: "[data-hostbar] [data-decide]",
  n: "[data-upcoming] [data-new]",
  o: "[data-upcoming] [data-act=open]",
  p: "#person-q",
  c: "#say",
};

/** Bind the keys; runs() tells whether this person runs the room. */
export function bindKeys(sheet, runs) {
  closable(sheet);
  const isOn = find("input", sheet);
  isOn.checked = inBrowser.get(OFF) === null;
  isOn.addEventListener("change", () => {
    if (isOn.checked) inBrowser.drop(OFF);
    else inBrowser.set(OFF, "1");
  });
  find("[data-keys]").addEventListener("click", () => sheet.showModal());
  document.addEventListener("keydown", (event) => {
    // A key held down counts once, or it would lock the next question too.
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || !runs()) return;
    if (find("dialog[open]") || event.target.closest("input:not([type=radio]), textarea, select")) return;
    if (event.key === "?") sheet.showModal();
    else if (isOn.checked && event.key in ACTS) press(ACTS[event.key], event);
  });
}

function press(selector, event) {
  const part = find(selector);
  const folded = part?.closest("details");
  if (folded) folded.open = true;
  if (!part?.checkVisibility() || part.disabled) return;
  // Else the letter would stand in the field that is now in focus.
  event.preventDefault();
  part.focus();
  if (!part.matches("input")) part.click();
}
