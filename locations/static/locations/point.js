/* One exact position on a map; opening its page was noted. */

import * as L from "../js_lib_leaflet/leaflet-src.esm.js";
import { mapIn } from "./ground.js";

const NEAR_ZOOM = 15;
const place = document.querySelector("[data-map]");
const at = [Number(place.dataset.lat), Number(place.dataset.lon)];
const map = mapIn(place, place.dataset).setView(at, NEAR_ZOOM);

if (place.dataset.accuracy) {
  const error = L.circle(at, {
    radius: Number(place.dataset.accuracy), className: "map-error", interactive: false,
  }).addTo(map);
  map.fitBounds(error.getBounds().pad(0.5), { maxZoom: NEAR_ZOOM });
}
L.circleMarker(at, { radius: 8, className: "map-point", interactive: false }).addTo(map);
