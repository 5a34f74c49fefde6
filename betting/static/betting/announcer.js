/* The one polite line for those who listen: events at once, figures never. */

import { write } from "../web/elements.js";
import { signed } from "../web/figures.js";
import { fill, gettext } from "../web/words.js";
import { isOpen } from "./picture.js";
import { newsWords } from "./words.js";

// Seconds before the lock that are said, the last first.
const LEFT_S = [10, 30, 60];

export class Announcer {
  #line;
  #wasOffline = false;
  #counted = null;
  #left = Infinity;
  #turned = new Set();

  constructor(line) {
    this.#line = line;
  }

  /** The connection is gone for long, or back after that; what is short is not worth a word. */
  connection(state) {
    if (state === "offline") write(this.#line, gettext("No connection: a bet waits until it is back."));
    if (state === "open" && this.#wasOffline) write(this.#line, gettext("Connected again."));
    this.#wasOffline = state === "offline" || (this.#wasOffline && state !== "open");
  }

  /** A market changed its state. */
  turned(market) {
    this.#turned.add(market.id);
    write(this.#line, `${market.question} ${newsWords(market)}`);
  }

  /** Say when a minute, half of it and ten seconds are left of the market in the ring. */
  tick(market, nowMs) {
    const closesAtMs = market && isOpen(market) ? market.closes_at_ms : null;
    const spanS = closesAtMs === null ? Infinity : (closesAtMs - nowMs) / 1000;
    const left = spanS > 0 ? LEFT_S.find((seconds) => spanS <= seconds) ?? Infinity : 0;
    const isNews = market?.id === this.#counted && left < this.#left && left > 0;
    this.#counted = market?.id;
    this.#left = left;
    if (isNews) write(this.#line, fill(gettext("%(seconds)s seconds until the lock."), { seconds: left }));
  }

  /** Say once what a market that ended before one's eyes brought. */
  paid(market, staked) {
    if (!staked || market?.mine?.payout == null || !this.#turned.delete(market.id)) return;
    const net = signed(market.mine.payout - staked);
    write(this.#line, fill(gettext("%(news)s. For you: %(net)s coins."), { news: newsWords(market), net }));
  }
}
