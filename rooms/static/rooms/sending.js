/* Lines of chat on their way: shown as sending until the room says them, else given back. */

import { element } from "../web/elements.js";
import { wordsOf } from "../web/session.js";
import { gettext } from "../web/words.js";
import { uuid } from "./uuid.js";

const GIVE_UP_MS = 10_000;
// As the house tidies a line.
const BLANKS = /[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/g;
const tidy = (text) => text.normalize("NFC").replace(BLANKS, " ").trim();

export class Sending {
  #waiting = new Map();

  /** send(message) → whether it left; back(text, words) gives a line back that was not taken. */
  constructor({ send, back }) {
    Object.assign(this, { send, back });
  }

  /** What is shown of the lines on their way. */
  get nodes() {
    return [...this.#waiting.values()].map(({ node }) => node);
  }

  say(text) {
    const node = element("li", { class: "muted", "data-sending": true }, text, " ",
      element("span", { class: "small" }, gettext("sending…")));
    const line = { id: uuid(), text: tidy(text), node, isSent: false };
    this.#waiting.set(line.id, line);
    line.timer = setTimeout(() => this.#giveBack(line, line.isSent
      ? gettext("No answer. It is not known whether your line arrived.")
      : gettext("No connection. Nothing was said.")), GIVE_UP_MS);
    this.#send(line);
  }

  #send(line) {
    line.isSent ||= this.send({ type: "chat.say", id: line.id, text: line.text });
  }

  #drop(line) {
    clearTimeout(line.timer);
    line.node.remove();
    this.#waiting.delete(line.id);
  }

  #giveBack(line, words) {
    this.#drop(line);
    this.back(line.text, words);
  }

  /** The room says a line of ours. Tells whether it waited for that. */
  said(text) {
    const line = [...this.#waiting.values()].find((one) => one.text === text);
    if (line) this.#drop(line);
    return Boolean(line);
  }

  /** An error about a line of ours. Tells whether it was ours. */
  refused(error) {
    const line = this.#waiting.get(error.re);
    if (line) this.#giveBack(line, wordsOf(error));
    return Boolean(line);
  }

  /** After a welcome: what was sent before and is not in it was not taken; the rest is sent now. */
  welcome() {
    for (const line of this.#waiting.values()) {
      if (line.isSent) this.#giveBack(line, gettext("Your line did not arrive."));
      else this.#send(line);
    }
  }
}
