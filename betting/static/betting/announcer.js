/* The one polite line for those who listen: events at once, figures never. */

import { write } from "../accounts/elements.js";
import { endWords, stateWords } from "./words.js";
import { isFinal } from "./picture.js";

export class Announcer {
  #line;

  constructor(line) {
    this.#line = line;
  }

  /** A market changed its state. */
  turned(market) {
    const words = isFinal(market) ? endWords(market) : stateWords(market)[2];
    write(this.#line, `${market.question} ${words}`);
  }
}
