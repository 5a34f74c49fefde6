/* How much: chips, and a field with two buttons for every other figure. What the question, the
   wallet and the largest stake leave is said in words beside the field. */

import { find, write } from "../web/elements.js";
import { coins, exact } from "../web/figures.js";
import { fill, gettext } from "../web/words.js";

const CHIPS = [10, 50, 100];
const USUAL = 1;
const COINS_MOST = 10 ** 12;

export class Stake {
  #market = null;
  #wallet = 0;
  #left = Infinity;
  // What somebody wrote, in place of a chip.
  #typed = null;

  constructor(root, changed) {
    this.chips = [...root.querySelectorAll("[name=stake]")];
    this.field = find("[data-stake-field]", root);
    this.range = find("[data-range]", root);
    root.addEventListener("input", ({ target }) => {
      this.#typed = target === this.field ? this.field.value : null;
      changed();
    });
    this.steps = [["less", -1], ["more", 1]].map(([name, sign]) => {
      const button = find(`[data-stake-${name}]`, root);
      button.addEventListener("click", () => {
        this.#step(sign);
        changed();
      });
      return button;
    });
  }

  /** Draw what may be staked on a market, of which `staked` is there already. */
  draw(market, { staked, wallet }) {
    this.#market = market;
    this.#wallet = wallet ?? 0;
    this.#left = market.max_stake === null ? Infinity : market.max_stake - staked;
    this.#drawChips();
    this.#drawField();
  }

  // The smallest step: ten coins, or as many as the smallest bet needs.
  get #unit() {
    const least = this.#market.min_stake;
    return CHIPS[0] * (least > CHIPS[0] ? Math.ceil(least / CHIPS[0]) : 1);
  }

  get #most() {
    return Math.max(0, Math.min(this.#wallet, this.#left, COINS_MOST));
  }

  #worth(chip) {
    if (chip.value === "all") return this.#most;
    if (chip.value === "quarter") return Math.max(this.#market.min_stake, Math.floor(this.#wallet / 4));
    return CHIPS[chip.value] * (this.#unit / CHIPS[0]);
  }

  /** Coins to stake now; 0 where what was written is no whole number. */
  get amount() {
    if (this.#typed !== null) {
      const typed = Number(this.#typed);
      return Number.isSafeInteger(typed) && typed > 0 ? typed : 0;
    }
    const amount = this.#worth(this.chips.find((chip) => chip.checked) ?? this.chips[USUAL]);
    return Math.min(amount, Math.max(this.#most, this.#market.min_stake));
  }

  #step(sign) {
    const next = this.amount + sign * this.#unit;
    this.#typed = String(Math.max(this.#market.min_stake, Math.min(this.#most, next)));
    this.field.value = this.#typed;
  }

  /** Why nothing can be staked on this market at all; null where something can. */
  get whyNothing() {
    const least = this.#market.min_stake;
    if (this.#left < least) return this.#atMost;
    return this.#most < least ? this.#notEnough : null;
  }

  /** Why this amount cannot be staked; null where it can. */
  get whyNot() {
    const { amount } = this;
    if (amount === 0) return gettext("How many whole coins?");
    if (amount < this.#market.min_stake) {
      return fill(gettext("At least %(coins)s here"), { coins: exact(this.#market.min_stake) });
    }
    if (amount > this.#left) return this.#atMost;
    return amount > this.#most ? this.#notEnough : null;
  }

  get #atMost() {
    return fill(gettext("At most %(coins)s per person here"), { coins: exact(this.#market.max_stake) });
  }

  get #notEnough() {
    return fill(gettext("Not enough coins: you have %(coins)s"), { coins: exact(this.#wallet) });
  }

  #drawChips() {
    for (const chip of this.chips) {
      const amount = this.#worth(chip);
      chip.disabled = amount < 1 || amount > this.#most;
      if (this.#typed !== null) chip.checked = false;
      if (chip.value in CHIPS) write(chip.nextElementSibling, coins(amount));
      chip.setAttribute("aria-label", exact(amount));
    }
    if (this.#typed !== null) return;
    const chosen = this.chips.find((chip) => chip.checked) ?? this.chips[USUAL];
    const other = chosen.disabled
      ? this.chips.findLast((chip) => !chip.disabled && chip.value !== "all")
        ?? this.chips.findLast((chip) => !chip.disabled) : null;
    (other ?? chosen).checked = true;
  }

  #drawField() {
    const [least, most] = [this.#market.min_stake, this.#most];
    Object.assign(this.field, { min: least, max: Math.max(least, most) });
    if (this.#typed === null) this.field.value = this.amount;
    const isShut = this.whyNothing !== null;
    for (const control of [this.field, ...this.steps]) control.disabled = isShut;
    const why = isShut ? null : this.whyNot;
    this.field.setAttribute("aria-invalid", String(why !== null));
    this.range.className = why ? "small say--bad" : "small muted";
    // Where nothing is left the button says so.
    write(this.range, why ?? (isShut ? "" : fill(gettext("%(least)s to %(most)s"), {
      least: exact(least), most: exact(most),
    })));
  }
}
