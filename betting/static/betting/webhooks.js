/* Webhooks: made, paused, resumed and ended by the host, and what was sent to each. */

import { bindCopy } from "../web/copying.js";
import { element, find, write } from "../web/elements.js";
import { dayTime } from "../web/figures.js";
import { bindForm } from "../web/forms.js";
import { press } from "../web/press.js";
import { ask } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";

const page = find("[data-webhooks]");
const path = `/api/rooms/${page.dataset.webhooks}/webhooks/`;
const says = find("[data-says]");
const sent = find("[data-sent]");
const sentSays = find("[data-sent-says]");
const made = find("[data-made]");
const form = find("form", page);
const events = Object.fromEntries([...sent.querySelectorAll("data")].map((each) => [each.value, each.textContent]));
const WHY = {
  not_public: gettext("the name leads to no public address"),
  nobody_there: gettext("nobody listens there"),
  no_answer: gettext("no answer in time"),
  bad_certificate: gettext("the certificate is not valid for the name"),
  broken_off: gettext("the connection broke off"),
};
let shown = null;

// A button about one thing, which its name for screen readers tells; what it did is said in a line.
function button(words, about, status, work, said = "") {
  const pressed = element("button", { class: "btn", type: "button", "aria-label": `${words}: ${about}` }, words);
  pressed.addEventListener("click", async () => {
    if (!(await press(pressed, status, work)) || !said) return;
    write(status, said);
    status.focus();
  });
  return pressed;
}

function state(hook) {
  const waiting = fill(ngettext("%(count)s event waits", "%(count)s events wait", hook.waiting), { count: hook.waiting });
  return hook.paused_at_ms
    ? `${fill(gettext("paused since %(time)s"), { time: dayTime(hook.paused_at_ms) })} · ${waiting}`
    : waiting;
}

function line(hook) {
  const change = (words, method, rest, said) => button(words, hook.url, says, async () => {
    await ask(method, `${path}${hook.id}/${rest}`);
    if (method === "DELETE" && shown?.id === hook.id) sent.hidden = true;
    await look();
  }, said);
  return element("li", { class: "stack-s" },
    element("p", { class: "address" }, hook.url),
    element("p", { class: "small muted" }, state(hook)),
    element("p", { class: "cluster" },
      button(gettext("Last events"), hook.url, says, () => open(hook)),
      hook.paused_at_ms
        ? change(gettext("Resume"), "POST", "resume/", gettext("It is served again."))
        : change(gettext("Pause"), "POST", "pause/", gettext("It is paused. What happens is kept for it.")),
      change(gettext("End it"), "DELETE", "", gettext("Nothing more is sent to it."))));
}

async function look() {
  const { results } = await ask("GET", path);
  find("[data-list]", page).replaceChildren(...results.map(line));
  write(says, results.length ? "" : gettext("None yet."));
}

function outcome(event) {
  if (event.taken_at_ms) return fill(gettext("taken %(time)s"), { time: dayTime(event.taken_at_ms) });
  if (!event.tries) return gettext("waits");
  const why = WHY[event.why] ?? (event.status
    ? fill(gettext("answered %(status)s"), { status: event.status }) : gettext("is being sent"));
  const tried = fill(ngettext("tried %(count)s time", "tried %(count)s times", event.tries), { count: event.tries });
  return `${why} · ${tried} · ${fill(gettext("next try %(time)s"), { time: dayTime(event.due_at_ms) })}`;
}

function eventLine(event) {
  const name = [events[event.event] ?? event.event, event.question].filter(Boolean).join(" · ");
  const again = button(gettext("Send again"), name, sentSays, async () => {
    await ask("POST", `${path}${shown.id}/deliveries/${event.id}/repeat/`);
    await lookAtEvents();
  }, gettext("It is sent again."));
  again.classList.add("at-end");
  return element("li", {}, element("span", {}, name), element("span", { class: "sub" }, outcome(event)), again);
}

async function lookAtEvents() {
  const { results } = await ask("GET", `${path}${shown.id}/deliveries/`);
  find("[data-events]", sent).replaceChildren(...results.map(eventLine));
  write(sentSays, results.length ? "" : gettext("None yet."));
}

async function open(hook) {
  shown = hook;
  await lookAtEvents();
  write(find("[data-of]", sent), hook.url);
  sent.hidden = false;
  find("h2", sent).focus();
}

const again = find("[data-again]", sent);
again.addEventListener("click", () => press(again, sentSays, async () => {
  await lookAtEvents();
  await look();
}));
bindForm(form, async () => {
  const { secret } = await ask("POST", path, { url: new FormData(form).get("url").trim() });
  write(find("[data-secret]"), secret);
  made.hidden = false;
  form.reset();
  made.focus();
  await look().catch((error) => write(says, error.message));
});
bindCopy(find("[data-copy]"), () => find("[data-secret]").textContent);
find("button", form).disabled = false;
look().catch((error) => write(says, error.message));
