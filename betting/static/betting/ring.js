/* The ring: one question with its state, its clock and its posts. */

import { find, icon, write } from "../web/elements.js";
import { clockTime, coins, left, share, width } from "../web/figures.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { isFinal, isOpen } from "./picture.js";
import { Posts } from "./posts.js";
import { people, remark, stateOf, stateWords } from "./words.js";

const LAST_MS = 10_000;
// A question wider than so many Latin letters is set smaller.
const LONG = 80;

const betWords = ({ bettors }) => fill(
  ngettext("%(people)s has bet", "%(people)s have bet", bettors), { people: people(bettors) });

export class Ring {
  posts = null;
  #root;
  #market = null;
  #drawnAs = "";

  constructor(root) {
    this.#root = root;
    this.part = (name) => find(`[data-${name}]`, root);
  }

  /** Draw a market, or that there is none. mayChoose: the answers are radios. */
  draw(market, mine, { mayChoose, nowMs }) {
    this.#market = market;
    this.part("looking").hidden = true;
    this.part("none").hidden = Boolean(market);
    this.part("some").hidden = !market;
    if (!market) return;
    const kind = mayChoose && isOpen(market) ? "radio" : "plain";
    const drawnAs = [market.id, kind, stateOf(market), market.winners].join("|");
    if (drawnAs !== this.#drawnAs) this.#build(market, kind);
    this.#drawnAs = drawnAs;
    this.posts.draw(market, mine);
    // Not on the big screen, where nobody bets.
    const rule = this.part("rule");
    if (rule) {
      write(rule, kind === "radio" && !market.hedging ? gettext("One answer per person here.") : "");
    }
    const words = ngettext("%(coins)s coin from %(people)s", "%(coins)s coins from %(people)s",
      market.coins);
    write(this.part("pool"), market.coins === null ? betWords(market) : market.coins
      ? fill(words, { coins: coins(market.coins), people: people(market.bettors) })
      : isFinal(market) ? gettext("nobody had bet") : gettext("no bets yet"));
    this.tick(nowMs);
  }

  #build(market, kind) {
    const final = isFinal(market);
    // Also where nobody had the winner, and so everything went back.
    const winners = final ? market.winners ?? [] : [];
    const losers = market.outcomes.map(({ id }) => id).filter((id) => !winners.includes(id));
    const focused = this.posts?.node.contains(document.activeElement)
      ? document.activeElement.value : null;
    this.posts = new Posts(market, { kind, winners, slack: new Set(final ? losers : []) });
    this.part("posts").replaceChildren(this.posts.node);
    if (focused) find(`input[value="${CSS.escape(focused)}"]`, this.posts.node)?.focus();
    this.#root.classList.toggle("is-locked", market.status === "locked");
    this.#root.classList.toggle("is-final", final);
    write(this.part("question"), market.question);
    this.part("question").toggleAttribute("data-long", width(market.question) > LONG);
    this.#root.dataset.market = market.id;
    this.#root.dataset.status = stateOf(market);
    const [look, drawn, word] = stateWords(market);
    const state = this.part("state");
    state.className = `state state--${look}`;
    state.replaceChildren(icon(drawn), word);
  }

  /** What changes with time alone. */
  tick(nowMs) {
    const market = this.#market;
    if (!market || nowMs === null) return;
    write(this.part("remark"), remark(market, nowMs));
    const [time, words, look] = this.#clock(market, nowMs);
    write(find("time", this.part("clock")), time);
    write(find("span", this.part("clock")), words);
    this.part("clock").className = `clock ${look}`;
    const whole = market.closes_at_ms - market.opened_at_ms;
    const part = isOpen(market) && market.closes_at_ms
      ? share(Math.max(0, market.closes_at_ms - nowMs), whole) : 100;
    this.part("topropes").style.setProperty("--left", part.toFixed(2));
  }

  #clock(market, nowMs) {
    if (isFinal(market)) {
      return [clockTime(market.settled_at_ms ?? nowMs).slice(0, 5),
        market.status === "void" ? gettext("refunded") : gettext("paid"), "clock--off"];
    }
    if (market.official) {
      return [left(Math.max(0, market.official.official_at_ms - nowMs)), gettext("official in"), ""];
    }
    if (market.status === "locked") {
      return [clockTime(market.locked_at_ms).slice(0, 5), gettext("locked"), "clock--off"];
    }
    if (market.closes_at_ms === null) return ["–:––", gettext("host locks it"), "clock--off"];
    const span = market.closes_at_ms - nowMs;
    return [left(span), gettext("closes in"), span <= LAST_MS ? "clock--last" : ""];
  }

  /** Grey the last picture while there is no connection. */
  stale(isStale) {
    this.#root.classList.toggle("is-stale", isStale);
  }
}
