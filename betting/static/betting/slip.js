/* The slip: what a chosen answer would bring, the stake, and the one button that says it all. */

import { element, find, icon } from "../web/elements.js";
import { clockTime, exact } from "../web/figures.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { backIf } from "./arithmetic.js";
import { isKept } from "./bets.js";
import { letterOf, shape } from "./marks.js";
import { isOpen } from "./picture.js";
import { Stake } from "./stake.js";
import { stateWords } from "./words.js";

const TAKEN_MS = 1_500;
const SAID_MS = 6_000;
const KEPT = { text: gettext("Will be sent when the network is back."), kind: "plain", drawn: "sand" };

export class Slip {
  #root;
  #bets;
  #stake;
  #market = null;
  #view = null;
  #chosen = new Map();
  #said = null;
  #written = null;
  #taken = null;

  /** bets() is known once the room said who we are; choose(id) redraws the posts. */
  constructor(root, { bets, redraw }) {
    this.#root = root;
    this.#bets = bets;
    this.part = (name) => find(`[data-${name}]`, root);
    this.#stake = new Stake(root, redraw);
    this.button = this.part("go");
  }

  /** The answer this person points at: the chosen one, or the one they stand on. */
  chosen(market, mine) {
    const standing = [...mine.keys()];
    if (!market.hedging && standing.length) return standing[0];
    return this.#chosen.get(market.id) ?? null;
  }

  choose(marketId, outcomeId) {
    this.#chosen.set(marketId, outcomeId);
    this.#said = null;
  }

  /** view: {mine, wallet, connection, asOf, nowMs}. */
  draw(market, view) {
    this.#market = market;
    this.#view = view;
    this.#root.hidden = !market || !(isOpen(market) || this.#isOwedWords(market));
    if (this.#root.hidden) return;
    for (const part of this.#root.querySelectorAll("fieldset, .stepper")) part.hidden = !isOpen(market);
    const outcome = market.outcomes.find(({ id }) => id === this.chosen(market, view.mine));
    this.#root.dataset.outcome = outcome ? letterOf(market, outcome.id) : "";
    const staked = [...view.mine.values()].reduce((sum, count) => sum + count, 0);
    this.#stake.draw(market, { staked, wallet: view.wallet });
    this.#drawWords(outcome);
    this.#drawButton(outcome);
  }

  // What became of the last bet is still said when the question has closed meanwhile; that it was
  // taken stands on the ticket then.
  #isOwedWords(market) {
    return this.#bets()?.of(market.id) || (this.#isSaying && this.#said.kind !== "good");
  }

  get #isSaying() {
    if (this.#said === null || this.#said.until <= performance.now()) return false;
    return [null, this.#market?.id].includes(this.#said.market);
  }

  #drawWords(outcome) {
    const bet = this.#bets()?.of(this.#market.id);
    const kept = bet && isKept(bet) ? KEPT : null;
    const said = kept ?? (this.#isSaying ? this.#said : null);
    this.#drawSaid(said);
    this.part("take-back").hidden = !kept;
    this.part("estimate").hidden = Boolean(said);
    this.part("until-lock").hidden = true;
    if (said) return;
    if (!outcome) return this.part("about").replaceChildren(gettext("Tap an answer to bet on it."));
    if (this.#view.connection !== "open") {
      return this.part("about").replaceChildren(gettext("No connection: a bet waits until it is back."));
    }
    const letter = letterOf(this.#market, outcome.id);
    const back = backIf(this.#market, outcome, this.#view.mine.get(outcome.id) ?? 0, this.#stake.amount);
    if (back === null) {
      return this.part("about").replaceChildren(gettext("Blind: the odds show at the lock."));
    }
    const words = fill(gettext("About %(coins)s back if %(letter)s wins"), {
      coins: "\u0000", letter,
    });
    const [before, after] = words.split("\u0000");
    this.part("about").replaceChildren(before, element("b", { class: "num" }, exact(back)), after);
    this.part("until-lock").hidden = false;
  }

  // Written once, for it is read out. Emptied, not hidden: a hidden line's words are not read out.
  #drawSaid(said) {
    if (said === this.#written) return;
    this.#written = said;
    const line = this.part("said");
    if (!said) return line.replaceChildren();
    line.className = said.kind === "plain" ? "say" : `say say--${said.kind}`;
    line.replaceChildren(icon(said.drawn), said.text);
  }

  /** With the next drawing say what happened, in place of the estimate: of one market's bet under
      that market only. kind is good, bad or plain. */
  say(text, kind, drawn, market = null, forMs = SAID_MS) {
    this.#said = { text, kind, drawn, market, until: performance.now() + forMs };
  }

  /** Keep saying it until something else is said. */
  hush() {
    this.#said = null;
  }

  /** A bet of ours was taken; market is null where the page does not know it. */
  taken(bet, answer, market) {
    this.#taken = { market: bet.market, atMs: answer.at_ms, until: performance.now() + TAKEN_MS };
    const words = ngettext(
      "Accepted %(time)s. You have %(position)s on %(letter)s and %(coins)s coin.",
      "Accepted %(time)s. You have %(position)s on %(letter)s and %(coins)s coins.", answer.coins);
    this.say(fill(words, {
      time: clockTime(answer.at_ms), position: exact(answer.position),
      letter: market ? letterOf(market, bet.outcome) : "", coins: exact(answer.coins),
    }), "good", "check", bet.market);
  }

  #drawButton(outcome) {
    const [label, look, isReady] = this.#buttonWords(outcome);
    const button = this.button;
    button.classList.toggle("is-sending", look === "sending");
    button.classList.toggle("is-taken", look === "taken");
    // Sending and taken keep the focus where it is; only what needs words beside it is disabled.
    button.disabled = !isReady && !look;
    button.setAttribute("aria-disabled", String(!isReady));
    if (button.dataset.label === label) return;
    button.dataset.label = label;
    const letter = this.#root.dataset.outcome;
    const drawn = look === "taken" ? icon("check") : isReady && letter ? shape(letter) : null;
    button.replaceChildren(...(look === "taken" ? [drawn, label] : [label, drawn].filter(Boolean)));
  }

  // [label, look, may it be pressed]
  #buttonWords(outcome) {
    const { mine, nowMs } = this.#view;
    const bet = this.#bets()?.of(this.#market.id);
    if (bet) {
      const figures = { coins: exact(bet.stake), letter: letterOf(this.#market, bet.outcome) };
      if (isKept(bet)) return [fill(gettext("Waiting: %(coins)s on %(letter)s"), figures), "kept", false];
      return [fill(gettext("Sending %(coins)s on %(letter)s…"), figures), "sending", false];
    }
    if (this.#taken?.market === this.#market.id && this.#taken.until > performance.now()) {
      return [fill(gettext("Accepted %(time)s"), { time: clockTime(this.#taken.atMs) }), "taken", false];
    }
    const refusal = this.#cannot(nowMs) ?? (outcome ? null : gettext("Choose an answer"));
    if (refusal) return [refusal, null, false];
    const words = mine.get(outcome.id)
      ? gettext("Add %(coins)s on %(letter)s") : gettext("Bet %(coins)s on %(letter)s");
    const letter = letterOf(this.#market, outcome.id);
    return [fill(words, { coins: exact(this.#stake.amount), letter }), null, true];
  }

  #cannot(nowMs) {
    const market = this.#market;
    if (!isOpen(market)) return stateWords(market)[2];
    if (this.#view.isPaused) return gettext("Bets are paused");
    if (market.frozen) return gettext("On hold");
    if (market.closes_at_ms !== null && nowMs >= market.closes_at_ms) return gettext("Closing…");
    return this.#stake.whyNothing ?? (this.#stake.whyNot ? gettext("Change the stake") : null);
  }

  /** What the button would do now, or null: {market, outcome, stake}. */
  get order() {
    if (this.button.getAttribute("aria-disabled") === "true") return null;
    const outcome = this.chosen(this.#market, this.#view.mine);
    return { market: this.#market.id, outcome, stake: this.#stake.amount };
  }
}
