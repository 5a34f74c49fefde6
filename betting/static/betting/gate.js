/* What stands in place of the room while there is no way in: the step in, or why not, and what
   to do about it. */

import { find, write } from "../web/elements.js";
import { suggestName } from "../accounts/names.js";
import { bindForm, showRefusal } from "../web/forms.js";
import { becomeGuest } from "../web/session.js";
import { showEvening } from "./evening.js";

// Refusal or close code → the panel of the page that explains it.
const PANELS = {
  stranger: "stranger", sign_in: "stranger", not_found: "missing", room_full: "full",
  room_ended: "ended", ended: "ended", forbidden: "forbidden", removed: "removed", left: "left",
  replaced: "replaced", nickname_refused: "stranger", nonsense: "broken",
};

export class Gate {
  #root;

  /** enter() tries the room again. */
  constructor(root, enter) {
    this.#root = root;
    const form = find("[data-step-in]", root);
    bindForm(form, async () => {
      try {
        await becomeGuest(form.elements.nickname.value.trim(), (words) => this.queue(words));
      } catch (error) {
        this.shut("stranger");
        throw error;
      }
      await enter();
    });
    root.addEventListener("click", (event) => event.target.closest("[data-again]") && enter());
  }

  /** Show why there is no way in; the room behind it is put away. */
  shut(why, message = "") {
    const name = PANELS[why] ?? "broken";
    find("[data-signed-out]", this.#root).hidden = why !== "sign_in";
    const words = find(`[data-gate=${name}] [data-words]`, this.#root);
    if (words) write(words, message);
    this.#show(name);
    // A name that was given in the lobby.
    if (why === "nickname_refused") {
      showRefusal(find("[data-step-in]", this.#root), { code: why, message });
    }
    if (name === "ended") showEvening(find("[data-evening]", this.#root), find("main").dataset.code);
  }

  /** Say that others come in first; nothing is to be done meanwhile. */
  queue(words) {
    write(find("[data-queue-words]", this.#root), words);
    this.#show("queue");
  }

  #show(name) {
    for (const panel of this.#root.children) panel.hidden = panel.dataset.gate !== name;
    this.#root.hidden = false;
    document.body.classList.add("is-gated");
    // A sheet of the room would stand before it, and whoever listens would not hear of it.
    document.querySelectorAll("dialog[open]").forEach((sheet) => sheet.close());
    if (name === "stranger") suggestName(find("#nick", this.#root));
    write(find("[data-announcer]"), find("h2", find(`[data-gate=${name}]`, this.#root)).textContent);
  }

  open() {
    const hadFocus = this.#root.contains(document.activeElement);
    this.#root.hidden = true;
    document.body.classList.remove("is-gated");
    // Whoever stepped in by keys goes on from the question, not from the head of the page.
    if (hadFocus) find("#main").focus();
  }
}
