/* Words of the page's language: gettext with plurals, and a place for figures in a sentence.
   The catalogue is a script of its own; without it the English source is shown. */

const catalogue = globalThis.django ?? {};

export const gettext = catalogue.gettext ?? ((text) => text);
export const ngettext = catalogue.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

/** Put figures into a sentence: fill("%(coins)s coins", {coins: 5}). */
export function fill(sentence, figures) {
  return sentence.replace(/%\((\w+)\)s/g, (_, name) => String(figures[name]));
}
