/* Which question is in the ring, and the tabs where several run at once. */

import { element } from "../web/elements.js";
import { isFinal, isOpen } from "./picture.js";

export class Stage {
  #tabs;
  #chosen = null;
  #last = null;
  #drawnAs = "";

  /** turned() redraws the page after a tab was pressed. */
  constructor(tabs, turned) {
    this.#tabs = tabs;
    tabs.addEventListener("click", (event) => {
      const id = event.target.closest("button")?.dataset.market;
      if (!id) return;
      this.#chosen = Number(id);
      turned();
    });
  }

  /** The market to show, or null. Who watches one stays with it until it is over and another runs. */
  market(picture) {
    const running = picture.running();
    const stays = running.find(({ id }) => id === (this.#chosen ?? this.#last));
    const next = stays ?? running.find(isOpen) ?? running[0] ?? picture.rounds()[0] ?? null;
    if (!stays) this.#chosen = null;
    this.#last = next && !isFinal(next) ? next.id : null;
    this.#draw(running, next);
    return next;
  }

  #draw(running, shown) {
    const drawnAs = JSON.stringify([running.map(({ id }) => id), shown?.id]);
    if (drawnAs === this.#drawnAs) return;
    this.#drawnAs = drawnAs;
    const hasFocus = this.#tabs.contains(document.activeElement);
    this.#tabs.hidden = running.length < 2;
    this.#tabs.replaceChildren(...running.map((market) => element("button", {
      type: "button", "data-market": market.id, title: market.question,
      "aria-current": market === shown ? "true" : null,
    }, market.question)));
    if (hasFocus) this.#tabs.querySelector("[aria-current]")?.focus();
  }
}
