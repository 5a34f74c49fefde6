/* What every map stands on: tiles where the operator named some, else land and a graticule of our own. */

import * as L from "../js_lib_leaflet/leaflet-src.esm.js";

const METRES_PER_DEGREE = 111195;

/** A map in an element that names its ground in data-land and data-tiles; the whole earth at first. */
export function mapIn(place, { land, tiles }) {
  const map = L.map(place, { worldCopyJump: true, zoomControl: true }).setView([20, 0], 2);
  map.attributionControl.setPrefix("Leaflet");
  L.control.scale().addTo(map);
  if (tiles) L.tileLayer(tiles, { maxZoom: 19 }).addTo(map);
  else drawLand(map, land);
  return map;
}

function drawLand(map, land) {
  fetch(land).then((answer) => answer.json()).then((shape) => {
    const style = { className: "map-land" };
    L.geoJSON(shape, { style, interactive: false, attribution: "Natural Earth" })
      .addTo(map).bringToBack();
  });
  const lines = [];
  for (let degrees = -180; degrees <= 180; degrees += 10) {
    lines.push([[-85, degrees], [85, degrees]]);
    if (Math.abs(degrees) <= 80) lines.push([[degrees, -180], [degrees, 180]]);
  }
  L.polyline(lines, { className: "map-grid", interactive: false }).addTo(map);
}

/** The corners of a square of so many metres round its middle. */
export function square({ lat, lon, size_m: size }) {
  const half = size / METRES_PER_DEGREE / 2;
  const wide = half / Math.cos((lat * Math.PI) / 180);
  return [[lat - half, lon - wide], [lat + half, lon + wide]];
}
