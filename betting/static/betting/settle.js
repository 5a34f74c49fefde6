/* The sheet that decides a locked question: winners, a preview to the coin, a hold of one second. */

import { closable, element, find, write } from "../web/elements.js";
import { clockTime, coins, exact, signed } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { bindHold } from "./hold.js";
import { letterOf } from "./marks.js";
import { Posts } from "./posts.js";
import { people, reasonWords } from "./words.js";

const SHOWN = 3;

export class SettleSheet {
  #sheet;
  #market = null;
  #posts = null;
  #asked = 0;

  /** done(market) hears what the house made of it; callOff(market) opens the other sheet. */
  constructor(sheet, { done, callOff }) {
    this.#sheet = sheet;
    this.part = (name) => find(`[data-${name}]`, sheet);
    this.done = done;
    closable(sheet);
    this.when = this.part("happened");
    find("form", sheet).addEventListener("submit", (event) => event.preventDefault());
    find("form", sheet).addEventListener("change", () => this.#look());
    this.part("call-off").addEventListener("click", () => {
      sheet.close();
      callOff(this.#market);
    });
    bindHold(this.part("pay"), () => this.#pay(),
      () => write(this.part("note"), gettext("Keep it pressed for a second.")));
  }

  get openFor() {
    return this.#sheet.open ? this.#market.id : null;
  }

  close() {
    this.#sheet.close();
  }

  /** Open for a locked market of a room. */
  open(market, room) {
    const officialAfterS = room.official_after_s;
    this.#market = market;
    write(this.part("hold-help"), officialAfterS
      ? fill(gettext("Hold for a second, or press Enter twice. You can change it for %(seconds)s seconds, then it is paid."),
        { seconds: officialAfterS })
      : gettext("Hold for a second, or press Enter twice. Payment cannot be taken back."));
    write(this.part("question"), market.question);
    write(this.part("facts"), [
      clockTime(market.locked_at_ms),
      fill(ngettext("%(coins)s coin", "%(coins)s coins", market.coins), { coins: coins(market.coins) }),
      people(market.bettors),
    ].join(" · "));
    this.#posts = new Posts(market, { kind: "checkbox" });
    this.#posts.node.id = "";
    this.#posts.node.toggleAttribute("data-many", true);
    this.#posts.draw(market, new Map());
    this.part("winners").replaceChildren(this.#posts.node);
    this.when.value = "";
    this.part("late").open = false;
    this.#look();
    this.#sheet.showModal();
  }

  // The second the host named, on the day of the lock; null when none was named.
  get #happenedAtMs() {
    if (!this.when.value) return null;
    const [hours, minutes, seconds = 0] = this.when.value.split(":").map(Number);
    const at = new Date(this.#market.locked_at_ms).setHours(hours, minutes, seconds, 0);
    // Locked after midnight, happened before it. A stream shows later what happened.
    return at > this.#market.locked_at_ms + 1000 * this.#market.stream_delay_s ? at - 86_400_000 : at;
  }

  get #body() {
    const body = { winners: this.#posts.chosen };
    if (this.#happenedAtMs !== null) body.happened_at_ms = this.#happenedAtMs;
    return body;
  }

  async #look() {
    const { winners } = this.#body;
    const asked = (this.#asked += 1);
    const button = this.part("pay");
    const letters = winners.map((id) => letterOf(this.#market, id));
    const names = winners.map((id) => this.#market.outcomes.find((one) => one.id === id).label);
    button.disabled = true;
    button.dataset.outcome = letters.length === 1 ? letters[0] : "";
    write(button.firstElementChild, !winners.length ? gettext("Choose what happened")
      : fill(gettext("Hold to pay %(letters)s · %(names)s"), {
        letters: letters.join(" + "), names: names.join(" + "),
      }));
    this.part("preview").hidden = !winners.length;
    if (!winners.length) return write(this.part("note"), "");
    try {
      const preview = await ask("POST", `/api/markets/${this.#market.id}/settle/`, {
        ...this.#body, preview: true,
      });
      if (asked !== this.#asked) return;
      this.#draw(preview);
      button.disabled = false;
      write(this.part("note"), "");
    } catch (error) {
      if (asked !== this.#asked) return;
      this.part("preview").hidden = true;
      write(this.part("note"), error.message);
    }
  }

  #draw({ payouts, would_be: wouldBe }) {
    const isRefund = wouldBe.status === "void";
    write(this.part("sum"), isRefund
      ? fill(gettext("Everyone is refunded: %(why)s"), { why: reasonWords(wouldBe.reason) })
      : fill(ngettext("%(people)s gets %(coins)s", "%(people)s share %(coins)s", wouldBe.people), {
        people: people(wouldBe.people), coins: exact(wouldBe.paid),
      }));
    this.part("payouts").replaceChildren(...payouts.slice(0, SHOWN).map((one) => {
      const figures = { coins: exact(one.stake), letter: letterOf(this.#market, one.outcome) };
      return element("li", {},
        element("span", {}, one.nickname),
        element("span", { class: "sub" }, fill(gettext("%(coins)s on %(letter)s"), figures)),
        element("span", { class: "amt" }, exact(one.payout),
          element("small", {}, signed(one.payout - one.stake))));
    }));
    const late = isRefund ? 0 : wouldBe.refunded;
    write(this.part("rest"), [
      late ? fill(ngettext("%(coins)s coin given back: bet after it happened.",
        "%(coins)s coins given back: bet after it happened.", late), { coins: exact(late) }) : "",
      gettext("Every coin is paid, the left-over ones too."),
    ].filter(Boolean).join(" "));
  }

  async #pay() {
    const button = this.part("pay");
    button.disabled = true;
    try {
      this.done(await ask("POST", `/api/markets/${this.#market.id}/settle/`, this.#body));
      this.#sheet.close();
    } catch (error) {
      write(this.part("note"), error.message);
      button.disabled = false;
    }
  }
}
