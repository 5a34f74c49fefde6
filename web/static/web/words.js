/* Words of the page's language: gettext with plurals, and a place for figures in a sentence.
   The catalogue is a script of its own; without it the English source is shown. */

const catalogue = globalThis.django ?? {};

export const gettext = catalogue.gettext ?? ((text) => text);
export const ngettext = catalogue.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

// Hebrew, Arabic and their neighbours, or a mark that turns what follows.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc]|[\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A name as it stands in a sentence: one from right to left moves nothing around it. */
function isolated(value) {
  const text = String(value);
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** Put figures and names into a sentence: fill("%(coins)s coins", {coins: 5}). */
export function fill(sentence, figures) {
  return sentence.replace(/%\((\w+)\)s/g, (_, name) => isolated(figures[name]));
}
