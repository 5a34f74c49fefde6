/* What people say. Lines are text and nothing else; the newest 100 stay. */

import { element, find, write } from "../web/elements.js";
import { fill, gettext } from "../web/words.js";
import { uuid } from "./uuid.js";

const LINES_MOST = 100;
const REACTIONS = ["👏", "😂", "😮", "🎉", "❤️", "🔥"];
const MODE_WORDS = {
  on: "", off: gettext("The chat is off for now."), reactions: gettext("Reactions only, for now."),
  slow: gettext("Slow chat: one line in 10 seconds."),
};

export class Chat {
  #list;
  #form;
  #seen = new Set();
  // The last lines that were sent from here, by the ids they went with.
  #sent = new Map();
  #lines = [];
  #isMuted = false;
  #mode = "on";
  #mayModerate = false;
  // Set by the page: opens what can be done about a person.
  about = null;

  constructor(panel, send) {
    this.#list = find("ul", panel);
    this.#form = find("form", panel);
    this.note = find("[role=status]", panel);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say(send, this.#form.elements.text.value.trim());
    });
    this.reactions = find("[data-reactions]", panel);
    this.reactions.append(...REACTIONS.map((sign) => {
      const button = element("button", { class: "btn", type: "button" }, sign);
      button.addEventListener("click", () => this.#say(send, sign));
      return button;
    }));
    document.addEventListener("ringside:room", ({ detail }) => this.turn(detail.chat_mode));
  }

  #say(send, text) {
    const field = this.#form.elements.text;
    if (!text) return;
    const id = uuid();
    const isSent = send({ type: "chat.say", id, text });
    if (isSent) this.#sent.set(id, text);
    if (this.#sent.size > LINES_MOST) this.#sent.delete(this.#sent.keys().next().value);
    write(this.note, isSent ? "" : gettext("No connection. Nothing was said."));
    if (isSent) field.value = "";
  }

  /** An error about a line of ours: the words go back into the field. Tells whether it was ours. */
  refused(message) {
    const text = this.#sent.get(message.re);
    if (text === undefined) return false;
    this.#sent.delete(message.re);
    this.#form.elements.text.value ||= text;
    write(this.note, message.message);
    return true;
  }

  mute(isMuted) {
    this.#isMuted = isMuted;
    this.#drawMode();
  }

  /** The room's chat is on, slow, for reactions only, or off. */
  turn(mode) {
    this.#mode = mode ?? "on";
    this.#drawMode();
  }

  /** Whether names lead to what can be done about a person; the mode binds players alone. */
  moderate(may) {
    if (may === this.#mayModerate) return;
    this.#mayModerate = may;
    this.replace(this.#lines);
    this.#drawMode();
  }

  #drawMode() {
    const mode = this.#mayModerate ? "on" : this.#mode;
    const isShut = this.#isMuted || mode === "off" || mode === "reactions";
    const field = this.#form.elements.text;
    field.disabled = this.#form.querySelector("button").disabled = isShut;
    this.#form.hidden = mode === "reactions";
    this.reactions.hidden = mode !== "reactions" || this.#isMuted;
    write(this.note, this.#isMuted ? gettext("You are muted in this room.") : MODE_WORDS[this.#mode]);
  }

  replace(lines) {
    this.#seen.clear();
    this.#lines = [];
    this.#list.replaceChildren();
    lines.forEach((line) => this.add(line));
  }

  /** A line was deleted. */
  gone(id) {
    this.#lines = this.#lines.filter((line) => line.id !== id);
    find(`[data-line="${CSS.escape(id)}"]`, this.#list)?.remove();
  }

  #name(line) {
    if (!this.#mayModerate) return element("b", {}, line.from.nickname);
    const name = element("button", { class: "who", type: "button" }, line.from.nickname);
    name.addEventListener("click", () => this.about?.(line.from, line));
    return name;
  }

  add(line) {
    const { id, text } = line;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#lines = [...this.#lines, line].slice(-LINES_MOST);
    const list = this.#list;
    const isAtFoot = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(element("li", { "data-line": id }, this.#name(line), text));
    while (list.children.length > LINES_MOST) list.firstElementChild.remove();
    if (isAtFoot) list.scrollTop = list.scrollHeight;
    list.setAttribute("aria-label", fill(gettext("Chat, %(count)s lines"), {
      count: list.children.length,
    }));
  }
}
