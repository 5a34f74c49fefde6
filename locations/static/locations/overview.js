/* Where people are now, for operators: squares with counts, rooms as discs, and the list beside. */

import * as L from "../js_lib_leaflet/leaflet-src.esm.js";
import { mapIn } from "./ground.js";

const EVERY_MS = 15_000;
const PAUSE_MS = 250;
const NEAREST_ZOOM = 14;
const EARTH = "-90,-180,90,180";
const place = document.querySelector("[data-map]");
const list = document.querySelector("[data-list]");
const stale = document.querySelector(".stale");
const map = mapIn(place, place.dataset);
const layer = L.layerGroup().addTo(map);
let answeredAt = new Date();
let question = 0;
let timer = 0;

// From 1 to 4, by powers of ten; the figure itself stands in the square.
const weight = (people) => Math.min(4, 1 + Math.floor(Math.log10(people)));

// Beyond the date line the map goes on counting degrees; the house does not.
const turn = (lon) => 360 * Math.round((map.getCenter().lng - lon) / 360);

function draw({ cells, rooms }) {
  layer.clearLayers();
  for (const [south, west, north, east, people] of cells) {
    const aside = turn((west + east) / 2);
    const corners = L.latLngBounds([south, west + aside], [north, east + aside]);
    L.rectangle(corners, { className: `map-cell map-cell--${weight(people)}`, interactive: false })
      .addTo(layer);
    const icon = L.divIcon({ className: "map-count", html: String(people), iconSize: [32, 16] });
    L.marker(corners.getCenter(), { icon, interactive: false, keyboard: false }).addTo(layer);
  }
  for (const [lat, lon, radius, title] of rooms) {
    const centre = [lat, lon + turn(lon)];
    L.circle(centre, { radius, className: "map-place" }).addTo(layer);
    // A circle of a hundred metres is nothing on a map of a country.
    L.circleMarker(centre, { radius: 5, className: "map-point" })
      .bindTooltip(document.createTextNode(title)).addTo(layer);
  }
}

function show(told) {
  draw(told);
  // Never while somebody's focus is in it.
  if (!list.contains(document.activeElement)) list.innerHTML = told.list;
}

function box() {
  const seen = map.getBounds();
  return [seen.getSouth(), seen.getWest(), seen.getNorth(), seen.getEast()].join(",");
}

async function look() {
  if (!document.hidden) await ask(box());
}

async function ask(asked) {
  question += 1;
  const mine = question;
  let told = null;
  try {
    const answer = await fetch(`?box=${asked}`, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    told = await answer.json();
    if (mine !== question) return told;
    show(told);
    answeredAt = new Date();
    stale.hidden = true;
  } catch {
    if (mine !== question) return told;
    stale.textContent = `${stale.dataset.text} ${answeredAt.toLocaleTimeString()}`;
    stale.hidden = false;
  }
  return told;
}

function extent({ cells, rooms }) {
  const corners = cells.map(([south, west, north, east]) => L.latLngBounds([south, west], [north, east]));
  const circles = rooms.map(([lat, lon, radius]) => L.latLng(lat, lon).toBounds(2 * radius));
  return [...corners, ...circles].reduce((all, each) => all.extend(each), L.latLngBounds([]));
}

/** Begin where something is: closer and closer, because wide maps have large squares. */
async function begin() {
  let told = await ask(EARTH);
  for (let before = -1; told && extent(told).isValid() && before < map.getZoom();) {
    before = map.getZoom();
    map.fitBounds(extent(told), { maxZoom: NEAREST_ZOOM, animate: false });
    told = await ask(box());
  }
}

map.on("moveend", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE_MS);
});
setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
list.addEventListener("click", (event) => {
  const { lat, lon, size } = event.target.dataset;
  if (!lat) return;
  // The list will change with the map: whoever came by keyboard goes on there.
  place.focus();
  map.fitBounds(L.latLng(Number(lat), Number(lon)).toBounds(2 * Number(size)));
});
begin();
