/* My e-mail: whether it is confirmed, and having the link sent again. */

import { find, write } from "../web/elements.js";
import { ask } from "../web/session.js";
import { gettext } from "../web/words.js";

const PATH = "/api/auth/email/";

export async function bindOwnEmail(panel) {
  const note = find("[role=status]", panel);
  const button = find("button", panel);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await ask("POST", PATH);
      button.hidden = true;
      write(note, gettext("A link is on its way. Look among unwanted mail, too."));
      note.focus();
    } catch (error) {
      write(note, error.message);
    }
    button.disabled = false;
  });
  const own = await ask("GET", PATH).catch(() => null);
  if (!own?.email) return;
  write(find("[data-address]", panel), own.email);
  write(note, own.is_verified
    ? gettext("Confirmed.") : gettext("Not confirmed yet: open the link that was sent there."));
  button.hidden = own.is_verified;
  panel.hidden = false;
}
