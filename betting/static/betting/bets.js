/* Bets on their way. A bet gets its id here and keeps it until it is answered: over a reconnect, a
   reload, an `unavailable`. The same id counts once, however often it is asked. */

import { uuid } from "../rooms/uuid.js";

const AGAIN_MS = 3_000;
const LIFE_MS = 10_000;
// Refusals of this copy only: an earlier copy that was not answered may have been taken.
const OF_THIS_COPY = new Set(["too_fast", "busy", "sign_in"]);

export class Bets {
  #key;
  #waiting = new Map();
  #timers = new Map();

  /** send(message) → whether it left; now() is server time; answered(bet, answer) and
      unknown(bet) tell the page. */
  constructor({ userId, code, send, now, answered, unknown }) {
    this.#key = `ringside.bets.${userId}.${code}`;
    Object.assign(this, { send, now, answered, unknown });
    for (const bet of this.#stored()) this.#waiting.set(bet.bet_id, bet);
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

  /** Place a bet; it is asked until it is answered. */
  place(market, outcome, stake) {
    const bet = {
      bet_id: uuid(), market, outcome, stake,
      expires_at_ms: Math.round(this.now() + LIFE_MS), copies: 0,
    };
    this.#waiting.set(bet.bet_id, bet);
    this.#store(bet);
    this.#ask(bet);
    return bet;
  }

  /** After a welcome every bet that is still open is asked again. */
  askAgain() {
    for (const bet of this.#waiting.values()) this.#ask(bet);
  }

  #ask(bet) {
    const { copies, ...message } = bet;
    if (copies > 0) this.unknown(bet);
    if (this.send({ type: "bet.place", ...message })) {
      bet.copies = copies + 1;
      this.#store(bet);
    }
    this.#later(bet, AGAIN_MS);
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
    clearTimeout(this.#timers.get(bet.bet_id));
    this.#waiting.delete(bet.bet_id);
    this.#store(bet);
    this.answered(bet, message);
    return true;
  }
}
