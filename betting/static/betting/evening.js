/* The evening of a room: the best three, what was remarkable, and the standings. */

import { element, find } from "../web/elements.js";
import { exact, odds, signed } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

// The house tells what is at most five seconds old; not everybody asks at once.
const WAIT_MS = 5_500;
const SPREAD_MS = 3_000;

export const askEvening = (code) => ask("GET", `/api/rooms/${code}/evening/`);

/** A name that somebody chose: its direction stays its own, and nothing translates it. */
const isolated = (text, traits = {}) => element("bdi", { translate: "no", ...traits },
  text || gettext("somebody"));

function firstLine({ rank, nickname, net }) {
  return element("li", { "data-rank": rank }, element("span", { class: "no" }, exact(rank)),
    isolated(nickname, { class: "name" }), element("b", { class: "plus" }, signed(net)));
}

function feat(title, told, figure, about) {
  if (!told) return [];
  return [element("div", {}, element("dt", {}, title),
    element("dd", {}, isolated(told.nickname), " ", element("b", {}, figure),
      element("span", { class: "small muted" }, isolated(about))))];
}

function feats({ biggest_win: win, longest_odds: shot, unluckiest: loss }) {
  return [
    ...feat(gettext("Biggest win"), win, win && signed(win.net), win?.question),
    ...feat(gettext("Longest odds"), shot, shot && `×${odds(shot.odds)}`,
      shot && fill(gettext("%(answer)s · %(question)s"), shot)),
    ...feat(gettext("The unluckiest"), loss, loss && signed(loss.net), loss?.question),
  ];
}

function row({ rank, nickname, net }) {
  return element("tr", {}, element("td", {}, exact(rank)),
    element("th", { scope: "row" }, isolated(nickname)),
    element("td", { class: `n${net > 0 ? " plus" : ""}` }, signed(net)));
}

/** Draw an evening into its part of a page; `rows` of the standings at most. */
export function drawEvening(root, { podium, standings }, rows = Infinity) {
  find("[data-firsts]", root)?.replaceChildren(...podium.first.map(firstLine));
  find("[data-feats]", root)?.replaceChildren(...feats(podium));
  find("tbody", root).replaceChildren(...standings.slice(0, rows).map(row));
  find("[data-table]", root).hidden = standings.length === 0;
  find("[data-empty]", root).hidden = standings.length > 0;
  root.hidden = false;
}

/** Show the evening of an ended room where this visitor may see it; whether it is shown. */
export async function showEvening(root, code, rows) {
  try {
    drawEvening(root, await askEvening(code), rows);
    return true;
  } catch {
    // The words about the end stand there in any case.
    return false;
  }
}

/** The standings in a running room, asked for anew when a question was decided. */
export class Standings {
  /** Whether there is anything to show. */
  isKnown = false;
  #asked = null;

  constructor(panel, code) {
    Object.assign(this, { panel, code });
  }

  /** Look again after this decided market, once. */
  after(market) {
    if (!market || this.#asked === market.id) return;
    const isFirst = this.#asked === null && this.panel.hidden;
    this.#asked = market.id;
    setTimeout(() => this.#look(), (isFirst ? 0 : WAIT_MS) + SPREAD_MS * Math.random());
  }

  async #look() {
    const isShown = await showEvening(find("[data-evening]", this.panel), this.code, 10);
    this.panel.hidden = !isShown;
    this.isKnown = isShown && find("tbody", this.panel).children.length > 0;
  }
}
