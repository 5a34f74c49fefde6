/* A new room takes a title; whoever opens it hosts it, guests too. */

import { element, find, write } from "../web/elements.js";
import { suggestName } from "../accounts/names.js";
import { bindForm } from "../web/forms.js";
import { inTab } from "../web/kept.js";
import { ask, becomeGuest, whoAmI } from "../web/session.js";
import { PlaceFields } from "./place-fields.js";
import { uuid } from "./uuid.js";

const form = find("[data-new-room]");
const note = find("[role=status]", form);
// The same key until it is answered: two taps make one room.
const key = uuid();
const place = new PlaceFields(form);

bindForm(form, async () => {
  if (!place.isReady) return false;
  if (!(await whoAmI())) {
    await becomeGuest(form.elements.nickname.value.trim(), (words) => write(note, words));
  }
  const room = await ask("POST", "/api/rooms/", {
    title: form.elements.title.value.trim(),
    visibility: form.elements.visibility.value,
    hosts_may_bet: form.elements.hosts_may_bet.checked,
    evening_public: form.elements.evening_public.checked,
    official_after_s: Number(form.elements.official_after_s.value),
    stream_delay_s: Number(form.elements.stream_delay_s.value),
    place: place.chosen,
    club: form.elements.club.value,
    key,
  });
  inTab.set("ringside.keep", room.code);
  location.assign(`/r/${room.code}/`);
  return true;
});

/** The clubs in which I may open rooms; ?club= chooses one. */
async function listClubs() {
  const { results } = await ask("GET", "/api/clubs/");
  const open = results.filter((club) => club.may_open_rooms);
  const field = form.elements.club;
  field.append(...open.map(({ slug, title }) => element("option", { value: slug }, title)));
  const wanted = new URLSearchParams(location.search).get("club");
  if (open.some(({ slug }) => slug === wanted)) field.value = wanted;
  find("[data-of-club]").hidden = open.length === 0;
}

whoAmI().then((me) => {
  if (me) listClubs().catch(() => {});
  find("[data-your-name]").hidden = Boolean(me);
  if (!me) suggestName(form.elements.nickname);
}, () => {});

// Until this script listens, a press would be lost, or the browser would send the form itself.
find("button", form).disabled = false;
