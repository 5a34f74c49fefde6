/* The code that proves one is in the hall: shown where the room wants one, to a screen that has a
   link and to one on which somebody who runs the room is signed in. */

import { find, write } from "../web/elements.js";
import { ask, askAsMyself } from "../web/session.js";
import { gettext } from "../web/words.js";

const AGAIN_MS = 4_000;

export class Proof {
  /** What is missing for the code, in words. */
  words = "";
  #timer = null;

  constructor(part, code, hasLink) {
    Object.assign(this, { part, path: `/api/rooms/${code}/screen-code/` });
    this.ask = hasLink ? ask : askAsMyself;
  }

  /** Show the code as long as this room wants one. */
  of(room) {
    clearTimeout(this.#timer);
    this.words = "";
    if (room.place?.bets_need_presence) this.#timer = setTimeout(() => this.#show());
    else this.part.hidden = true;
  }

  async #show() {
    try {
      const told = await this.ask("GET", this.path);
      write(find("[data-screen-code]", this.part), told.code.replace(/^(...)/, "$1 "));
      this.part.hidden = false;
      this.#timer = setTimeout(() => this.#show(), told.changes_in_ms + 50);
    } catch (error) {
      // An old code is worth nothing.
      this.part.hidden = true;
      if (error.status === 401 || error.status === 403) {
        this.words = gettext("Sign in here as the host: then the code for people without a position appears.");
      } else this.#timer = setTimeout(() => this.#show(), AGAIN_MS);
    }
  }
}
