/* My sign-ins: where I am signed in, and ending that; another password. */

import { browserWords } from "./browsers.js";
import { element, find, write } from "../web/elements.js";
import { dayTime } from "../web/figures.js";
import { bindForm } from "../web/forms.js";
import { ask } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";

function whenWords(signIn) {
  const figures = { since: dayTime(signIn.created_at_ms), seen: dayTime(signIn.seen_at_ms) };
  return fill(signIn.is_this
    ? gettext("since %(since)s") : gettext("last seen %(seen)s"), figures);
}

function row(signIn, end) {
  const browser = browserWords(signIn.browser);
  const where = signIn.address ? ` · ${signIn.address}` : "";
  const line = element("li", {}, element("span", {}, browser),
    element("span", { class: "sub num" }, whenWords(signIn) + where));
  if (signIn.is_this) {
    line.append(element("span", { class: "flag at-end" }, gettext("This browser")));
    return line;
  }
  const button = element("button", {
    class: "btn at-end", type: "button",
    "aria-label": fill(gettext("Sign out %(browser)s"), { browser }),
  }, gettext("Sign out"));
  button.addEventListener("click", () => end(button, signIn));
  line.append(button);
  return line;
}

/** The list with its buttons; answers a function that reads it anew. */
export function bindSignIns(panel) {
  const list = find("ul", panel);
  const note = find("[role=status]", panel);
  const others = find("[data-end-others]", panel);

  async function look() {
    const { results } = await ask("GET", "/api/auth/sign-ins/");
    list.replaceChildren(...results.map((signIn) => row(signIn, end)));
    others.hidden = results.length < 2;
  }

  async function act(button, work) {
    button.disabled = true;
    try {
      write(note, await work());
      await look();
      // The button that was pressed may be gone; the reader goes on from here.
      note.focus();
    } catch (error) {
      write(note, error.message);
    }
    button.disabled = false;
  }

  const end = (button, { id }) => act(button, async () => {
    await ask("DELETE", `/api/auth/sign-ins/${id}/`);
    return gettext("Signed out there.");
  });

  others.addEventListener("click", () => act(others, async () => {
    const { ended } = await ask("POST", "/api/auth/sign-ins/end/", { others_only: true });
    return fill(ngettext("%(count)s sign-in ended.", "%(count)s sign-ins ended.", ended), {
      count: ended,
    });
  }));
  const lookAgain = () => look().catch((error) => write(note, error.message));
  lookAgain();
  return lookAgain;
}

/** The form for another password; `changed` is called when every other sign-in has ended. */
export function bindPassword(form, changed) {
  const note = find("[role=status]", form);
  bindForm(form, async () => {
    note.className = "say--bad small";
    await ask("POST", "/api/auth/password/", Object.fromEntries(new FormData(form)));
    form.reset();
    note.className = "say--good small";
    write(note, gettext("Password changed. You are signed out everywhere else."));
    changed();
  });
  find("button", form).disabled = false;
}
