/* The room's code, large, with its QR code. */

import { closable, find } from "../accounts/elements.js";
import { gettext } from "../accounts/words.js";

/** Let the code button open the sheet; the drawing is fetched when it is first wanted. */
export function bindInvitation(button, sheet) {
  closable(sheet);
  button.addEventListener("click", () => {
    const picture = find("img", sheet);
    if (!picture.getAttribute("src")) picture.setAttribute("src", picture.dataset.src);
    sheet.showModal();
  });
  button.disabled = false;
  const copy = find("[data-copy]", sheet);
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.origin + location.pathname);
    copy.textContent = gettext("Copied");
  });
}
