/* Who has come in, by name, while the hall waits for the first question. */

import { element } from "../web/elements.js";
import { ask } from "../web/session.js";

const AGAIN_MS = 2_000;
const ANSWER_WITHIN_MS = 10_000;

export class Newcomers {
  #list;
  #code;
  #nextAtMs = 0;

  constructor(list, code) {
    this.#list = list;
    this.#code = code;
  }

  /** Ask who came last, not more often than every two seconds. */
  async look() {
    if (this.#list.offsetParent === null || performance.now() < this.#nextAtMs) return;
    this.#nextAtMs = performance.now() + ANSWER_WITHIN_MS;
    const told = await ask("GET", `/api/rooms/${this.#code}/newcomers/`).catch(() => null);
    this.#nextAtMs = performance.now() + AGAIN_MS;
    if (told) this.#draw(told.names);
  }

  #draw(names) {
    const drawn = new Map([...this.#list.children].map((line) => [line.textContent, line]));
    this.#list.replaceChildren(...names.map((name) => drawn.get(name)
      ?? element("li", {}, element("bdi", { translate: "no" }, name))));
  }
}
