/* What clubs and their roles are called. */

import { element } from "../web/elements.js";
import { exact } from "../web/figures.js";
import { fill, gettext } from "../web/words.js";

const ROLES = {
  owner: gettext("Your club"), moderator: gettext("You moderate"), member: gettext("You belong to it"),
};

export const clubRole = (role) => ROLES[role] ?? "";

export const coinsWords = (coins) => fill(gettext("%(coins)s coins"), { coins: exact(coins) });

/** A club in a list, with the own coins there. */
export function clubLine({ slug, title, role }, wallets) {
  const held = wallets.find(({ club }) => club === slug)?.coins ?? 0;
  return element("li", {}, element("a", { href: `/c/${slug}/` }, title),
    element("span", { class: "sub" }, `${clubRole(role)} · ${coinsWords(held)}`));
}
