/* The ticket in hand: what is staked once the question is locked, and what came of it. */

import { element, icon } from "../web/elements.js";
import { exact, odds, signed } from "../web/figures.js";
import { fill, gettext } from "../web/words.js";
import { backIf } from "./arithmetic.js";
import { letterOf, mark } from "./marks.js";
import { isFinal } from "./picture.js";
import { reasonWords } from "./words.js";

function facts(pairs) {
  const list = element("dl", { class: "num" });
  for (const [name, value] of pairs) {
    list.append(element("dt", {}, ...[name].flat()), element("dd", {}, value));
  }
  return list;
}

function stub(above, figure, below) {
  return element("div", { class: "stub" },
    element("span", { class: "small muted" }, above), element("b", { class: "num" }, figure),
    element("span", { class: "small muted" }, below));
}

function inHand(market, mine) {
  const bets = [...mine].map(([id, staked]) => ({
    staked, letter: letterOf(market, id), outcome: market.outcomes.find((one) => one.id === id),
  }));
  const [first] = bets;
  const pairs = bets.flatMap(({ staked, letter, outcome }) => [
    [[gettext("Staked on"), " ", mark(letter)], exact(staked)],
    [gettext("Final odds"), outcome.odds === null ? "–" : `×${odds(outcome.odds)}`],
  ]);
  const title = element("h3", {}, gettext("Your bet"), " ",
    ...(bets.length === 1 ? [first.outcome.label] : []));
  const best = bets.reduce((a, b) => (worth(market, b) > worth(market, a) ? b : a));
  return [element("div", {}, title, facts(pairs)),
    stub(fill(gettext("if %(letter)s wins"), { letter: best.letter }),
      exact(worth(market, best)), gettext("back to you"))];
}

const worth = (market, { outcome, staked }) => backIf(market, outcome, staked);

function result(market, mine, rank) {
  const staked = [...mine.values()].reduce((sum, count) => sum + count, 0);
  const net = market.mine.payout - staked;
  if (market.status === "void") {
    return [element("div", {}, element("h2", { class: "mid" }, gettext("Refunded")),
      element("p", { class: "net num" }, signed(net)),
      facts([[gettext("Given back"), exact(market.mine.payout)],
        [gettext("Why"), reasonWords(market.reason)]])),
    element("div", { class: "stub" }, icon("return"))];
  }
  const title = net > 0 ? gettext("You won") : net < 0 ? gettext("Not this time")
    : gettext("Your stake is back");
  const pairs = [...mine].map(([id, coins]) => [
    [gettext("Staked on"), " ", mark(letterOf(market, id))], exact(coins)]);
  pairs.push([gettext("Paid to you"), exact(market.mine.payout)]);
  return [element("div", {}, element("h2", { class: "mid" }, title),
    element("p", { class: `net num ${net > 0 ? "plus" : "minus"}` }, signed(net)), facts(pairs)),
  rank ? stub(gettext("in this room"), fill(gettext("#%(rank)s"), { rank: exact(rank) }),
    gettext("by coins won")) : null];
}

export class Ticket {
  #place;
  #drawnAs = "";

  constructor(place) {
    this.#place = place;
  }

  /** Draw what belongs under this market: nothing while it is open or nothing is staked. */
  draw(market, mine, rank) {
    const isWanted = market && mine.size && market.status !== "open"
      && (!isFinal(market) || market.mine?.payout != null);
    const drawnAs = isWanted
      ? [market.id, market.status, market.version, [...mine], market.mine?.payout, rank].join("|") : "";
    if (drawnAs === this.#drawnAs) return;
    const isNews = isWanted && isFinal(market)
      && !this.#drawnAs.startsWith(`${market.id}|${market.status}`);
    this.#drawnAs = drawnAs;
    this.#place.hidden = !isWanted;
    if (!isWanted) return this.#place.replaceChildren();
    const parts = isFinal(market) ? result(market, mine, rank) : inHand(market, mine);
    const letter = mine.size === 1 ? letterOf(market, [...mine.keys()][0]) : null;
    parts[0].append(element("a", { class: "small", href: "/me/#ledger" }, gettext("In my ledger")));
    this.#place.replaceChildren(element("section", {
      class: `ticket${isNews ? " knock" : ""}`, "data-outcome": letter, "data-ticket": market.status,
    }, ...parts.filter(Boolean)));
  }
}
