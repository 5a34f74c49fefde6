/* What people say. Lines are text and nothing else; the newest 100 stay. */

import { element, find, write } from "../web/elements.js";
import { fill, gettext } from "../web/words.js";
import { Sending } from "./sending.js";

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
  #sending;
  #me = null;
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
    this.#sending = new Sending({ send, back: (text, words) => this.#giveBack(text, words) });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say(this.#field.value.trim());
      this.#field.value = "";
    });
    this.reactions = find("[data-reactions]", panel);
    this.reactions.append(...REACTIONS.map((sign) => {
      const button = element("button", { class: "btn", type: "button" }, sign);
      button.addEventListener("click", () => this.#say(sign));
      return button;
    }));
    document.addEventListener("ringside:room", ({ detail }) => this.turn(detail.chat_mode));
  }

  get #field() {
    return this.#form.elements.text;
  }

  #say(text) {
    if (!text) return;
    write(this.note, "");
    this.#sending.say(text);
    this.#keepFoot(() => this.#list.append(...this.#sending.nodes));
  }

  // A reaction is not worth writing; its buttons are still there.
  #giveBack(text, words) {
    const field = this.#field;
    if (!this.#form.hidden) {
      field.value = [text, field.value].filter(Boolean).join(" ").slice(0, field.maxLength);
    }
    write(this.note, words);
  }

  /** An error about a line of ours: the words go back into the field. Tells whether it was ours. */
  refused(message) {
    return this.#sending.refused(message);
  }

  /** Begin with the lines of a welcome. */
  welcome({ you, chat }) {
    this.#me = you.id;
    chat.filter(({ id }) => !this.#seen.has(id)).forEach((line) => this.#hearOwn(line));
    this.replace(chat);
    this.mute(you.muted);
    this.#sending.welcome();
  }

  // One that was given back too early need not be said again.
  #hearOwn({ from, text }) {
    if (from.id !== this.#me || this.#sending.said(text) || this.#field.value !== text) return;
    this.#field.value = "";
    write(this.note, "");
  }

  mute(isMuted) {
    this.#isMuted = isMuted;
    this.#drawMode();
  }

  /** The room's chat is on, slow, for reactions only, or off. */
  turn(mode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
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
    lines.forEach((line) => this.#show(line));
    this.#list.append(...this.#sending.nodes);
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

  /** A line of the room. */
  add(line) {
    if (this.#seen.has(line.id)) return;
    this.#hearOwn(line);
    this.#show(line);
  }

  #show(line) {
    this.#seen.add(line.id);
    this.#lines = [...this.#lines, line].slice(-LINES_MOST);
    const list = this.#list;
    this.#keepFoot(() => list.append(
      element("li", { "data-line": line.id }, this.#name(line), line.text), ...this.#sending.nodes));
    while (list.children.length > LINES_MOST) list.firstElementChild.remove();
    list.setAttribute("aria-label", fill(gettext("Chat, %(count)s lines"), {
      count: list.children.length,
    }));
  }

  // Who reads the newest line goes on reading the newest.
  #keepFoot(work) {
    const list = this.#list;
    const isAtFoot = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    work();
    if (isAtFoot) list.scrollTop = list.scrollHeight;
  }
}
