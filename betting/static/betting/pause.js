/* Bets are paused: one strip above the question, and no bet can be placed meanwhile. */

const CODES = { bets_paused: true, bets_on: false };

export class Pause {
  #strip;

  constructor(strip) {
    this.#strip = strip;
  }

  get isPaused() {
    return !this.#strip.hidden;
  }

  /** Hear a notice; whether it was about this. */
  hear({ code }) {
    if (!(code in CODES)) return false;
    this.#strip.hidden = !CODES[code];
    return true;
  }

  /** A welcome begins anew: while bets are paused, the notice follows it. */
  welcome() {
    this.#strip.hidden = true;
  }
}
