/* Buttons outside of forms: pressed once at a time, and a refusal is said beside them. */

import { write } from "./elements.js";

/** Do work() for a button, which cannot be pressed meanwhile; whether it was done. A refusal stands
    in `line`, is brought into sight, and the focus stays at the button, to try again. */
export async function press(button, line, work) {
  const hadFocus = document.activeElement === button;
  button.disabled = true;
  try {
    await work();
    write(line, "");
    return true;
  } catch (error) {
    write(line, error.message);
    return false;
  } finally {
    button.disabled = false;
    if (line.textContent) lead(hadFocus ? button : null, line);
  }
}

// A button that is gone leaves its focus to the words.
function lead(button, line) {
  line.scrollIntoView({ block: "nearest" });
  if (!button || document.activeElement !== document.body) return;
  if (button.checkVisibility()) return button.focus();
  line.tabIndex = -1;
  line.focus();
}
