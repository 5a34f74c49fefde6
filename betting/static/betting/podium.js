/* The end of a question on the big screen: who won, what that paid, who won most, all the ropes. */

import { element, find, write } from "../web/elements.js";
import { coins, exact, odds, share } from "../web/figures.js";
import { ask } from "../web/session.js";
import { gettext } from "../web/words.js";
import { letterAt, mark, pad } from "./marks.js";
import { bar, slackRopes } from "./posts.js";

const AGAIN_MS = 4_000;
const SEVERAL = 3;
const TIGHT = 5;
const MANY = 6;
// Names shrink first, then break within words, then shrink further.
const SIZES = [["normal", 100, 55], ["anywhere", 100, 35]];
const STEP_PERCENT = 5;
const ALL_DIGITS_BELOW = 1_000_000;

/** Make the type of a box smaller until nothing stands out of it. */
export function fit(box) {
  for (const [wrap, largest, smallest] of SIZES) {
    box.style.setProperty("--wrap", wrap);
    for (let percent = largest; percent >= smallest; percent -= STEP_PERCENT) {
      box.style.setProperty("--fit", percent / 100);
      const isHigh = box.scrollHeight > box.clientHeight + 1;
      if (!isHigh && box.scrollWidth <= box.clientWidth + 1) return;
    }
  }
}

function ropes(outcome, market, isSlack) {
  const drawn = isSlack ? slackRopes() : bar();
  drawn.style.setProperty("--share", share(outcome.coins, market.coins).toFixed(1));
  return drawn;
}

function champion(outcome, letter, market) {
  return element("li", { class: "champion", "data-outcome": letter }, pad(letter),
    element("div", { class: "body" }, element("p", { class: "name" }, outcome.label),
      element("p", { class: "pays num", "data-pays": outcome.id }), ropes(outcome, market, false)));
}

/** "paid ×3.13" with the figure large, wherever the language puts it. */
function paysWords(figure, isShort) {
  if (figure === undefined) return [element("small", {}, gettext("nobody had it"))];
  const words = isShort ? "×%(odds)s" : gettext("paid ×%(odds)s");
  const [before, after] = words.split("%(odds)s")
    .map((part) => part && element("small", {}, part));
  return [before, odds(figure), after].filter(Boolean);
}

function winLine({ rank, nickname, net }) {
  const figure = net < ALL_DIGITS_BELOW ? exact(net) : coins(net);
  return element("li", {}, element("span", { class: "no" }, exact(rank)),
    element("span", { class: "name" }, nickname || gettext("somebody")),
    element("span", { class: "plus" }, `+${figure}`));
}

export class Podium {
  #told;
  #market = null;
  #result = null;
  #again = null;

  /** told() is called when the house has told more of a result. */
  constructor(root, told) {
    this.#told = told;
    this.part = (name) => find(`[data-${name}]`, root);
    this.flag = this.part("won-flag");
    addEventListener("resize", () => this.#fit());
    document.fonts.ready.then(() => this.#fit());
  }

  /** How many people were paid; 0 until it is known. */
  get people() {
    return this.#result?.people ?? 0;
  }

  /** Draw a paid market; null leaves the stage. */
  draw(market) {
    if (market?.id === this.#market?.id) return;
    clearTimeout(this.#again);
    this.#market = market;
    this.#result = null;
    this.part("finish").hidden = !market;
    if (!market) return;
    this.#build(market);
    this.#fit();
    this.#ask(market.id);
  }

  #build(market) {
    const placed = market.outcomes.map((outcome, place) => [outcome, letterAt(place)]);
    const isWon = ({ id }) => market.winners.includes(id);
    const won = placed.filter(([outcome]) => isWon(outcome));
    const list = this.part("won");
    list.replaceChildren(...won.map(([outcome, letter]) => champion(outcome, letter, market)));
    write(find("span", this.flag), won.length > 1 ? gettext("Winners") : gettext("Winner"));
    if (won.length > 1) list.before(this.flag);
    else find(".body", list).prepend(this.flag);
    list.toggleAttribute("data-alone", won.length === 1);
    list.toggleAttribute("data-several", won.length >= SEVERAL);
    list.toggleAttribute("data-many", won.length >= MANY);
    const all = this.part("ropes");
    all.toggleAttribute("data-tight", placed.length >= TIGHT);
    all.toggleAttribute("data-many", placed.length >= MANY);
    all.replaceChildren(...placed.map(([outcome, letter]) => element("div", {
      "data-outcome": letter,
    }, mark(letter), ropes(outcome, market, !isWon(outcome)),
    element("span", {}, `${Math.round(share(outcome.coins, market.coins))} %`))));
    this.part("wins").replaceChildren();
  }

  async #ask(id) {
    const result = await ask("GET", `/api/markets/${id}/result/`).catch(() => null);
    if (this.#market?.id !== id) return;
    if (!result) {
      this.#again = setTimeout(() => this.#ask(id), AGAIN_MS);
      return;
    }
    this.#result = result;
    this.#show(result);
    this.#told();
  }

  #show(result) {
    const paid = new Map(result.odds.map((line) => [line.outcome, line.odds]));
    const list = this.part("won");
    for (const pays of list.querySelectorAll("[data-pays]")) {
      const figure = paid.get(Number(pays.dataset.pays));
      pays.replaceChildren(...paysWords(figure, list.hasAttribute("data-many")));
    }
    const lines = result.top.length ? result.top.map(winLine)
      : [element("li", { class: "none" }, gettext("Nobody won more than they staked."))];
    this.part("wins").replaceChildren(...lines);
    this.#fit();
  }

  #fit() {
    if (!this.#market) return;
    const boxes = this.part("finish").querySelectorAll(".body, .podium .name");
    [this.part("question"), ...boxes].forEach(fit);
  }
}
