/* Names: a suggestion for newcomers, and taking another one. */

import { find, write } from "../web/elements.js";
import { bindForm } from "../web/forms.js";
import { ask } from "../web/session.js";
import { gettext } from "../web/words.js";

/** Put a friendly name into an empty field; its owner may write over it. */
export async function suggestName(field) {
  if (field.value) return;
  try {
    const { nickname } = await ask("GET", "/api/auth/nickname/");
    field.value ||= nickname;
  } catch {
    // Without a suggestion the field stays empty, and the house picks a name.
  }
}

/** The form that takes another name; renamed(user) is called with who one is now. */
export function bindRename(form, user, renamed) {
  const note = find("[role=status]", form);
  form.elements.nickname.value = user.nickname;
  bindForm(form, async () => {
    const nickname = form.elements.nickname.value.trim();
    note.className = "say--bad small";
    const told = await ask("PATCH", "/api/auth/me/", { nickname });
    note.className = "say--good small";
    write(note, gettext("This is your name now."));
    renamed(told.user);
  });
  find("button", form).disabled = false;
}
