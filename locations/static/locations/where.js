/* What Ringside knows about where I am: see it, take it along, take it away. */

import { element, find, write } from "../web/elements.js";
import { dayTime, exact } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";

const note = find("[data-note]");
const SEES = {
  presence: gettext("sees that you are here"),
  area: gettext("sees your area"),
  exact: gettext("sees where you are"),
};

function positionWords(position) {
  if (!position) return gettext("No position is known.");
  const figures = {
    lat: position.lat.toFixed(5), lon: position.lon.toFixed(5), time: dayTime(position.fix_ms),
    accuracy: position.accuracy_m === null ? "?" : exact(Math.round(position.accuracy_m)),
  };
  const words = position.live
    ? gettext("%(lat)s, %(lon)s, good to %(accuracy)s m, live")
    : gettext("%(lat)s, %(lon)s, good to %(accuracy)s m, from %(time)s");
  return fill(words, figures);
}

function historyWords(history) {
  if (!history.fixes) return gettext("Nothing is kept.");
  const words = ngettext(
    "%(fixes)s position from %(from)s", "%(fixes)s positions from %(from)s to %(to)s", history.fixes,
  );
  return fill(words, {
    fixes: exact(history.fixes), from: dayTime(history.from_ms), to: dayTime(history.to_ms),
  });
}

/* Why reports of a phone were not taken: what could not be read, and what could not be believed. */
const MISSED = {
  no_time: gettext("no time in them"),
  no_place: gettext("no place in them"),
  malformed: gettext("nothing in them that is understood here"),
  encrypted: gettext("they are encrypted; turn that off in the app"),
  too_large: gettext("they are larger than 512 KB"),
  too_many: gettext("there were more than 2,000 at once"),
  future: gettext("their time is ahead of ours"),
  past: gettext("they are older than history is kept"),
  range: gettext("there is no such place"),
  null_island: gettext("the phone did not know where it was"),
};

function missedWords({ reason, reports }) {
  const words = ngettext(
    "%(reports)s report of your phone could not be read: %(why)s",
    "%(reports)s reports of your phone could not be read: %(why)s", reports,
  );
  return fill(words, { reports: exact(reports), why: MISSED[reason] ?? reason });
}

function deviceLine(device) {
  const seen = device.seen_at_ms
    ? fill(gettext("last report %(time)s"), { time: dayTime(device.seen_at_ms) })
    : gettext("no report yet");
  const end = element("button", { class: "btn btn--quiet", type: "button" }, gettext("Remove"));
  end.addEventListener("click", () => act("DELETE", `/api/locations/devices/${device.id}/`));
  return element("li", {}, element("span", {}, device.name),
    element("span", { class: "sub" }, seen),
    ...(device.missed ?? []).map((each) => element("span", { class: "sub" }, missedWords(each))), end);
}

function sharingLine(shared) {
  const until = fill(gettext("%(level)s until %(time)s"), {
    level: SEES[shared.level], time: dayTime(shared.until_ms),
  });
  return element("li", {}, element("a", { href: `/r/${shared.room}/map/` }, shared.room),
    element("span", { class: "sub" }, until));
}

async function show() {
  try {
    const told = await ask("GET", "/api/locations/me/");
    write(find("[data-position]"), positionWords(told.position));
    write(find("[data-history]"), historyWords(told.history));
    find("[data-devices]").replaceChildren(...told.devices.map(deviceLine));
    find("[data-sharing]").replaceChildren(...told.sharing.map(sharingLine));
    find("[data-nothing]").hidden = told.sharing.length > 0;
    find("[data-mine]").hidden = false;
    write(note, "");
  } catch (error) {
    write(note, error.message);
  }
}

async function act(method, path, body) {
  try {
    const told = await ask(method, path, body);
    await show();
    return told;
  } catch (error) {
    write(note, error.message);
    return null;
  }
}

find("[data-pause]").addEventListener("click", () => act("PUT", "/api/locations/sharing/", { level: "off" }));

find("[data-pair]").addEventListener("click", async () => {
  const paired = await act("POST", "/api/locations/devices/", {});
  if (!paired) return;
  for (const app of ["owntracks", "traccar"]) {
    find(`[data-${app}-link]`).href = paired[app].link;
    find(`[data-${app}-qr]`).src = paired[app].qr;
  }
  find("[data-paired]").hidden = false;
});

find("[data-erase]").addEventListener("click", async () => {
  if (!globalThis.confirm(gettext("Erase everything about where you were?"))) return;
  const report = await act("DELETE", "/api/locations/me/");
  if (!report) return;
  const erased = fill(gettext("Erased: %(history)s past positions, %(devices)s phones."), {
    history: exact(report.history + report.waiting), devices: exact(report.devices),
  });
  const kept = report.kept.map((words) => element("li", {},
    fill(gettext("Not reached: %(words)s"), { words })));
  find("[data-report]").replaceChildren(element("li", {}, erased), ...kept);
});

show();
