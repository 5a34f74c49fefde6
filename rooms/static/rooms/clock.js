/* The server's time. The phone's own clock is never read, only how much of it passes. */

const TRUST_MS = 60_000;

export class ServerClock {
  #base = null;
  #doubt = Infinity;
  #notedAt = 0;

  /** The server said nowMs in answer to what was sent at sentAt (performance.now()). */
  note(nowMs, sentAt) {
    const at = performance.now();
    const doubt = (at - sentAt) / 2;
    const base = nowMs + doubt - at;
    // A quick answer is a good one; an old one, or one that contradicts it, makes room.
    const isBetter = doubt <= this.#doubt || at - this.#notedAt > TRUST_MS;
    if (isBetter || Math.abs(base - this.#base) > doubt + this.#doubt) {
      this.#base = base;
      this.#doubt = doubt;
      this.#notedAt = at;
    }
  }

  get isKnown() {
    return this.#base !== null;
  }

  now() {
    return this.#base === null ? null : this.#base + performance.now();
  }
}
