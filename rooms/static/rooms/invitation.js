/* The room's code, large, with its QR code. */

import { closable, find } from "../web/elements.js";
import { gettext } from "../web/words.js";

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
  const copy = find("[data-copy]", sheet);
  copy.addEventListener("click", async () => {
    if (await copied(address)) copy.textContent = gettext("Copied");
  });
}

// A page that came by plain http has no clipboard; where the old way fails too, the address stands
// there selected.
async function copied(address) {
  try {
    await navigator.clipboard.writeText(address.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(address);
    return document.execCommand("copy");
  }
}
