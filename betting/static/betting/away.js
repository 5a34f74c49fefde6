/* What happened while this page was hidden, cut off or closed: one line, and a sheet with each. */

import { closable, element, find, write } from "../web/elements.js";
import { exact, signed } from "../web/figures.js";
import { inTab } from "../web/kept.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { isFinal } from "./picture.js";
import { newsWords, stateOf } from "./words.js";

const SHOWN_MS = 15_000;

export class Away {
  #key = "";
  // Market → the state it was last seen in; null before this person was ever here.
  #seen = null;
  // Markets that moved on meanwhile, and what became of bets that waited.
  #moved = new Set();
  #told = [];
  #drawnAs = "";
  #timer = null;

  /** ask(id) wants to know what a market paid me. */
  constructor(line, sheet, { code, ask }) {
    Object.assign(this, { line, sheet, code, ask });
    closable(sheet);
    find("[data-see]", line).addEventListener("click", () => {
      line.hidden = true;
      sheet.showModal();
    });
    find("[data-close]", line).addEventListener("click", () => this.#forget());
    sheet.addEventListener("close", () => this.#forget());
  }

  #forget() {
    this.line.hidden = true;
    this.#moved.clear();
    this.#told = [];
  }

  /** Say what changed since the page was last looked at. */
  back(picture) {
    if (document.hidden || !picture.you) return;
    this.#key ||= `ringside.seen.${picture.you.id}.${this.code}`;
    this.#seen ??= JSON.parse(inTab.get(this.#key) ?? "null");
    for (const market of this.#seen ? picture.told() : []) {
      if (this.#seen[market.id] === stateOf(market)) continue;
      this.#moved.add(market.id);
      if (isFinal(market)) this.ask(market.id);
    }
    this.look(picture);
    const count = this.#moved.size + this.#told.length;
    if (!count || this.sheet.open) return;
    this.line.hidden = false;
    write(find("span", this.line), fill(ngettext("While you were away: %(count)s thing happened",
      "While you were away: %(count)s things happened", count), { count }));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.line.hidden = true; }, SHOWN_MS);
  }

  /** Remember what is on the page, if somebody looks at it. */
  look(picture) {
    if (document.hidden || !this.#key) return;
    const seen = Object.fromEntries(picture.told().map((market) => [market.id, stateOf(market)]));
    if (JSON.stringify(seen) === JSON.stringify(this.#seen)) return;
    this.#seen = seen;
    inTab.set(this.#key, JSON.stringify(seen));
  }

  /** What became of a bet that waited for the connection. */
  tell(question, words) {
    this.#told.push({ question, words });
  }

  /** Draw the sheet while it is open; payouts come later than the news. */
  draw(picture) {
    if (!this.sheet.open) return;
    const rows = [...this.#told, ...[...this.#moved].map((id) => this.#row(picture, id))].filter(Boolean);
    const drawnAs = JSON.stringify(rows);
    if (drawnAs === this.#drawnAs) return;
    this.#drawnAs = drawnAs;
    find("ul", this.sheet).replaceChildren(...rows.map(({ question, words, payout, net }) => element(
      "li", {}, element("bdi", {}, question), element("span", { class: "sub" }, words),
      payout === undefined ? null : element("span", { class: `amt ${net > 0 ? "plus" : "minus"}` },
        signed(net), element("small", {}, fill(gettext("%(coins)s back"), { coins: exact(payout) }))),
    )));
  }

  #row(picture, id) {
    const market = picture.markets.get(id);
    if (!market) return null;
    const row = { question: market.question, words: newsWords(market) };
    const staked = picture.staked(market);
    if (!isFinal(market) || !staked || market.mine?.payout == null) return row;
    return { ...row, payout: market.mine.payout, net: market.mine.payout - staked };
  }
}
