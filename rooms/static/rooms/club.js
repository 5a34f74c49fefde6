/* A club: its rooms and its best, and for those who run it its members and settings. */

import { showCoins } from "../accounts/purse.js";
import { element, find, write } from "../web/elements.js";
import { coins, signed } from "../web/figures.js";
import { bindForm } from "../web/forms.js";
import { ask, whoAmI } from "../web/session.js";
import { fill, gettext } from "../web/words.js";
import { clubRole, coinsWords } from "./club-words.js";
import { turn } from "./turning.js";

const page = find("[data-club]");
const slug = page.dataset.club;
const path = `/api/clubs/${slug}/`;
const says = find("[data-says]");
const members = find("[data-members]");
const settings = find("[data-settings] form");

const roomCard = (room) => element("li", {}, element("a", {
  class: "roomcard", href: `/r/${room.code}/`,
},
  element("span", { class: "head num" }, element("b", {}, coins(room.here)), gettext("here")),
  element("div", { class: "body" }, element("h3", {}, room.title),
    element("p", {}, fill(gettext("hosted by %(name)s"), { name: room.host.nickname })))));

const bestLine = ({ rank, nickname, net }) => element("li", {},
  element("span", {}, `${rank}. ${nickname}`), element("span", { class: "amt" }, signed(net)));

function memberLine(member, mayRun) {
  const { user, role } = member;
  const words = {
    owner: gettext("owner"), moderator: gettext("moderator"), member: gettext("member"),
  }[role];
  const held = member.coins === undefined ? "" : ` · ${coinsWords(member.coins)}`;
  const line = element("li", {}, element("span", {}, user.nickname),
    element("span", { class: "sub" }, words + held));
  if (!mayRun || role === "owner") return line;
  const next = role === "moderator" ? "member" : "moderator";
  const label = next === "moderator" ? gettext("Make moderator") : gettext("Make member");
  const button = element("button", {
    class: "btn at-end", type: "button", "aria-label": `${label}: ${user.nickname}`,
  }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const note = find("[role=status]", members);
    try {
      const changed = await ask("POST", `${path}members/${user.id}/`, { role: next });
      const now = memberLine({ ...changed, coins: member.coins }, mayRun);
      line.replaceWith(now);
      find("button", now).focus();
      write(note, "");
    } catch (error) {
      button.disabled = false;
      write(note, error.message);
    }
  });
  line.append(button);
  return line;
}

async function listMembers(mayRun) {
  await turn(`${path}members/`, find("[data-more]", members), find("[role=status]", members),
    ({ results }) => find("ul", members).append(...results.map((member) => memberLine(member, mayRun))));
  members.hidden = false;
}

async function listRooms() {
  const { results } = await turn(`/api/rooms/?club=${slug}`, find("[data-more-rooms]"), says,
    (told) => find("[data-rooms]").append(...told.results.map(roomCard)));
  find("[data-no-rooms]").hidden = results.length > 0;
}

async function listBest() {
  const { top } = await ask("GET", `${path}leaderboard/`);
  const panel = find("[data-best]");
  find("ol", panel).replaceChildren(...top.map(bestLine));
  find("[data-empty]", panel).hidden = top.length > 0;
  panel.hidden = false;
}

function showSettings(club) {
  settings.elements.title.value = club.title;
  settings.elements.members_may_open_rooms.checked = club.members_may_open_rooms;
  find("[data-settings]").hidden = false;
}

bindForm(settings, async () => {
  const club = await ask("PATCH", path, {
    title: settings.elements.title.value.trim(),
    members_may_open_rooms: settings.elements.members_may_open_rooms.checked,
  });
  write(find("h1"), club.title);
  write(find("[role=status]", settings), gettext("Saved."));
});

find("[data-leave] button").addEventListener("click", async () => {
  try {
    await ask("POST", `${path}leave/`);
    location.assign("/clubs/");
  } catch (error) {
    write(says, error.message);
  }
});

async function start() {
  const [me, club] = await Promise.all([whoAmI(), ask("GET", path), listRooms()]);
  write(find("[data-role]"), clubRole(club.role));
  find("[data-open]").hidden = !club.may_open_rooms;
  find("[data-leave]").hidden = !club.role || club.role === "owner";
  const held = me?.wallets.find((wallet) => wallet.club === slug);
  if (held) showCoins(held.coins);
  find("[data-purse]").hidden = !held;
  if (club.role) await listBest();
  const mayRun = club.role === "owner";
  if (mayRun) showSettings(club);
  if (mayRun || club.role === "moderator") await listMembers(mayRun);
}

start().catch((error) => write(says, error.message));
