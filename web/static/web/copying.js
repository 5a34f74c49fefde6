/* Copying a link by a button, which says so only when it was done. */

import { element, write } from "./elements.js";
import { gettext } from "./words.js";

/** Let a button copy what text() gives. */
export function bindCopy(button, text) {
  button.addEventListener("click", async () => {
    const isDone = await copied(text(), button);
    write(button, isDone ? gettext("Copied") : gettext("It could not be copied."));
  });
}

// A page that came by plain http has no clipboard: there the old way is left, which needs a field
// where the focus may go: in the sheet of the button.
async function copied(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", { class: "vh", readonly: true }, text);
    button.after(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    button.focus();
    return isDone;
  }
}
