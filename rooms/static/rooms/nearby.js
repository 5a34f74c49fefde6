/* How far rooms are: bands, never metres, from a position that is cut to 100 m before it leaves. */

import { drawn, find, write } from "../web/elements.js";
import { coins } from "../web/figures.js";
import { inTab } from "../web/kept.js";
import { gettext } from "../web/words.js";

const WORDS = {
  inside: gettext("You are inside"),
  under_200_m: gettext("Under 200 m"),
  under_1_km: gettext("Under 1 km"),
  under_5_km: gettext("Under 5 km"),
  far: gettext("Further away"),
};
const LOOK = { enableHighAccuracy: false, maximumAge: 60_000, timeout: 20_000 };
const AGAIN_MS = 60_000;
const WISH = "ringside.near";
// Circles of the drawing by band, in its own units, and how many rooms have room on each.
const RINGS = { inside: 0, under_200_m: 62, under_1_km: 112, under_5_km: 162 };
const PER_RING = 8;
const MIDDLE = 190;

export const bandWords = (band) => WORDS[band] ?? "";

const cut = (degrees) => Math.round(degrees * 1000) / 1000;

export class Nearby {
  #at = null;
  #turned;
  #timer = null;
  #button = find("[data-near]");
  #map = find("[data-near-map]");

  /** turned() is called when the position or the wish changed. */
  constructor(turned) {
    this.#turned = turned;
    this.#button.addEventListener("click", () => (this.isOn ? this.#stop() : this.#start()));
    this.#button.disabled = false;
    if (inTab.get(WISH)) this.#start();
  }

  get isOn() {
    return this.#at !== null;
  }

  /** What to ask the list with. */
  get query() {
    return this.isOn ? `?lat=${this.#at.lat}&lon=${this.#at.lon}` : "";
  }

  #start() {
    if (!("geolocation" in navigator)) return this.#refused();
    clearTimeout(this.#timer);
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      this.#at = { lat: cut(coords.latitude), lon: cut(coords.longitude) };
      inTab.set(WISH, "1");
      this.#timer = setTimeout(() => this.#start(), AGAIN_MS);
      this.#say(gettext("Position is on for this list"),
        gettext("You see bands, never metres. Nobody sees you."), gettext("Turn off"));
    }, () => this.#refused(), LOOK);
  }

  #stop() {
    this.#forget();
    this.#say(gettext("How far are they?"), gettext("Position is off again."),
      gettext("Use my position"));
  }

  #refused() {
    this.#forget();
    this.#say(gettext("No position"),
      gettext("This browser does not tell where it is. The list and everything else work without."),
      gettext("Try again"));
  }

  #forget() {
    clearTimeout(this.#timer);
    inTab.drop(WISH);
    this.#at = null;
  }

  #say(title, words, action) {
    write(find("[data-near-title]"), title);
    write(find("[data-near-words]"), words);
    write(this.#button, action);
    this.#turned();
  }

  /** Draw the rooms that have a band, nearest in the middle; the list says the same. */
  draw(rooms) {
    const near = this.isOn ? rooms.filter((room) => room.place?.band in RINGS) : [];
    this.#map.hidden = near.length === 0;
    find("svg", this.#map)?.remove();
    if (near.length) this.#map.prepend(picture(near));
  }
}

function picture(rooms) {
  const size = MIDDLE * 2;
  const svg = drawn("svg", { class: "map", viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true" });
  for (const [band, radius] of Object.entries(RINGS)) {
    if (!radius) continue;
    svg.append(drawn("circle", { class: "band", cx: MIDDLE, cy: MIDDLE, r: radius }),
      drawn("text", { class: "scale", x: MIDDLE, y: MIDDLE - radius - 5 }, WORDS[band]));
  }
  svg.append(drawn("circle", { class: "me", cx: MIDDLE, cy: MIDDLE, r: 6 }));
  for (const [band, radius] of Object.entries(RINGS)) {
    const there = rooms.filter((room) => room.place.band === band).slice(0, PER_RING);
    there.forEach((room, place) => svg.append(...disc(room, band, radius, place / there.length)));
  }
  return svg;
}

// Spread round the ring, from half past four on, clear of the words at the top.
function disc(room, band, radius, turn) {
  const angle = Math.PI * (0.25 + 2 * turn);
  const away = radius ? radius - 14 : 30;
  const x = MIDDLE + away * Math.cos(angle);
  const y = MIDDLE + away * Math.sin(angle);
  const look = band === "inside" ? "disc here" : "disc";
  const name = room.title.length > 16 ? `${room.title.slice(0, 15)}…` : room.title;
  return [drawn("circle", { class: look, cx: x, cy: y, r: 17 }),
    drawn("text", { class: "count", x, y: y + 5 }, coins(room.here)),
    drawn("text", { class: "name", x, y: y + (y < MIDDLE ? -23 : 32) }, name)];
}
