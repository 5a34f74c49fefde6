/* The one polite line for those who listen: events at once, figures never. */

import { write } from "../web/elements.js";
import { gettext } from "../web/words.js";
import { newsWords } from "./words.js";

export class Announcer {
  #line;
  #wasOffline = false;

  constructor(line) {
    this.#line = line;
  }

  /** The connection is gone for long, or back after that; what is short is not worth a word. */
  connection(state) {
    if (state === "offline") write(this.#line, gettext("No connection: a bet waits until it is back."));
    if (state === "open" && this.#wasOffline) write(this.#line, gettext("Connected again."));
    this.#wasOffline = state === "offline" || (this.#wasOffline && state !== "open");
  }

  /** A market changed its state. */
  turned(market) {
    write(this.#line, `${market.question} ${newsWords(market)}`);
  }
}
