/* Links for a big screen on another machine: made, copied and ended by those who run the room. */

import { bindCopy } from "../web/copying.js";
import { element, find, write } from "../web/elements.js";
import { clockTime } from "../web/figures.js";
import { press } from "../web/press.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

const RUN = ["host", "cohost"];

export class ScreenLinks {
  #link = "";

  constructor(part, code) {
    Object.assign(this, { part, path: `/api/rooms/${code}/screens/` });
    this.list = find("[data-screen-list]", part);
    this.says = find("[role=status]", part);
    this.copy = find("[data-copy-screen]", part);
    find("[data-new-screen]", part).addEventListener("click", (event) => this.#make(event.target));
    bindCopy(this.copy, () => this.#link);
  }

  /** Show the links to those who run the room. */
  show() {
    this.part.hidden = !RUN.includes(document.body.dataset.role);
    if (!this.part.hidden) this.#look().catch((error) => write(this.says, error.message));
  }

  #make(button) {
    return press(button, this.says, async () => {
      this.#link = (await ask("POST", this.path)).link;
      write(find("[data-screen-link]", this.part), this.#link);
      this.copy.hidden = false;
      write(this.copy, gettext("Copy the link"));
      await this.#look();
    });
  }

  async #look() {
    const { results } = await ask("GET", this.path);
    this.list.replaceChildren(...results.map((screen) => this.#line(screen)));
  }

  #line({ id, made_at_ms: madeAtMs }) {
    const words = fill(gettext("Screen of %(time)s"), { time: clockTime(madeAtMs) });
    const end = element("button", { class: "btn", type: "button", "aria-label": `${gettext("End it")}: ${words}` },
      gettext("End it"));
    end.addEventListener("click", () => press(end, this.says, async () => {
      await ask("DELETE", `${this.path}${id}/`);
      await this.#look();
      find("[data-new-screen]", this.part).focus();
    }));
    return element("li", { class: "between" }, words, end);
  }
}
