/* The place of a room, on its page: whether I am there, how the house may know, and what to do
   when a bet was refused for it. The room's script says which room it is by events of the page. */

import { find, icon, write } from "../web/elements.js";
import { showRefusal } from "../web/forms.js";
import { inTab } from "../web/kept.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";
import { Reporter } from "./report.js";
import { help, standing, WHY } from "./words.js";

const LOOK_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;

const panel = find("[data-here-at]");
const path = `/api/rooms/${panel.dataset.hereAt}/presence/`;
// A reload goes on with what was allowed in this tab; a new tab asks again.
const WISH = `ringside.reports.${panel.dataset.hereAt}`;
const part = (name) => find(`[data-${name}]`, panel);

const reporter = new Reporter((words) => {
  write(part("reporting"), words);
  write(part("report"), reporter.isOn
    ? gettext("Stop using my position") : gettext("Use my position"));
  panel.toggleAttribute("data-reports", reporter.isOn);
  if (reporter.isOn) lookSoon();
});

let place = null;
let knownAt = null;
let timer = null;

function lookSoon(waitMs = 500) {
  clearTimeout(timer);
  timer = setTimeout(look, waitMs);
}

function draw(found) {
  if (found.where !== "unknown") knownAt = Date.now();
  const minutes = knownAt === null ? null : Math.max(1, Math.floor((Date.now() - knownAt) / MINUTE_MS));
  const [tone, drawn, word] = standing(found.where, reporter.isOn, minutes);
  const state = part("where");
  if (state.textContent !== word) {
    state.className = `state state--${tone}`;
    state.replaceChildren(icon(drawn), word);
  }
  panel.dataset.where = found.where;
  if (!place.bets_need_presence) return;
  write(part("may"), found.may_bet
    ? (found.proof === "code" ? gettext("The code counts for ten minutes. Bets are taken.")
      : gettext("Bets are taken from here."))
    : fill(gettext("No bets from here: %(why)s."), { why: WHY[found.why] ?? found.why }));
  write(part("help"), found.may_bet ? "" : help(found.why));
}

async function look() {
  clearTimeout(timer);
  if (!document.hidden) {
    try {
      draw(await ask("GET", path));
    } catch (error) {
      write(part("reporting"), error.message);
    }
  }
  timer = setTimeout(look, LOOK_EVERY_MS);
}

function begin(room) {
  const isNew = !place && room.place;
  place = room.place;
  panel.hidden = !place;
  if (!place) {
    clearTimeout(timer);
    return reporter.isOn && reporter.stop();
  }
  const isStrict = place.bets_need_presence;
  part("strict").hidden = part("code").hidden = !isStrict;
  part("lenient").hidden = isStrict;
  if (!isNew) return;
  if (inTab.get(WISH)) reporter.start();
  look();
}

part("report").addEventListener("click", () => {
  if (reporter.isOn) {
    inTab.drop(WISH);
    reporter.stop();
    return lookSoon();
  }
  inTab.set(WISH, "1");
  reporter.start();
});

part("code").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = event.target.elements.code;
  const code = field.value.replace(/\D/g, "");
  try {
    draw(await ask("POST", path, { code }));
    field.value = "";
    write(part("coded"), gettext("The code is right."));
  } catch (error) {
    write(part("coded"), "");
    showRefusal(event.target, error);
  }
});

document.addEventListener("ringside:room", ({ detail }) => begin(detail));
document.addEventListener("ringside:not-inside", ({ detail }) => {
  write(part("help"), help(detail.why));
  panel.scrollIntoView({ block: "nearest" });
  look();
});
