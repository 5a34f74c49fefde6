/* The sheet for a new question: answers become posts as they are written. */

import { closable, element, find, icon, write } from "../web/elements.js";
import { bindForm, mark } from "../web/forms.js";
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
  #edited = null;

  /** made(market) is called with what the house made of it. */
  constructor(sheet, code, made) {
    this.#sheet = sheet;
    this.#form = find("form", sheet);
    this.list = find("[data-answers]", sheet);
    Object.assign(this, { path: `/api/rooms/${code}/markets/`, made });
    closable(sheet);
    this.#form.addEventListener("input", () => this.#changed());
    bindForm(this.#form, (submitter) => this.#send(submitter), {
      fields: { get outcomes() { return find("[name=answer]", sheet); } },
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
    if (this.#edited) this.#clear();
    this.#last = last;
    find("[data-same]", this.#sheet).hidden = !last;
    write(find("[role=status]", this.#sheet), "");
    this.#sheet.showModal();
    this.#form.elements.question.focus();
  }

  /** Change a question that is prepared. */
  edit(draft) {
    const form = this.#form.elements;
    this.#edited = draft;
    this.#mark();
    form.question.value = draft.question;
    form.closes.value = this.#isOffered(draft.closes_in_s) ? String(draft.closes_in_s ?? "") : "";
    for (const name of ["min_stake", "max_stake", "min_bettors"]) form[name].value = draft[name] ?? "";
    for (const name of ["hedging", "blind"]) form[name].checked = draft[name];
    this.#fill(draft.outcomes.map(({ label }) => label));
    find("[data-same]", this.#sheet).hidden = true;
    write(find("[role=status]", this.#sheet), "");
    this.#sheet.showModal();
    form.question.focus();
  }

  #clear() {
    this.#edited = null;
    this.#form.reset();
    this.#fill([]);
    this.#mark();
  }

  // Of a question that is prepared already only its text is asked; it is opened from the list.
  #mark() {
    find("[value=open]", this.#form).hidden = this.#edited !== null;
    write(find("h2", this.#sheet), this.#edited ? gettext("Edit the question") : gettext("New question"));
    write(find("[value=later]", this.#form), this.#edited ? gettext("Save") : gettext("Keep for later"));
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
      blind: form.blind.checked,
      key: this.#key,
    };
    if (form.closes.value) body.closes_in_s = Number(form.closes.value);
    if (form.max_stake.value) body.max_stake = Number(form.max_stake.value);
    return body;
  }

  #ask(isOpened) {
    if (!this.#edited) return ask("POST", this.path, { ...this.#body, open: isOpened });
    const { key: _key, ...changed } = this.#body;
    // What the sheet leaves empty is taken away; a time that it has no choice for stays.
    if (!this.#isOffered(this.#edited.closes_in_s)) changed.closes_in_s ??= this.#edited.closes_in_s;
    return ask("PATCH", `/api/markets/${this.#edited.id}/`,
      { closes_in_s: null, max_stake: null, ...changed });
  }

  #isOffered(closes) {
    return [...this.#form.elements.closes].some(({ value }) => value === String(closes ?? ""));
  }

  async #send(submitter) {
    if (!this.#hasAnswers()) return;
    this.made(await this.#ask(submitter.value === "open"));
    this.#clear();
    this.#sheet.close();
  }

  #hasAnswers() {
    const fields = [...this.list.querySelectorAll("input")];
    const written = fields.map(({ value }) => value.trim());
    if (written.filter(Boolean).length < FEWEST) {
      return this.#wrong(fields[written.indexOf("")], gettext("Write at least two answers."));
    }
    const again = written.findIndex((text, place) => text && written.indexOf(text) < place);
    return again < 0 || this.#wrong(fields[again], gettext("This answer is there already."));
  }

  #wrong(field, words) {
    mark(field, words);
    field.focus();
    return false;
  }
}
