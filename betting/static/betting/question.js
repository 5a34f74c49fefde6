/* The sheet for a new question: answers become posts as they are written. */

import { closable, element, find, icon, write } from "../web/elements.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";
import { uuid } from "../rooms/uuid.js";
import { letterAt, pad } from "./marks.js";

const FEWEST = 2;
const MOST = 10;
const LABEL_CHARACTERS = 60;

export class QuestionSheet {
  #sheet;
  #form;
  #key = null;
  #last = null;

  /** made(market) is called with what the house made of it. */
  constructor(sheet, code, made) {
    this.#sheet = sheet;
    this.#form = find("form", sheet);
    this.list = find("[data-answers]", sheet);
    Object.assign(this, { path: `/api/rooms/${code}/markets/`, made });
    closable(sheet);
    this.#form.addEventListener("input", () => this.#changed());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(event.submitter);
    });
    find("[data-yes-no]", sheet).addEventListener("click", () => {
      this.#fill([gettext("Yes"), gettext("No")]);
    });
    find("[data-same]", sheet).addEventListener("click", () => this.#fill(this.#last));
    this.#fill([]);
  }

  /** last: the answers of the question before, to be taken over. What was begun and not sent is
      still there. */
  open(last) {
    this.#last = last;
    find("[data-same]", this.#sheet).hidden = !last;
    write(find("[role=status]", this.#sheet), "");
    this.#sheet.showModal();
    this.#form.elements.question.focus();
  }

  #fill(labels) {
    this.list.replaceChildren();
    labels.forEach((label) => this.#add(label));
    this.#changed();
  }

  #add(label) {
    const field = element("input", {
      class: "input", maxlength: LABEL_CHARACTERS, placeholder: gettext("Add an answer"), name: "answer",
    });
    field.value = label;
    const remove = element("button", { type: "button", class: "btn btn--quiet btn--icon" }, icon("x"));
    const row = element("div", { class: "answer" }, element("span"), field, remove);
    remove.addEventListener("click", () => {
      row.remove();
      this.#changed();
      find("input", this.list.lastElementChild)?.focus();
    });
    this.list.append(row);
  }

  // There is always one empty line at the end, until there are ten.
  #changed() {
    // Sent again as it is, it is the same question; changed, it is another one.
    this.#key = uuid();
    let rows = [...this.list.children];
    while (rows.length < FEWEST || (rows.length < MOST && find("input", rows.at(-1)).value)) {
      this.#add("");
      rows = [...this.list.children];
    }
    rows.forEach((row, place) => {
      const letter = letterAt(place);
      row.dataset.outcome = letter;
      row.firstElementChild.replaceWith(pad(letter));
      find("input", row).setAttribute("aria-label", fill(gettext("Answer %(letter)s"), { letter }));
      const remove = find("button", row);
      remove.setAttribute("aria-label", fill(gettext("Remove answer %(letter)s"), { letter }));
      remove.hidden = rows.length <= FEWEST;
    });
    const { question } = this.#form.elements;
    write(find("[data-count]", this.#sheet), fill(gettext("%(count)s of %(most)s"), {
      count: [...question.value].length, most: question.maxLength,
    }));
  }

  get #body() {
    const form = this.#form.elements;
    const body = {
      question: form.question.value.trim(),
      outcomes: [...this.list.querySelectorAll("input")].map(({ value }) => value.trim())
        .filter(Boolean),
      min_stake: Number(form.min_stake.value),
      min_bettors: Number(form.min_bettors.value),
      hedging: form.hedging.checked,
      key: this.#key,
    };
    if (form.closes.value) body.closes_in_s = Number(form.closes.value);
    if (form.max_stake.value) body.max_stake = Number(form.max_stake.value);
    return body;
  }

  async #send(submitter) {
    const buttons = this.#form.querySelectorAll("[type=submit]");
    buttons.forEach((button) => { button.disabled = true; });
    try {
      this.made(await ask("POST", this.path, { ...this.#body, open: submitter.value === "open" }));
      this.#form.reset();
      this.#fill([]);
      this.#sheet.close();
    } catch (error) {
      write(find("[role=status]", this.#sheet), error.message);
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
    }
  }
}
