/* Letter, shape and colour of an answer: always all three, always in the same order. */

import { drawing, element } from "../web/elements.js";

const LETTERS = "ABCDEFGHIJ";
const file = document.body.dataset.icons;

export const letterAt = (place) => LETTERS[place];

export function letterOf(market, outcomeId) {
  return LETTERS[market.outcomes.findIndex(({ id }) => id === outcomeId)];
}

export function shape(letter) {
  return drawing(file, `mark-${letter}`);
}

/** The corner pad of a post. */
export function pad(letter) {
  return element("span", { class: "pad" }, element("span", {}, letter), shape(letter));
}

/** A mark inside a sentence. */
export function mark(letter) {
  return element("span", { class: "mark", "data-outcome": letter }, letter, shape(letter));
}
