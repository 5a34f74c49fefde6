/* Bets on their way. A bet gets its id here and keeps it until it is answered: over a reconnect, a
   reload, an `unavailable`. The same id counts once, however often it is asked. One that is placed
   while there is no connection waits here for it, and can be taken back until it is sent. */

import { gettext } from "../web/words.js";
import { uuid } from "../rooms/uuid.js";

const AGAIN_MS = 3_000;
const LIFE_MS = 10_000;
// Whoever comes back later than this has forgotten what was to be bet.
const KEPT_MS = 10 * 60_000;
const LAPSED = {
  market_closed: gettext("Locked while you were offline: your bet was not sent. No coins moved."),
  expired: gettext("Your bet waited for 10 minutes and was not sent. No coins moved."),
};
// Refusals of this copy only: an earlier copy that was not answered may have been taken.
const OF_THIS_COPY = new Set(["too_fast", "busy", "sign_in"]);

/** Whether a bet waits for a connection: no copy of it ever left. */
export const isKept = (bet) => bet.copies === 0;

export class Bets {
  #key;
  #waiting = new Map();
  #timers = new Map();

  /** send(message) → whether it left; now() is server time; isOpen(marketId) whether it takes bets;
      answered(bet, answer) and unknown(bet) tell the page. */
  constructor({ userId, code, send, now, isOpen, answered, unknown }) {
    this.#key = `ringside.bets.${userId}.${code}`;
    Object.assign(this, { send, now, isOpen, answered, unknown });
    for (const bet of this.#stored()) this.#waiting.set(bet.bet_id, bet);
    addEventListener("storage", ({ key }) => key === this.#key && this.#dropTakenBack());
  }

  // What another page of this person took back, this one must not send.
  #dropTakenBack() {
    const stored = new Set(this.#stored().map((bet) => bet.bet_id));
    for (const bet of this.#waiting.values()) {
      if (isKept(bet) && !stored.has(bet.bet_id)) this.#waiting.delete(bet.bet_id);
    }
  }

  #stored() {
    try {
      return JSON.parse(localStorage.getItem(this.#key)) ?? [];
    } catch {
      return [];
    }
  }

  // Other pages of this person keep their bets under the same key; those stay as they are.
  #store(bet) {
    const others = this.#stored().filter((one) => one.bet_id !== bet.bet_id);
    const kept = this.#waiting.has(bet.bet_id) ? [...others, bet] : others;
    try {
      localStorage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // Without storage a reload forgets the id; the deadline below still ends the bet.
    }
  }

  /** The bet of a market that is not answered yet, if any. */
  of(marketId) {
    return [...this.#waiting.values()].find((bet) => bet.market === marketId) ?? null;
  }

  /** Place a bet; it is asked until it is answered, and kept until there is a connection. */
  place(market, outcome, stake) {
    const bet = { bet_id: uuid(), market, outcome, stake, placed_at_ms: this.now(), copies: 0 };
    this.#waiting.set(bet.bet_id, bet);
    this.#store(bet);
    this.#ask(bet);
  }

  /** Forget the bet of a market that was never sent. */
  takeBack(marketId) {
    const bet = this.of(marketId);
    if (bet && isKept(bet)) this.#forget(bet);
  }

  /** After a welcome every bet that is not answered is asked again; one that was kept is sent if
      its question still takes it. */
  askAgain() {
    for (const bet of this.#waiting.values()) {
      const why = isKept(bet) ? this.#whyNot(bet) : null;
      if (why) this.#answer(bet, { code: why, message: LAPSED[why] });
      else this.#ask(bet);
    }
  }

  #whyNot(bet) {
    if (!this.isOpen(bet.market)) return "market_closed";
    return this.now() - bet.placed_at_ms > KEPT_MS ? "expired" : null;
  }

  #ask(bet) {
    const { copies, placed_at_ms: _placed, ...order } = bet;
    if (copies > 0) this.unknown(bet);
    order.expires_at_ms ??= Math.round(this.now() + LIFE_MS);
    if (this.send({ type: "bet.place", ...order })) {
      Object.assign(bet, order, { copies: copies + 1 });
      this.#store(bet);
    }
    // One that never left waits for the next welcome.
    if (!isKept(bet)) this.#later(bet, AGAIN_MS);
  }

  #later(bet, waitMs) {
    clearTimeout(this.#timers.get(bet.bet_id));
    this.#timers.set(bet.bet_id, setTimeout(() => this.#ask(bet), waitMs * (0.8 + 0.4 * Math.random())));
  }

  /** Hear bet.accepted, bet.refused or an error; true when it was about a bet of ours. */
  hear(message) {
    const bet = this.#waiting.get(message.bet_id ?? message.re);
    if (!bet) return false;
    const isUnknown = message.code === "unavailable"
      || (bet.copies > 1 && OF_THIS_COPY.has(message.code));
    if (isUnknown) {
      this.unknown(bet);
      this.#later(bet, 1_000);
      return true;
    }
    this.#answer(bet, message);
    return true;
  }

  #answer(bet, answer) {
    this.#forget(bet);
    this.answered(bet, answer);
  }

  #forget(bet) {
    clearTimeout(this.#timers.get(bet.bet_id));
    this.#waiting.delete(bet.bet_id);
    this.#store(bet);
  }
}
