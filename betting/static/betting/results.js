/* What final markets paid me. A market told to the whole room says nothing about me, so it is
   asked for; everybody at once would be a storm, so each page waits a moment of its own. */

import { ask } from "../web/session.js";
import { isFinal } from "./picture.js";

const WAIT_MS = 600;

export class Results {
  #asked = new Set();
  #ranks = new Map();

  constructor(code, { picture, drawn }) {
    Object.assign(this, { code, picture, drawn });
  }

  /** Ask for every final market of mine whose payout is not known, and for the one in the ring,
      whose ticket tells the place in the room, too. */
  want() {
    const rounds = this.picture.rounds();
    const shown = this.picture.running().length ? null : rounds[0];
    for (const market of rounds) {
      if (market.mine?.payout != null && (market !== shown || this.#ranks.has(market.id))) continue;
      if (market === shown || this.picture.mine(market).size) this.ask(market.id);
    }
  }

  /** Ask for one market as I see it. */
  ask(id) {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    setTimeout(() => this.#fetch(id), WAIT_MS * Math.random());
  }

  async #fetch(id) {
    try {
      const market = await ask("GET", `/api/markets/${id}/`);
      if (isFinal(market)) this.#ranks.set(id, await this.#rank(id));
      this.picture.market(market);
    } catch {
      // The picture stays as it was; the next welcome asks again.
    } finally {
      this.#asked.delete(id);
      this.drawn();
    }
  }

  // Only the newest result shows a place, and it can do without one.
  async #rank(id) {
    if (id !== this.picture.rounds()[0]?.id) return null;
    const standings = await ask("GET", `/api/rooms/${this.code}/leaderboard/`).catch(() => null);
    return standings?.me?.rank ?? null;
  }

  /** My place in the room after this market, where it is known. */
  rankAfter(market) {
    return market ? this.#ranks.get(market.id) ?? null : null;
  }
}
