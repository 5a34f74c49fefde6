/* The one polite line for those who listen: events at once, figures never. */

import { write } from "../web/elements.js";
import { gettext } from "../web/words.js";
import { endWords, stateWords, unofficialWords } from "./words.js";
import { isFinal } from "./picture.js";

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
    const result = market.official ? ` · ${unofficialWords(market)}` : "";
    const words = isFinal(market) ? endWords(market) : stateWords(market)[2] + result;
    write(this.#line, `${market.question} ${words}`);
  }
}
