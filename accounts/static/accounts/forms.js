/* Forms that log in, register, or keep a guest's coins. */

import { find } from "../web/elements.js";
import { bindForm } from "../web/forms.js";
import { ask, whoAmI } from "../web/session.js";

// Only a path of our own is followed after signing in.
function nextPage() {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  return /^\/(?![/\\])/.test(next) ? next : "/me/";
}

for (const form of document.querySelectorAll("form[data-call]")) {
  bindForm(form, async () => {
    await ask("POST", form.dataset.call, Object.fromEntries(new FormData(form)));
    location.assign(nextPage());
    return true;
  });
  // Until this script listens, a press would be lost, or the browser would send the form itself.
  find("button", form).disabled = false;
}

whoAmI().then((me) => {
  // A guest who registers stays who they are.
  const field = find("[data-register-name]");
  if (me?.user.is_guest && field && !field.value) field.value = me.user.nickname;
}, () => {});
