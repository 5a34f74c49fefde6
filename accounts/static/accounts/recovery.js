/* Another password by e-mail, and saying that an e-mail is one's own. What stands behind the # of a
   link leaves the address once it was used. */

import { find, write } from "../web/elements.js";
import { bindForm } from "../web/forms.js";
import { ask } from "../web/session.js";
import { gettext } from "../web/words.js";

const link = location.hash.slice(1);

const said = find("[data-said]");
const [asking, choosing, verifying] = ["reset", "choose", "verify"].map((name) => find(`[data-${name}]`));

function tell(form, words) {
  history.replaceState(null, "", location.pathname);
  form.hidden = true;
  write(said, words);
  said.focus();
}

const fields = (form) => Object.fromEntries(new FormData(form));

if (asking) {
  asking.hidden = Boolean(link);
  choosing.hidden = !link;
  bindForm(asking, async () => {
    await ask("POST", "/api/auth/reset/", fields(asking));
    tell(asking, gettext("If an account has this e-mail, a link is on its way. Look among unwanted mail, too."));
  });
  bindForm(choosing, async () => {
    try {
      await ask("POST", "/api/auth/reset/choose/", { link, ...fields(choosing) });
    } catch (error) {
      if (error.code === "not_found") find("[data-anew]").hidden = false;
      throw error;
    }
    tell(choosing, gettext("Password changed. You are signed out everywhere; sign in with the new one."));
  });
}

if (verifying) {
  bindForm(verifying, async () => {
    await ask("POST", "/api/auth/email/verify/", { link });
    tell(verifying, gettext("Thank you. Your e-mail is confirmed."));
  });
  find("button", verifying).disabled = false;
}
