/* What people say. Lines are text and nothing else; the newest 100 stay. */

import { element, find, write } from "../web/elements.js";
import { fill, gettext } from "../web/words.js";
import { uuid } from "./uuid.js";

const LINES_MOST = 100;

export class Chat {
  #list;
  #form;
  #seen = new Set();
  // The last lines that were sent from here, by the ids they went with.
  #sent = new Map();

  constructor(panel, send) {
    this.#list = find("ul", panel);
    this.#form = find("form", panel);
    this.note = find("[role=status]", panel);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say(send);
    });
  }

  #say(send) {
    const field = this.#form.elements.text;
    const text = field.value.trim();
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
    const field = this.#form.elements.text;
    field.disabled = this.#form.querySelector("button").disabled = isMuted;
    write(this.note, isMuted ? gettext("You are muted in this room.") : "");
  }

  replace(lines) {
    this.#seen.clear();
    this.#list.replaceChildren();
    lines.forEach((line) => this.add(line));
  }

  add({ id, from, text }) {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const list = this.#list;
    const isAtFoot = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(element("li", {}, element("b", {}, from.nickname), text));
    while (list.children.length > LINES_MOST) list.firstElementChild.remove();
    if (isAtFoot) list.scrollTop = list.scrollHeight;
    list.setAttribute("aria-label", fill(gettext("Chat, %(count)s lines"), {
      count: list.children.length,
    }));
  }
}
