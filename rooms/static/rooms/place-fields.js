/* The place of a new room: where this browser is, how far it reaches, and what that is worth. */

import { find, write } from "../web/elements.js";
import { fill, gettext } from "../web/words.js";

const LOOK = { enableHighAccuracy: true, maximumAge: 5_000, timeout: 20_000 };

export class PlaceFields {
  #fields;
  #says;
  #fix = null;

  constructor(form) {
    this.#fields = form.elements;
    this.#says = find("[data-place-says]", form);
    const turn = () => {
      find("[data-place]", form).hidden = !this.#wants;
      if (this.#wants && !this.#fix) this.#ask();
    };
    this.#fields.has_place.addEventListener("change", turn);
    // Whoever is quicker than this script has ticked it already; so has a browser that remembers.
    turn();
    this.#fields.radius_m.addEventListener("change", () => this.#preview());
  }

  get #wants() {
    return this.#fields.has_place.checked;
  }

  #ask() {
    if (!("geolocation" in navigator)) return this.#refused();
    write(this.#says, gettext("Asking this browser for its position…"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { this.#fix = coords; this.#preview(); }, () => this.#refused(), LOOK);
  }

  #refused() {
    write(this.#says, gettext("This browser does not tell its position, so the room has no place."));
    this.#fields.has_place.checked = false;
  }

  // A circle that is smaller than twice the error loses people who are in it.
  #preview() {
    if (!this.#fix) return;
    const error = Math.ceil(this.#fix.accuracy);
    const words = error * 2 > Number(this.#fields.radius_m.value)
      ? gettext("This browser is exact to %(error)s m only: in so small a circle phones will be taken for outside.")
      : gettext("This browser is exact to %(error)s m. The middle of the circle is where you are now.");
    write(this.#says, fill(words, { error }));
  }

  /** False while the position is asked for. */
  get isReady() {
    return !this.#wants || this.#fix !== null;
  }

  /** The place as the house takes it, or null. */
  get chosen() {
    if (!this.#wants) return null;
    return {
      lat: this.#fix.latitude, lon: this.#fix.longitude,
      radius_m: Number(this.#fields.radius_m.value),
      bets_need_presence: this.#fields.bets_need_presence.checked,
    };
  }
}
