/* The lobby: the code field, and the public rooms as they are now. */

import { element, find, write } from "../web/elements.js";
import { coins } from "../web/figures.js";
import { showCoins } from "../accounts/purse.js";
import { suggestName } from "../accounts/names.js";
import { inTab } from "../web/kept.js";
import { ask, whoAmI } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { clubLine } from "./club-words.js";
import { bandWords, Nearby } from "./nearby.js";

const AGAIN_MS = 10_000;
const CODE = /^[A-HJKMNP-Z2-9]{6}$/;
// As rooms/codes.py: blanks and dashes, and what chat apps set around a text unseen.
const BETWEEN = /[\s\-\u2010-\u2015\u2212\u30fc\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

const list = find("[data-rooms]");
const note = find("[data-rooms-note]");
const more = find("[data-more]");
const form = find("[data-join]");
const nearby = new Nearby(() => look());

function questions(room) {
  if (!room.open_markets) return gettext("Nothing open yet");
  const words = ngettext("%(count)s question open", "%(count)s questions open", room.open_markets);
  return fill(words, { count: room.open_markets });
}

const ROLES = {
  host: gettext("You host"), cohost: gettext("You are co-host"), moderator: gettext("You moderate"),
  player: gettext("You are in"),
};

function ownCard(room) {
  const words = room.status === "ended" ? gettext("ended") : questions(room);
  return element("li", {}, element("a", { class: "roomcard", href: `/r/${room.code}/` },
    element("span", { class: "head num" }, element("b", {}, coins(room.here)), gettext("here")),
    element("div", { class: "body" }, element("h3", {}, room.title),
      element("p", {}, `${ROLES[room.role]} · ${room.code}`),
      element("p", { class: "muted" }, words))));
}

const OWN_SHOWN = 3;

/** My rooms, the latest first; unlisted and ended ones are found here again. */
async function listOwn() {
  const panel = find("[data-mine]");
  const all = find("button", panel);
  const { results } = await ask("GET", "/api/me/rooms/");
  const show = (some) => find("ul", panel).replaceChildren(...some.map(ownCard));
  show(results.slice(0, OWN_SHOWN));
  all.hidden = results.length <= OWN_SHOWN;
  all.addEventListener("click", () => {
    show(results);
    all.hidden = true;
  });
  panel.hidden = results.length === 0;
}

/** My clubs with my coins there; those who may make one find the page where there is none, too. */
async function listClubs(wallets) {
  const { results, may_make: mayMake } = await ask("GET", "/api/clubs/");
  const panel = find("[data-own-clubs]");
  find("ul", panel).replaceChildren(...results.map((club) => clubLine(club, wallets)));
  panel.hidden = !results.length && !mayMake;
}

function card(room) {
  const band = nearby.isOn ? bandWords(room.place?.band) : "";
  const isHere = nearby.isOn && room.place?.band === "inside";
  return element("li", {}, element("a", {
    class: isHere ? "roomcard here" : "roomcard", href: `/r/${room.code}/`,
  },
    element("span", { class: "head num" }, element("b", {}, coins(room.here)), gettext("here")),
    element("div", { class: "body" },
      element("h3", {}, room.title),
      element("p", {}, band && element("span", { class: "band" }, band), band && " · ",
        fill(gettext("hosted by %(name)s"), { name: room.host.nickname })),
      element("p", { class: "muted" }, questions(room)))));
}

let drawn = "";
let pages = 1;

function draw(rooms) {
  const picture = JSON.stringify([rooms, nearby.isOn]);
  if (picture === drawn) return;
  drawn = picture;
  // A card somebody is about to open must not lose the focus.
  const focused = document.activeElement?.getAttribute?.("href");
  list.replaceChildren(...rooms.map(card));
  if (focused) find(`a[href="${CSS.escape(focused)}"]`, list)?.focus();
  find("[data-no-rooms]").hidden = rooms.length > 0;
  nearby.draw(rooms);
}

/** [rooms, whether there are more], as far as was turned. */
async function listed(query) {
  const rooms = [];
  let next = `/api/rooms/${query}`;
  for (let page = 0; next && page < pages; page += 1) {
    const told = await ask("GET", next);
    rooms.push(...told.results);
    next = told.next;
  }
  return [rooms, Boolean(next)];
}

async function look() {
  if (document.hidden) return;
  const { query } = nearby;
  try {
    const [rooms, hasMore] = await listed(query);
    // What was asked from another position, or without one, comes too late.
    if (query !== nearby.query) return;
    draw(rooms);
    more.hidden = !hasMore;
    write(note, "");
  } catch (error) {
    write(note, error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = form.elements.code;
  const code = field.value.normalize("NFKC").replace(BETWEEN, "").toUpperCase();
  const isCode = CODE.test(code);
  field.setAttribute("aria-invalid", String(!isCode));
  find("[data-code-note]", form).hidden = isCode;
  if (!isCode) return field.focus();
  // Stepping in here is the one tap; the room page need not ask again.
  inTab.set("ringside.step-in", code);
  inTab.set("ringside.name", form.elements.nickname.value.trim());
  location.assign(`/r/${code}/`);
});

more.addEventListener("click", async () => {
  more.disabled = true;
  pages += 1;
  await look();
  more.disabled = false;
});

find("button", form).disabled = false;

list.addEventListener("click", (event) => {
  const link = event.target.closest("a.roomcard");
  if (!link) return;
  inTab.set("ringside.step-in", link.pathname.split("/")[2]);
  inTab.set("ringside.name", form.elements.nickname.value.trim());
});

whoAmI().then((me) => {
  find("[data-your-name]").hidden = Boolean(me);
  if (!me) suggestName(form.elements.nickname);
  if (me) listOwn().catch(() => {});
  if (me) listClubs(me.wallets).catch(() => {});
  if (me) showCoins(me.wallets[0]?.coins ?? 0);
  find("[data-purse]").hidden = !me;
  find("[data-sign-in]").hidden = Boolean(me);
}, () => {});
look();
setInterval(look, AGAIN_MS);
document.addEventListener("visibilitychange", look);
