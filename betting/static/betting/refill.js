/* One tap for those who have next to nothing, with the time when it is next possible. */

import { find } from "../web/elements.js";
import { clockTime } from "../web/figures.js";
import { press } from "../web/press.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

// Where the offer is made; the club decides.
export const REFILL_BELOW = 10;

export class Refill {
  #root;
  #club = "main";

  /** taken({coins, next_at_ms}) hears what the house gave. */
  constructor(root, taken) {
    this.#root = root;
    this.button = find("button", root);
    this.button.addEventListener("click", () => this.#take(taken));
  }

  show(club, isBroke) {
    this.#club = club;
    this.#root.hidden = !isBroke;
  }

  async #take(taken) {
    await press(this.button, find("[role=status]", this.#root), async () => {
      taken(await ask("POST", "/api/me/refill/", { club: this.#club }).catch((error) => {
        const atMs = error.detail?.next_at_ms;
        if (!atMs) throw error;
        throw new Error(fill(gettext("Possible again at %(time)s"), { time: clockTime(atMs).slice(0, 5) }));
      }));
    });
  }
}
