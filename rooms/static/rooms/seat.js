/* A seat: the token behind the # makes whoever opens it first a co-host. */

import { find, write } from "../web/elements.js";
import { ask, becomeGuest, whoAmI } from "../web/session.js";

const says = find("[data-seat-says]");
const away = find("[data-seat-away]");

async function take() {
  away.hidden = true;
  try {
    if (!(await whoAmI())) await becomeGuest("", (words) => write(says, words));
    const { room } = await ask("POST", "/api/seats/", { seat: location.hash.slice(1) });
    // Back must not lead to a link that is used up.
    location.replace(`/r/${room.code}/`);
  } catch (error) {
    write(says, error.message);
    away.hidden = false;
  }
}

find("[data-seat-again]").addEventListener("click", take);
take();
