/* The page of an evening, to be shared: for members, and for everybody if the host says so. */

import { element, find, write } from "../web/elements.js";
import { exact } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";
import { press } from "../web/press.js";
import { course } from "./course.js";
import { askEvening, drawEvening } from "./evening.js";

const RUN = ["host", "cohost"];
const page = find("main");
const { code } = page.dataset;

function round({ market, question, status, winners, coins }) {
  const end = status === "void" ? gettext("Refunded") : winners.join(" · ");
  return element("li", {}, element("bdi", {}, question), element("bdi", { class: "sub" }, end),
    element("span", { class: "amt" }, exact(coins), element("small", {}, gettext("coins in the pool"))),
    coins ? course(market) : null);
}

/** What only those who run the room can do here. */
async function offerTools() {
  const mine = (await ask("GET", "/api/me/rooms/")).results.find((room) => room.code === code);
  if (!RUN.includes(mine?.role)) return;
  const box = find("[data-public]");
  const says = find("[data-says]");
  box.checked = (await ask("GET", `/api/rooms/${code}/`)).evening_public;
  find("[data-running]").hidden = false;
  box.addEventListener("change", async () => {
    const isPublic = box.checked;
    const words = isPublic ? gettext("Everybody with the link sees it now.") : gettext("Members only.");
    const isDone = await press(box, says,
      () => ask("PATCH", `/api/rooms/${code}/`, { evening_public: isPublic }));
    if (isDone) write(says, words);
    else box.checked = !isPublic;
  });
}

async function start() {
  const note = find("[data-note]");
  try {
    const told = await askEvening(code);
    write(find("[data-title]"), told.title);
    document.title = fill(gettext("The evening: %(title)s"), told);
    drawEvening(find("[data-evening]"), told);
    find("[data-panel]").hidden = false;
    find("[data-rounds] ol").replaceChildren(...told.rounds.map(round));
    find("[data-rounds]").hidden = told.rounds.length === 0;
    write(note, "");
  } catch (error) {
    write(note, error.code === "sign_in" || error.code === "not_member"
      ? gettext("The host shows this evening to the members of the room only.") : error.message);
    return;
  }
  // A stranger has no rooms, and needs no tools.
  offerTools().catch(() => {});
}

start();
