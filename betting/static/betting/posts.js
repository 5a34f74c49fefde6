/* The answers of a question as posts: made once, then only their figures change. */

import { element, icon, write } from "../web/elements.js";
import { coins, exact, odds, share, width } from "../web/figures.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { letterAt, pad } from "./marks.js";
import { people } from "./words.js";

const MANY = 5;
// Answers wider than so many Latin letters do not fit beside their figures on a phone.
const LONG = 30;
const LONG_OF_MANY = 18;
const HOLD_MS = 1_000;
const SVG = "http://www.w3.org/2000/svg";
const SLACK = "M0 3Q50 24 100 3M0 9Q50 33 100 9M0 15Q50 42 100 15";

/** Three straight ropes, and the tick of the people. */
export function bar() {
  return element("span", { class: "bar", "aria-hidden": "true" }, element("i"), element("b"));
}

/** The ropes of an answer that lost. */
export function slackRopes() {
  const svg = document.createElementNS(SVG, "svg");
  const traits = { class: "slack", viewBox: "0 0 100 30", preserveAspectRatio: "none" };
  for (const [name, value] of Object.entries({ ...traits, "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SLACK);
  path.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(path);
  return svg;
}

/** One post. kind is radio, checkbox, or plain where nothing can be chosen. */
class Post {
  constructor(outcome, place, kind, isSlack) {
    const letter = letterAt(place);
    const cell = (name) => element("span", { class: `post-${name} num` });
    this.input = kind === "plain" ? null : element("input", {
      class: "vh", type: kind, name: "outcome", value: outcome.id,
    });
    this.name = element("span", { class: "post-name" }, outcome.label);
    [this.share, this.coins, this.heads] = ["share", "coins", "heads"].map(cell);
    this.odds = element("span");
    this.times = element("span", { class: "x" }, "×");
    this.mine = element("span", { class: "you", hidden: true });
    this.amount = element("span");
    this.bar = isSlack ? slackRopes() : bar();
    const oddsCell = cell("odds");
    oddsCell.append(this.times, this.odds);
    this.coins.append(this.amount, this.mine);
    this.node = element(kind === "plain" ? "li" : "label", {
      class: "post", "data-outcome": letter,
    }, this.input, pad(letter), this.input && element("span", { class: "tickmark" }, icon("check")),
    this.name, this.share, oddsCell, this.bar, this.coins, this.heads);
  }

  draw(outcome, market, mine) {
    const isHidden = outcome.coins === null;
    this.node.toggleAttribute("data-blind", isHidden);
    this.#drawFigures(outcome, market);
    // Slack, grey ropes and a question mark stand where figures will be.
    if (isHidden) [this.share, this.amount].forEach((node) => write(node, ""));
    if (isHidden) write(this.odds, "?");
    this.mine.hidden = !mine;
    if (mine) write(this.mine, fill(gettext("you %(coins)s"), { coins: coins(mine) }));
  }

  #drawFigures(outcome, market) {
    const part = share(outcome.coins, market.coins);
    this.node.style.setProperty("--share", part.toFixed(1));
    this.node.style.setProperty("--crowd", share(outcome.heads, market.bettors).toFixed(1));
    this.bar.classList.toggle("bar--empty", !outcome.heads);
    write(this.share, `${Math.round(part)} %`);
    write(this.odds, odds(outcome.odds));
    this.times.hidden = outcome.odds === null;
    const words = ngettext("%(coins)s coin", "%(coins)s coins", outcome.coins);
    write(this.amount, outcome.coins
      ? fill(words, { coins: coins(outcome.coins) }) : gettext("no bets yet"));
    if (outcome.coins >= 10000) this.amount.title = exact(outcome.coins);
    write(this.heads, outcome.heads ? people(outcome.heads) : "");
  }

  crown() {
    this.node.classList.add("won");
    this.name.append(" ", element("span", { class: "flag" }, icon("check"), gettext("Winner")));
  }
}

export class Posts {
  #posts = new Map();
  #held = null;
  #waiting = null;

  /** kind as for a post; `slack` names the outcomes whose ropes hang. */
  constructor(market, { kind = "plain", slack = new Set(), winners = [] } = {}) {
    this.node = element(kind === "plain" ? "ul" : "fieldset", { class: "posts", id: "outcomes" });
    this.node.toggleAttribute("data-many", market.outcomes.length >= MANY);
    const widest = Math.max(...market.outcomes.map(({ label }) => width(label)));
    const most = market.outcomes.length >= MANY ? LONG_OF_MANY : LONG;
    this.node.toggleAttribute("data-long", widest > most);
    if (kind !== "plain") {
      const legend = gettext("Choose an answer");
      this.node.append(element("legend", { class: "vh" }, legend));
      this.node.setAttribute("aria-live", "off");
    }
    market.outcomes.forEach((outcome, place) => {
      const post = new Post(outcome, place, kind, slack.has(outcome.id));
      if (winners.includes(outcome.id)) post.crown();
      // One line each leaves no room under the ropes: what is mine stands before the name.
      if (market.outcomes.length >= MANY) post.name.prepend(post.mine);
      this.#posts.set(outcome.id, post);
      this.node.append(post.node);
    });
    this.node.addEventListener("pointerdown", (event) => this.#hold(event));
  }

  // Under the thumb figures hold still, for a second at most.
  #hold(event) {
    if (!event.target.closest(".post")) return;
    const release = () => {
      clearTimeout(this.#held);
      this.#held = null;
      if (this.#waiting) this.draw(...this.#waiting);
    };
    clearTimeout(this.#held);
    this.#held = setTimeout(release, HOLD_MS);
    addEventListener("pointerup", release, { once: true });
    addEventListener("pointercancel", release, { once: true });
  }

  /** mine: outcome id → my coins. */
  draw(market, mine) {
    this.#waiting = this.#held ? [market, mine] : null;
    if (this.#held) return;
    for (const outcome of market.outcomes) {
      this.#posts.get(outcome.id).draw(outcome, market, mine.get(outcome.id) ?? 0);
    }
  }

  /** The chosen ids; setting one does not fire events. */
  get chosen() {
    return [...this.#posts].filter(([, post]) => post.input?.checked).map(([id]) => id);
  }

  choose(id) {
    const post = this.#posts.get(id);
    if (post?.input) post.input.checked = true;
  }

  /** Leave only these ids to be chosen; null leaves all. The rule of the ring says why. */
  allow(ids) {
    for (const [id, { input }] of this.#posts) {
      if (!input) continue;
      input.disabled = ids !== null && !ids.includes(id);
      if (input.disabled) input.setAttribute("aria-describedby", "rule");
    }
  }
}
