/* Asking to be forgotten: two presses, and what follows. */

import { find, write } from "../web/elements.js";
import { dayTime } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

const PATH = "/api/auth/forget/";

export function bindForget(panel) {
  const note = find("[role=status]", panel);
  const first = find("[data-ask]", panel);
  const sure = find("[data-sure]", panel);
  const no = find("[data-no]", panel);

  function show(askedAtMs) {
    first.hidden = Boolean(askedAtMs);
    sure.hidden = no.hidden = true;
    if (!askedAtMs) return;
    write(note, fill(gettext("Asked on %(time)s. You are forgotten once your last bet is paid."), {
      time: dayTime(askedAtMs),
    }));
  }

  first.addEventListener("click", () => {
    first.hidden = true;
    sure.hidden = no.hidden = false;
    // Not on the button that does it: a second press of the same key must not.
    no.focus();
  });
  no.addEventListener("click", () => {
    show(null);
    first.focus();
  });
  sure.addEventListener("click", async () => {
    sure.disabled = true;
    try {
      show((await ask("POST", PATH)).asked_at_ms);
      note.focus();
    } catch (error) {
      write(note, error.message);
    }
    sure.disabled = false;
  });
  ask("GET", PATH).then((told) => show(told.asked_at_ms), () => {});
}
