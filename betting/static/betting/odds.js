/* How the shares of a question's answers moved: a line for each, and the figures as a table. */

import { drawn, element, find, write } from "../web/elements.js";
import { clockTime } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";
import { letterAt, mark } from "./marks.js";

const WIDE = 300;
const HIGH = 100;
const ALL = 10_000;
const AGAIN_MS = 10_000;
const TRIES_MOST = 4;

const percent = (share) => `${(share / 100).toFixed(1)} %`;

export class OddsLine {
  #root;
  #points = new Map();
  #asked = new Map();
  #tries = new Map();
  #drawnAs = "";

  constructor(root) {
    this.#root = root;
  }

  /** Draw the lines of a decided market at once. */
  async show(market) {
    await this.#fetch(market);
    this.draw(market);
  }

  /** Draw the lines of a market whose bets are over; of others nothing is asked. */
  draw(market) {
    const isOver = market && market.opened_at_ms !== null && market.status !== "open";
    if (isOver && !this.#isWhole(market)) this.#fetch(market);
    const points = isOver ? this.#points.get(market.id) : null;
    this.#root.hidden = !points?.length;
    if (!points?.length) return;
    const drawnAs = `${market.id} ${points.length}`;
    if (drawnAs === this.#drawnAs) return;
    this.#drawnAs = drawnAs;
    find("[data-lines]", this.#root).replaceChildren(this.#lines(market, points));
    find("table", this.#root).replaceChildren(...this.#rows(market, points));
    write(find("[data-at]", this.#root), "");
  }

  // The ledger may be some bets behind the lock: the last point has the shares of the market.
  #isWhole({ id, coins, outcomes }) {
    const last = this.#points.get(id)?.at(-1).shares;
    return last?.every((share, place) => share === Math.floor((ALL * outcomes[place].coins) / coins));
  }

  async #fetch({ id }) {
    const tries = this.#tries.get(id) ?? 0;
    if (tries === TRIES_MOST || performance.now() - (this.#asked.get(id) ?? -Infinity) < AGAIN_MS) return;
    this.#tries.set(id, tries + 1);
    this.#asked.set(id, performance.now());
    // Without an answer there is no drawing; the figures stand on the posts all the same.
    const told = await ask("GET", `/api/markets/${id}/odds/`).catch(() => null);
    if (told?.points.length) this.#points.set(id, told.points);
  }

  #lines(market, points) {
    const from = points[0].at_ms;
    const to = Math.max(market.locked_at_ms ?? 0, points.at(-1).at_ms, from + 1);
    const x = (atMs) => ((atMs - from) / (to - from)) * WIDE;
    const y = (share) => HIGH - (share / ALL) * HIGH;
    const lines = market.outcomes.map((_one, place) => {
      // A share holds until the next bet: steps, not slopes.
      const steps = points.map(({ at_ms: atMs, shares }, at) => (at
        ? `H${x(atMs).toFixed(1)}V${y(shares[place]).toFixed(1)}`
        : `M0 ${y(shares[place]).toFixed(1)}`));
      return drawn("path", {
        class: "odds-line", "data-outcome": letterAt(place), d: `${steps.join("")}H${WIDE}`,
        "vector-effect": "non-scaling-stroke",
      });
    });
    const svg = drawn("svg", {
      viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true",
    }, ...lines);
    svg.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect();
      const atMs = from + ((event.clientX - box.left) / box.width) * (to - from);
      this.#tell(points.findLast((point) => point.at_ms <= atMs) ?? points[0]);
    });
    return svg;
  }

  #tell({ at_ms: atMs, shares }) {
    find("[data-at]", this.#root).replaceChildren(`${clockTime(atMs)} `,
      ...shares.flatMap((share, place) => [mark(letterAt(place)), ` ${percent(share)} `]));
  }

  #rows(market, points) {
    const head = element("tr", {}, element("th", { scope: "col" }, gettext("Time")),
      ...market.outcomes.map(({ label }, place) => element("th", { scope: "col" },
        mark(letterAt(place)), element("span", { class: "vh" },
          fill(" %(label)s", { label })))));
    return [element("thead", {}, head), element("tbody", {},
      ...points.map(({ at_ms: atMs, shares }) => element("tr", {},
        element("th", { scope: "row" }, clockTime(atMs)),
        ...shares.map((share) => element("td", {}, percent(share))))))];
  }
}
