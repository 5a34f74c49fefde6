/* What a browser keeps for this page. Where it keeps nothing, by a setting of its owner or in a
   private window, the page remembers it until it is left. */

class Kept {
  #name;
  #instead = new Map();

  constructor(name) {
    this.#name = name;
  }

  // Even to ask for a storage that is blocked throws.
  #try(act, instead) {
    try {
      return act(globalThis[this.#name]);
    } catch {
      return instead();
    }
  }

  /** null where nothing is kept. */
  get(key) {
    return this.#try((storage) => storage.getItem(key), () => this.#instead.get(key) ?? null);
  }

  set(key, text) {
    this.#try((storage) => storage.setItem(key, text), () => this.#instead.set(key, text));
  }

  drop(key) {
    this.#instead.delete(key);
    this.#try((storage) => storage.removeItem(key), () => {});
  }
}

/** Until this tab is closed. */
export const inTab = new Kept("sessionStorage");

/** For the next visit, too. */
export const inBrowser = new Kept("localStorage");
