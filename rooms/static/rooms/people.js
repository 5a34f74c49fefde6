/* Who is here and what was done, for those who moderate; chat modes and the second device. */

import { element, find, write } from "../web/elements.js";
import { dayTime, exact } from "../web/figures.js";
import { inTab } from "../web/kept.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";
import { KeepSheet } from "./keep.js";
import { PersonSheet, roleWords } from "./person.js";

const RUN = ["host", "cohost"];
const MODERATE = [...RUN, "moderator"];
const SEARCH_AFTER_MS = 250;

export class People {
  #role = null;
  #panel = find("[data-people]");
  #says = find("[data-people-says]");

  constructor(code, chat) {
    this.path = `/api/rooms/${code}/`;
    this.code = code;
    this.chat = chat;
    this.person = new PersonSheet(find("#person"), this.path, () => this.#look());
    this.keep = new KeepSheet(find("#keep-room"), this.path);
    chat.about = (who, line) => this.person.open(who, { role: this.#role, line });
    this.persons = this.#bindList(find("[data-persons]"), (row) => this.#person(row));
    this.acts = this.#bindList(find("[data-acts]"), actLine);
    this.#bindSearch();
    this.#bindModes();
    document.addEventListener("click", (event) => {
      const isWanted = event.target.closest("[data-open-keep]");
      if (!isWanted && !event.target.closest("[data-later]")) return;
      find("[data-keep-room]").hidden = true;
      if (isWanted) this.keep.open();
    });
  }

  welcome({ you }) {
    const isNew = inTab.get("ringside.keep") === this.code;
    inTab.drop("ringside.keep");
    if (isNew && you.role === "host") find("[data-keep-room]").hidden = false;
  }

  /** One's own role, as it is now. */
  set role(role) {
    if (role === this.#role) return;
    this.#role = role;
    this.#panel.hidden = !MODERATE.includes(role);
    this.chat.moderate(MODERATE.includes(role));
    for (const part of this.#panel.querySelectorAll("[data-for-hosts]")) {
      part.hidden = !RUN.includes(role);
    }
    find("[data-for-host]", this.#panel).hidden = role !== "host";
  }

  #look() {
    for (const list of [this.persons, this.acts]) list.look();
  }

  /** A list of pages in a part that is read when it is opened. */
  #bindList(part, draw) {
    const list = find("ul, ol", part);
    const more = find("[data-more]", part);
    const bound = { query: "", next: null, asked: 0 };
    const read = async (path, put) => {
      const turn = ++bound.asked;
      try {
        const page = await ask("GET", path);
        if (turn !== bound.asked) return;
        put(page.results.map(draw));
        bound.next = page.next;
        more.hidden = !page.next;
        if (find("[data-empty]", part)) find("[data-empty]", part).hidden = list.children.length > 0;
        write(this.#says, "");
      } catch (error) {
        write(this.#says, error.message);
      }
    };
    const what = part.hasAttribute("data-acts") ? "acts" : "members";
    bound.look = () => part.open
      && read(`${this.path}${what}/${bound.query}`, (rows) => list.replaceChildren(...rows));
    part.addEventListener("toggle", bound.look);
    more.addEventListener("click", () => read(bound.next, (rows) => list.append(...rows)));
    return bound;
  }

  #bindSearch() {
    const form = find("[data-search]", this.#panel);
    let waiting = null;
    const look = () => {
      const words = form.elements.q.value.trim();
      this.persons.query = words ? `?q=${encodeURIComponent(words)}` : "";
      this.persons.look();
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(look, SEARCH_AFTER_MS);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      look();
    });
  }

  #bindModes() {
    const modes = [...this.#panel.querySelectorAll("[name=chat_mode]")];
    let now = "on";
    const show = () => modes.forEach((mode) => { mode.checked = mode.value === now; });
    document.addEventListener("ringside:room", ({ detail }) => {
      now = detail.chat_mode;
      show();
    });
    find("[data-chat-modes]").addEventListener("change", async (event) => {
      try {
        now = (await ask("PATCH", this.path, { chat_mode: event.target.value })).chat_mode;
        write(this.#says, "");
      } catch (error) {
        write(this.#says, error.message);
      }
      show();
      this.acts.look();
    });
  }

  #person(row) {
    const name = element("button", { class: "who", type: "button" }, row.user.nickname);
    name.addEventListener("click", () => this.person.open(row.user, { role: this.#role, row }));
    return element("li", { class: row.state === "in" ? "" : "is-out" }, name,
      element("span", { class: "sub" }, roleWords(row)),
      element("span", { class: "at-end num" }, exact(row.staked ?? 0)));
  }
}

function actLine(act) {
  const by = act.by?.nickname ?? gettext("The house");
  const whom = act.of && act.of.id !== act.by?.id ? ` ${act.of.nickname}` : "";
  const about = [act.detail, act.reason].filter(Boolean).join(" · ");
  return element("li", {}, element("span", {}, `${by}: ${act.words}${whom}`),
    element("span", { class: "sub" }, fill(gettext("%(time)s %(about)s"), {
      time: dayTime(act.at_ms), about,
    })));
}
