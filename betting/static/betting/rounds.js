/* Earlier rounds of the room, newest first, with what they brought. */

import { element } from "../web/elements.js";
import { signed } from "../web/figures.js";
import { course } from "./course.js";
import { endWords } from "./words.js";

// What was unfolded stays so when the list is drawn anew.
const folds = new Map();

function foldOf(market) {
  if (!market.coins) return null;
  if (!folds.has(market.id)) folds.set(market.id, course(market.id, market));
  return folds.get(market.id);
}

/** draw(list, markets newest first, staked(market) → coins); `but` is on the stage already. */
export function drawRounds(panel, markets, staked, but) {
  const rounds = markets.filter((market) => market !== but);
  panel.hidden = rounds.length === 0;
  const drawnAs = rounds.map(({ id, version, mine }) => [id, version, mine?.payout]).join("|");
  if (panel.dataset.drawn === drawnAs) return;
  panel.dataset.drawn = drawnAs;
  panel.querySelector("ol").replaceChildren(...rounds.map((market, place) => {
    const payout = market.mine?.payout ?? null;
    const net = payout === null || !staked(market) ? null : payout - staked(market);
    return element("li", { class: "round" },
      element("span", { class: "no", "aria-hidden": "true" }, String(rounds.length - place)),
      element("span", {}, market.question, element("br"),
        element("span", { class: "small muted" }, endWords(market))),
      element("span", { class: "num right" }, net === null ? ""
        : element("b", { class: net > 0 ? "plus" : "" }, signed(net))), foldOf(market));
  }));
}
