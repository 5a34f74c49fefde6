/* What the room of this page sees of me: asked of the house first, so that the form never says
   less than is shown, and again when it runs out. */

import { find, write } from "../web/elements.js";
import { dayTime } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

const ASK_AGAIN_MS = 5000;
const { code } = find("main").dataset;
const form = find("[data-sharing]");
const note = find("[data-shared]");
let timer = null;
let question = 0;

function show({ sharing }) {
  const here = sharing.find((each) => each.room === code);
  form.elements.level.value = here?.level ?? "off";
  write(note, here
    ? fill(gettext("This room sees it until %(time)s."), { time: dayTime(here.until_ms) })
    : gettext("Nobody here sees anything."));
  form.hidden = false;
  clearTimeout(timer);
  // The clock of the house decides when it is over; this one only says when to ask.
  if (here) timer = setTimeout(read, Math.max(ASK_AGAIN_MS, here.until_ms - Date.now()));
}

// An answer that was overtaken says nothing any more.
async function read() {
  const mine = ++question;
  try {
    const told = await ask("GET", "/api/locations/me/");
    if (mine === question) show(told);
  } catch {
    if (mine !== question) return;
    // The map beside it says why; what is not known is not shown.
    form.hidden = true;
    timer = setTimeout(read, ASK_AGAIN_MS);
  }
}

async function share(body) {
  const mine = ++question;
  try {
    const told = await ask("PUT", "/api/locations/sharing/", body);
    if (mine === question) show(told);
  } catch (error) {
    if (mine === question) write(note, error.message);
  }
}

/** Show the form, follow it, and keep it true. */
export function bindSharing() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    share({
      room: code, level: form.elements.level.value, minutes: Number(form.elements.minutes.value),
    });
  });
  find("[data-pause]").addEventListener("click", () => share({ level: "off" }));
  read();
}
