/* What the host has prepared: open, change, duplicate, remove, and put into order by drag or keys. */

import { element, find, write } from "../web/elements.js";
import { bindForm } from "../web/forms.js";
import { press } from "../web/press.js";
import { ask } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";

const MOVES = { ArrowUp: -1, ArrowDown: 1 };
// When a row goes, the next one moves under the finger that has pressed it.
const SAME_PRESS_MS = 700;
const SAME_PLACE_PX = 24;

export class Prepared {
  #drawnAs = "";
  #picture = null;
  #drafts = [];
  #rows = new Map();
  #dragged = null;
  // The order asked for and not yet answered; it is shown until then, whatever the house tells.
  #wanted = null;
  #isSending = false;
  #goneAt = -Infinity;
  #pressedAt = [0, 0];

  /** opened(market) hears of one that was opened, edit(draft) shows the sheet, hear(message) takes
      what the house answers in the form of its frames. */
  constructor(panel, code, { opened, edit, hear }) {
    Object.assign(this, { panel, opened, edit, hear, path: `/api/rooms/${code}/drafts/` });
    this.list = find("ol", panel);
    this.list.addEventListener("click", (event) => this.#refuseSamePress(event), { capture: true });
    this.list.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.list.addEventListener(end, () => this.#drop());
    }
    const tools = find("[data-draft-tools]", panel);
    find("input[type=file]", tools).addEventListener("change", (event) => this.#import(event.target));
    const form = find("form", tools);
    bindForm(form, async () => {
      await this.#add("copy/", { room: form.elements.room.value.trim() });
      form.reset();
    });
  }

  /** Show the drafts to those who run the room, and to the others whether there are any. */
  draw(picture) {
    const { isHost } = picture;
    this.#picture = picture;
    if (this.#dragged) return;
    this.#drafts = this.#inWantedOrder(picture.drafts());
    const drawnAs = JSON.stringify([isHost, picture.coming, this.#drafts]);
    if (drawnAs === this.#drawnAs) return;
    this.#drawnAs = drawnAs;
    this.panel.hidden = !isHost && !picture.coming;
    find("[data-new]", this.panel).hidden = !isHost;
    find("[data-draft-tools]", this.panel).hidden = !isHost;
    find("[data-nothing]", this.panel).hidden = picture.coming || this.#drafts.length > 0;
    find("[data-something]", this.panel).hidden = isHost || !picture.coming;
    this.#arrange();
  }

  #inWantedOrder(drafts) {
    const place = (id) => (this.#wanted?.includes(id) ? this.#wanted.indexOf(id) : Infinity);
    return this.#wanted ? drafts.sort((a, b) => place(a.id) - place(b.id) || 0) : drafts;
  }

  // A draft keeps its row, so that focus and presses survive what the house tells meanwhile.
  #arrange() {
    const focused = document.activeElement;
    const focusedAt = [...this.list.children].indexOf(focused.closest("[data-draft]"));
    const ids = this.#drafts.map(({ id }) => id);
    for (const [id, row] of this.#rows) {
      if (ids.includes(id)) continue;
      row.remove();
      this.#rows.delete(id);
      this.#goneAt = performance.now();
    }
    this.#drafts.forEach((draft, place) => {
      if (!this.#rows.has(draft.id)) this.#rows.set(draft.id, this.#row(draft.id));
      const row = this.#rows.get(draft.id);
      this.#write(row, draft, place);
      if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place]);
    });
    if (this.list.contains(focused)) focused.focus();
    else if (focusedAt >= 0) this.#focusNear(focusedAt);
  }

  #focusNear(place) {
    const row = this.list.children[Math.min(place, this.list.children.length - 1)];
    (row ? find("[data-act=open]", row) : find("[data-new]", this.panel)).focus();
  }

  #refuseSamePress(event) {
    const [x, y] = this.#pressedAt;
    this.#pressedAt = [event.clientX, event.clientY];
    const isNear = Math.hypot(event.clientX - x, event.clientY - y) < SAME_PLACE_PX;
    if (event.detail === 0 || !isNear || performance.now() - this.#goneAt > SAME_PRESS_MS) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #draft(id) {
    return this.#drafts.find((draft) => draft.id === id);
  }

  #row(id) {
    const move = element("button", {
      class: "btn btn--quiet btn--icon no", type: "button", "data-act": "move",
    });
    move.addEventListener("keydown", (event) => this.#key(event, id));
    move.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      move.focus();
      this.#dragged = move.closest("li");
      this.list.setPointerCapture(event.pointerId);
    });
    const open = this.#button(gettext("Open"), "open", () => this.#open(open, id), "btn");
    return element("li", { class: "round draft", "data-draft": id }, move,
      element("span", {}, element("bdi"), element("br"), element("span", { class: "small muted" })), open,
      element("span", { class: "cluster small draft-acts" },
        this.#button(gettext("Edit"), "edit", () => this.edit(this.#draft(id))),
        this.#button(gettext("Duplicate"), "duplicate", (event) => this.#act(event, "POST", `${id}/duplicate/`)),
        this.#button(gettext("Remove"), "remove", (event) => this.#act(event, "DELETE", `${id}/`)),
        this.#follow(id)));
  }

  #write(row, draft, place) {
    const move = find("[data-act=move]", row);
    write(move, String(place + 1));
    move.setAttribute("aria-label",
      fill(gettext("Place %(place)s of %(count)s. Move it with the arrow keys: %(question)s"), {
        place: place + 1, count: this.#drafts.length, question: draft.question,
      }));
    write(find("bdi", row), draft.question);
    write(find(".small.muted", row), this.#traits(draft));
    find("[data-act=follow]", row).checked = draft.open_next;
  }

  #button(words, act, pressed, look = "btn btn--quiet") {
    const button = element("button", { class: look, type: "button", "data-act": act }, words);
    button.addEventListener("click", pressed);
    return button;
  }

  #follow(id) {
    const box = element("input", { type: "checkbox", "data-act": "follow" });
    box.addEventListener("change", async (event) => {
      const isWanted = box.checked;
      if (!await this.#act(event, "PATCH", `${id}/`, { open_next: isWanted })) box.checked = !isWanted;
    });
    return element("label", { class: "check" }, box,
      element("span", {}, gettext("Open when the one before is paid")));
  }

  #traits(draft) {
    const count = draft.outcomes.length;
    const answers = fill(ngettext("%(count)s answer", "%(count)s answers", count), { count });
    return draft.blind ? `${answers} · ${gettext("blind")}` : answers;
  }

  #act(event, method, path, body) {
    return this.#press(event.currentTarget, () => ask(method, `/api/markets/${path}`, body));
  }

  async #open(button, id) {
    await this.#press(button, async () => this.opened(await ask("POST", `/api/markets/${id}/open/`)));
  }

  #press(button, work) {
    this.#say("");
    return press(button, find("[data-draft-says]", this.panel), work);
  }

  async #add(path, body) {
    this.#say("");
    const told = await ask("POST", this.path + path, body);
    this.hear({ type: "drafts", markets: told.markets });
    this.#say(fill(ngettext("%(count)s question added.", "%(count)s questions added.", told.added),
      { count: told.added }));
  }

  async #import(field) {
    const [file] = field.files;
    field.value = "";
    if (file) await this.#try(async () => this.#add("csv/", { csv: await file.text() }));
  }

  async #try(act) {
    this.#say("");
    try {
      await act();
    } catch (error) {
      const lines = error.detail?.lines ?? [];
      this.#say(error.message, lines.slice(1));
    }
  }

  #say(text, lines = []) {
    write(find("[data-draft-says]", this.panel), text);
    find("[data-draft-lines]", this.panel).replaceChildren(...lines.map((one) => element("li", {},
      fill(gettext("Line %(line)s: %(message)s"), one))));
  }

  #key(event, id) {
    const step = MOVES[event.key];
    if (!step) return;
    event.preventDefault();
    const place = this.#drafts.findIndex((draft) => draft.id === id);
    this.#move(place, place + step);
  }

  #move(from, to) {
    if (to < 0 || to >= this.#drafts.length) return;
    const order = this.#drafts.map(({ id }) => id);
    order.splice(to, 0, ...order.splice(from, 1));
    this.#send(order);
  }

  // The row goes where the finger is; the others make room.
  #drag({ clientY }) {
    if (!this.#dragged) return;
    const before = [...this.list.children].find((row) => row !== this.#dragged
      && clientY < row.getBoundingClientRect().top + row.offsetHeight / 2);
    if (before !== this.#dragged.nextElementSibling) this.list.insertBefore(this.#dragged, before ?? null);
  }

  #drop() {
    if (!this.#dragged) return;
    this.#dragged = null;
    const order = [...this.list.children].map((row) => Number(row.dataset.draft));
    if (order.join() !== this.#drafts.map(({ id }) => id).join()) this.#send(order);
  }

  // Shown at once; one order after the other is sent, and what the house answers to the last stands.
  async #send(order) {
    this.#wanted = order;
    this.draw(this.#picture);
    if (this.#isSending) return;
    this.#isSending = true;
    await this.#try(async () => {
      let sent, told;
      while (sent !== this.#wanted) {
        sent = this.#wanted;
        told = await ask("POST", `${this.path}order/`, { markets: sent });
      }
      this.hear({ type: "drafts", markets: told.markets });
    });
    this.#isSending = false;
    this.#wanted = null;
    this.draw(this.#picture);
  }
}
