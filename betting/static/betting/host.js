/* What the host can do: ask, lock with one tap, decide, call off, end the room. */

import { closable, element, find, write } from "../web/elements.js";
import { bindForm } from "../web/forms.js";
import { press } from "../web/press.js";
import { ask } from "../web/session.js";
import { gettext } from "../web/words.js";
import { Prepared } from "./prepared.js";
import { QuestionSheet } from "./question.js";
import { SettleSheet } from "./settle.js";

export class Host {
  #market = null;
  #room = null;
  #callOff = null;
  #drawnOfficial = null;

  /** hear(market) puts an answer of the house into the picture, heard(message) a whole message. */
  constructor(code, hear, heard) {
    this.code = code;
    this.hear = hear;
    this.bar = find("[data-hostbar]");
    this.panel = find("[data-upcoming]");
    this.question = new QuestionSheet(find("#new-question"), code, hear);
    this.prepared = new Prepared(this.panel, code, {
      opened: (market) => {
        hear(market);
        // Who went on elsewhere meanwhile keeps their place.
        const { activeElement } = document;
        if (activeElement === document.body || this.panel.contains(activeElement)) find("#q").focus();
      },
      edit: (draft) => this.question.edit(draft),
      hear: heard,
    });
    this.settle = new SettleSheet(find("#settle"), {
      done: hear, callOff: (market) => this.#openCallOff(market),
    });
    this.#bindBar();
    this.#bindCallOff(find("#call-off"));
    this.#bindEnd(find("#end-room"));
  }

  #bindBar() {
    const part = (name) => find(`[data-${name}]`, this.bar);
    part("lock").addEventListener("click", () => this.#act(part("lock"), "lock"));
    part("decide").addEventListener("click", () => this.#decide());
    part("withdraw").addEventListener("click", () => this.#act(part("withdraw"), "withdraw"));
    part("change").addEventListener("click", () => this.#offerOthers());
    part("void").addEventListener("click", () => this.#openCallOff(this.#market));
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-new]")) this.question.open(this.lastAnswers);
      if (event.target.closest("[data-show-code]")) find("[data-invite]").click();
    });
  }

  #decide() {
    this.settle.open(this.#market, this.#room);
  }

  // One tap on another answer names it; what is named can be changed again.
  #offerOthers() {
    const market = this.#market;
    const others = find("[data-others]", this.bar);
    others.replaceChildren(
      ...market.outcomes.filter(({ id }) => String(market.official.winners) !== String(id))
        .map(({ id, label }) => {
          const button = element("button", { class: "btn", type: "button" }, label);
          button.addEventListener("click", () => {
            this.#act(button, "settle", market, { winners: [id] });
          });
          return button;
        }), this.#severalButton());
    others.hidden = false;
    others.firstElementChild.focus();
  }

  #severalButton() {
    const words = gettext("Several, or a time…");
    const button = element("button", { class: "btn btn--quiet", type: "button" }, words);
    button.addEventListener("click", () => this.#decide());
    return button;
  }

  async #act(button, act, market = this.#market, body = undefined) {
    const isDone = await press(button, find("[data-host-says]"), async () => {
      this.hear(await ask("POST", `/api/markets/${market.id}/${act}/`, body));
    });
    if (isDone) this.#follow();
  }

  // The button that was pressed may be gone; whoever uses keys goes on from the next one.
  #follow() {
    if (document.activeElement !== document.body) return;
    const next = [...this.bar.querySelectorAll("button")].find((one) => one.checkVisibility());
    (next ?? find("#q")).focus();
  }

  #openCallOff(market) {
    this.#callOff = market;
    const sheet = find("#call-off");
    write(find("[data-question]", sheet), market.question);
    write(find("[role=status]", sheet), "");
    find("form", sheet).reset();
    if (!market.coins) find("form", sheet).elements.reason.value = gettext("Nobody had bet.");
    sheet.showModal();
  }

  #bindCallOff(sheet) {
    closable(sheet);
    this.#bindSheet(sheet, async (form) => {
      const reason = form.elements.reason.value.trim();
      this.hear(await ask("POST", `/api/markets/${this.#callOff.id}/void/`, { reason }));
    });
  }

  #bindEnd(sheet) {
    closable(sheet);
    find("[data-end]").addEventListener("click", () => sheet.showModal());
    this.#bindSheet(sheet, () => ask("POST", `/api/rooms/${this.code}/end/`).catch((error) => {
      if (error.code !== "market_undecided" || !this.#market?.official) throw error;
      throw new Error(gettext("A result is not official yet. Wait until it is paid, or withdraw it."));
    }));
  }

  #bindSheet(sheet, act) {
    const form = find("form", sheet);
    bindForm(form, async () => {
      await act(form);
      sheet.close();
    });
  }

  /** Show the controls that fit the market on the stage, and what is prepared. */
  draw(picture, market) {
    this.#market = market;
    this.#room = picture.room;
    const isHost = picture.isHost;
    find("[data-first]").hidden = !isHost;
    if (isHost) write(find("[data-bell]"), gettext("You have the bell."));
    const status = market?.status;
    this.lastAnswers = market?.outcomes.map(({ label }) => label) ?? null;
    this.bar.hidden = !isHost || !["open", "locked"].includes(status) || market.paying;
    find("[data-lock]", this.bar).hidden = status !== "open";
    const official = market?.official ?? null;
    find("[data-decide]", this.bar).hidden = status !== "locked" || Boolean(official);
    find("[data-unofficial]", this.bar).hidden = !official;
    const drawnAs = official && `${market.id} ${official.official_at_ms} ${official.winners}`;
    if (drawnAs !== this.#drawnOfficial) find("[data-others]", this.bar).hidden = true;
    this.#drawnOfficial = drawnAs;
    find("[data-one-tap]", this.bar).hidden = status !== "open";
    // Decided elsewhere, by another device or the clock: the sheet has nothing left to ask.
    const decided = picture.markets.get(this.settle.openFor);
    if (decided && (decided.status !== "locked" || decided.paying)) this.settle.close();
    find("[data-end-line]").hidden = !isHost;
    this.prepared.draw(picture);
  }
}
