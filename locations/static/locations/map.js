/* The map of a room, and what this room may see of me. The list says in words what the map draws. */

import * as L from "../js_lib_leaflet/leaflet-src.esm.js";
import { element, find, write } from "../web/elements.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";
import { mapIn, square } from "./ground.js";
import { Reporter } from "./report.js";
import { bindSharing } from "./sharing.js";
import { standing, WHY } from "./words.js";

const LOOK_EVERY_MS = 5000;
const MINUTE_MS = 60_000;
const main = find("main");
const { code } = main.dataset;
const room = `/api/rooms/${code}`;

const LEVELS = {
  presence: gettext("is around"),
  area: gettext("shows an area"),
  exact: gettext("shows where"),
};
const map = mapIn(find("[data-map]"), main.dataset);
const people = L.layerGroup().addTo(map);
let isCentred = false;
let knownAtMs = null;

const button = find("[data-report]");
const reporter = new Reporter((words) => {
  write(find("[data-reporting]"), words);
  write(button, reporter.isOn ? gettext("Stop using my position") : gettext("Use my position"));
});

function draw(told) {
  const names = new Map(told.people.map((person) => [person.user, person.nickname]));
  people.clearLayers();
  if (told.place) {
    const circle = L.circle([told.place.lat, told.place.lon], {
      radius: told.place.radius_m, className: "map-place",
    }).addTo(people);
    centre(circle.getBounds(), 1);
  }
  for (const cell of told.cells) {
    L.rectangle(square(cell), { className: "map-cell" })
      .bindTooltip(document.createTextNode(names.get(cell.user) ?? "")).addTo(people);
  }
  for (const point of told.points) {
    const words = fill(gettext("%(name)s, %(age)s s ago"), {
      name: names.get(point.user) ?? "", age: point.age_s,
    });
    if (point.accuracy_m) {
      L.circle([point.lat, point.lon], { radius: point.accuracy_m, className: "map-error" })
        .addTo(people);
    }
    L.circleMarker([point.lat, point.lon], { radius: 8, className: "map-point" })
      .bindTooltip(document.createTextNode(words)).addTo(people);
  }
  centre(L.latLngBounds([...told.cells, ...told.points].map(({ lat, lon }) => [lat, lon])), 0.3);
}

// Once; afterwards the map is moved by whoever looks at it.
function centre(bounds, margin) {
  if (isCentred || !bounds.isValid()) return;
  map.fitBounds(bounds.pad(margin), { maxZoom: 15 });
  isCentred = true;
}

/** How far a spot is from the place of the room, or else its degrees. */
function spot({ lat, lon }, place) {
  if (!place) return `${lat.toFixed(3)}, ${lon.toFixed(3)}`;
  const awayM = map.distance([lat, lon], [place.lat, place.lon]);
  const away = awayM < 1000 ? `${Math.round(awayM / 10) * 10} m` : `${(awayM / 1000).toFixed(1)} km`;
  return fill(gettext("%(away)s from the place"), { away });
}

/** What the map draws of somebody, in words. */
function shown({ user, level }, told) {
  const what = LEVELS[level] ?? "";
  if (level === "presence") return what;
  const mine = ({ user: other }) => other === user;
  const point = told.points.find(mine);
  const drawn = point ?? told.cells.find(mine);
  if (!drawn) return `${what} · ${gettext("not known now")}`;
  const age = point ? ` · ${fill(gettext("%(age)s s ago"), { age: point.age_s })}` : "";
  return `${what} · ${spot(drawn, told.place)}${age}`;
}

function list(told) {
  find("[data-people]").replaceChildren(...told.people.map((person) => element("li", {},
    element("span", {}, person.nickname),
    element("span", { class: "sub" }, shown(person, told)))));
  find("[data-nobody]").hidden = told.people.length > 0;
  write(find("[data-note]"), fill(gettext("%(here)s here, %(sharing)s show themselves"), told.counts));
}

/** Where one stands; and what that means for bets, in a room that asks for it. */
function presenceWords(place, mine) {
  if (!place.bets_need_presence) return whereWords(mine.where);
  return mine.may_bet ? gettext("You are inside. Bets are taken from here.")
    : fill(gettext("No bets from here: %(why)s."), { why: WHY[mine.why] ?? mine.why });
}

function whereWords(where) {
  const nowMs = Date.now();
  if (where !== "unknown") knownAtMs = nowMs;
  const minutes = knownAtMs === null ? null
    : Math.max(1, Math.floor((nowMs - knownAtMs) / MINUTE_MS));
  const [, , word] = standing(where, reporter.isOn, minutes);
  return word;
}

async function look() {
  try {
    const told = await ask("GET", `${room}/map/`);
    draw(told);
    list(told);
    if (told.place) {
      const mine = await ask("GET", `${room}/presence/`);
      write(find("[data-presence]"), presenceWords(told.place, mine));
    }
  } catch (error) {
    write(find("[data-note]"), error.message);
  }
  setTimeout(look, LOOK_EVERY_MS);
}

bindSharing();
button.addEventListener("click", () => (reporter.isOn ? reporter.stop() : reporter.start()));
button.disabled = false;
look();
