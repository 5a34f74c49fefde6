/* My clubs, and a new one where the house lets me. */

import { find, write } from "../web/elements.js";
import { bindForm } from "../web/forms.js";
import { ask, whoAmI } from "../web/session.js";
import { gettext } from "../web/words.js";
import { clubLine } from "./club-words.js";
import { turn } from "./turning.js";
import { uuid } from "./uuid.js";

const page = find("[data-clubs]");
const says = find("[data-says]");
// The same key until it is answered: two taps make one club.
const key = uuid();

async function look() {
  const me = await whoAmI();
  find("[data-stranger]", page).hidden = Boolean(me);
  find("[data-own]", page).hidden = !me;
  if (!me) return;
  const { results, may_make: mayMake } = await turn("/api/clubs/", find("[data-more]", page), says,
    (told) => find("ul", page).append(...told.results.map((club) => clubLine(club, me.wallets))));
  find("[data-new]").hidden = !mayMake;
  write(says, results.length ? "" : gettext("None yet."));
}

bindForm(find("form", page), async (_button) => {
  const { slug } = await ask("POST", "/api/clubs/", {
    title: find("#club-title").value.trim(), key,
  });
  location.assign(`/c/${slug}/`);
  return true;
});
look().catch((error) => write(says, error.message));
