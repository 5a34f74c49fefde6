/* The room's code, large, with its QR code. */

import { bindCopy } from "../web/copying.js";
import { closable, find } from "../web/elements.js";

// Names of this machine that mean another one on every phone.
const HERE_ALONE = ["localhost", "127.0.0.1", "[::1]"];

/** Let the code button open the sheet; the drawing is fetched when it is first wanted. */
export function bindInvitation(button, sheet) {
  closable(sheet);
  button.addEventListener("click", () => {
    const picture = find("img", sheet);
    if (!picture.getAttribute("src")) picture.setAttribute("src", picture.dataset.src);
    sheet.showModal();
  });
  button.disabled = false;
  const address = find("[data-address]", sheet);
  address.textContent = location.origin + location.pathname;
  bindCopy(find("[data-copy]", sheet), () => address.textContent);
  find("[data-only-here]", sheet).hidden = !HERE_ALONE.includes(location.hostname);
}
