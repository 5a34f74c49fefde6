/* The coins in the corner of a page. They step to a new value, they never count up for long. */

import { coins, exact } from "../web/figures.js";
import { gettext, fill } from "../web/words.js";

const STEP_MS = 50;
const STEPS = 8;
const places = document.querySelectorAll("[data-purse]");
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
let shown = null;
let target = null;
let stepping = null;

function show(count) {
  shown = count;
  for (const place of places) {
    place.querySelector("[data-coins]").textContent = coins(count);
    place.setAttribute("aria-label", fill(gettext("%(coins)s coins to play"), { coins: exact(count) }));
  }
}

/** Show the wallet, within 400 ms. */
export function showCoins(count) {
  if (count === target) return;
  target = count;
  clearInterval(stepping);
  if (shown === null || isStill) {
    show(count);
    return;
  }
  const from = shown;
  let step = 0;
  stepping = setInterval(() => {
    step += 1;
    show(Math.round(from + ((count - from) * step) / STEPS));
    if (step === STEPS) clearInterval(stepping);
  }, STEP_MS);
}
