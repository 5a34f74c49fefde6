/* How full the house is: one strip above the question, for as long as it matters. */

import { find, write } from "../web/elements.js";
import { gettext } from "../web/words.js";

// The codes of notices about it, as docs/protocol.md lists them.
const WORDS = {
  memory_filling: gettext("The house is filling up. Everything still works."),
  memory_nearly_full: gettext(
    "The house is nearly full: no new rooms, questions or chat for now. Bets go on."),
  memory_full: gettext(
    "The house is full: no new bets for now. Questions are still locked, decided and paid."),
  memory_roomy: gettext("There is space again. Everything works as usual."),
};

export class Memory {
  #strip;

  constructor(strip) {
    this.#strip = strip;
  }

  /** Hear a notice; null when it is about something else, else the sentence that is now shown. */
  hear({ code }) {
    const words = WORDS[code];
    if (!words) return null;
    write(find("span", this.#strip), words);
    this.#strip.classList.toggle("notice--bad", code === "memory_full");
    this.#strip.hidden = code === "memory_roomy";
    return words;
  }

  /** A welcome begins anew: where something is refused, the notice follows it. */
  welcome() {
    this.#strip.hidden = true;
  }
}
