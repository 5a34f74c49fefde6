/* What can be done about one person: two taps from a line of chat to its author being out. */

import { closable, find, write } from "../web/elements.js";
import { dayTime, exact } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

const ROLES = {
  host: gettext("Host"), cohost: gettext("Co-host"), moderator: gettext("Moderator"),
  player: gettext("Player"),
};
const STATES = { removed: gettext("removed"), banned: gettext("banned") };
const RANKS = { player: 0, moderator: 1, cohost: 2, host: 3 };
const DONE = {
  remove: gettext("%(name)s is out."), ban: gettext("%(name)s is banned."),
  mute: gettext("%(name)s is muted."), unmute: gettext("%(name)s may speak again."),
  unban: gettext("%(name)s may come back."), make_cohost: gettext("%(name)s is co-host now."),
  make_moderator: gettext("%(name)s is moderator now."),
  make_player: gettext("%(name)s is player now."),
};
const UNDO = { remove: "unban", ban: "unban", mute: "unmute" };

/** A member in words: role, state, since when, staked. */
export function roleWords(row) {
  const parts = [ROLES[row.role], STATES[row.state], row.muted && gettext("muted")];
  if (row.since_ms) parts.push(fill(gettext("since %(since)s"), { since: dayTime(row.since_ms) }));
  if (row.reason) parts.push(row.reason);
  return parts.filter(Boolean).join(" · ");
}

export class PersonSheet {
  #who = null;
  #row = null;
  #line = null;
  #role = null;
  #undo = null;

  /** changed() is called after each act. */
  constructor(sheet, path, changed) {
    Object.assign(this, { sheet, path, changed });
    closable(sheet);
    this.says = find("[data-person-says]", sheet);
    this.undo = find("[data-undo]", sheet);
    find("[data-acts-of]", sheet).addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) this.#act(button.dataset.act, Number(button.dataset.minutes));
    });
    find("[data-delete-line]", sheet).addEventListener("click", () => this.#deleteLine());
    this.undo.addEventListener("click", () => this.#act(this.#undo));
  }

  /** Open for a person of the list (row) or of the chat (line). */
  open(who, { role, row = null, line = null }) {
    this.#who = who;
    this.#role = role;
    this.#line = line;
    this.#undo = null;
    find("[data-reason]", this.sheet).value = "";
    write(find("[data-person-name]", this.sheet), who.nickname);
    write(this.says, "");
    this.#show(row);
    this.sheet.showModal();
    if (!row) this.#read();
  }

  async #read() {
    const who = this.#who;
    const query = `?q=${encodeURIComponent(who.nickname.slice(0, 20))}`;
    try {
      const { results } = await ask("GET", `${this.path}members/${query}`);
      const row = results.find(({ user }) => user.id === who.id);
      if (row && who === this.#who) this.#show(row);
    } catch {
      // The acts work without the facts.
    }
  }

  #show(row) {
    this.#row = row;
    const facts = row ? [roleWords(row), fill(gettext("%(coins)s coins staked tonight"), {
      coins: exact(row.staked ?? 0),
    })] : [];
    write(find("[data-person-facts]", this.sheet), facts.join(" · "));
    const place = find("[data-person-line]", this.sheet);
    place.hidden = !this.#line;
    write(find("[data-words]", place), this.#line?.text ?? "");
    this.#offer();
  }

  // What makes no sense for this person now is not offered; the house has the last word.
  #offer() {
    const row = this.#row ?? { role: "player", state: "in", muted: false };
    const mine = RANKS[this.#role] ?? -1;
    const isOut = row.state !== "in";
    const mayAct = mine >= 1 && mine > RANKS[row.role];
    const offers = {
      remove: !isOut, ban: row.state !== "banned", mute: !isOut && !row.muted, unmute: row.muted,
      unban: isOut, make_cohost: !isOut && mine > 2 && row.role !== "cohost",
      make_moderator: !isOut && mine > 1 && row.role !== "moderator",
      make_player: !isOut && mine > 1 && row.role !== "player",
    };
    for (const button of this.sheet.querySelectorAll("[data-act]")) {
      button.hidden = !mayAct || !offers[button.dataset.act];
    }
    this.undo.hidden = !this.#undo;
    if (!mayAct) write(this.says, gettext("Your role does not suffice to act on this person."));
  }

  async #act(action, minutes) {
    const reason = find("[data-reason]", this.sheet).value.trim();
    const order = { action, ...(reason && { reason }), ...(minutes && { minutes }) };
    const before = this.#row?.role ?? "player";
    await this.#do(async () => {
      const row = await ask("POST", `${this.path}members/${this.#who.id}/`, order);
      this.#undo = action.startsWith("make_") ? `make_${before}` : UNDO[action] ?? null;
      if (this.#undo === action) this.#undo = null;
      this.#show(row);
      const stays = UNDO[action] === "unban" && row.staked
        ? ` ${gettext("What they bet stays, and is paid as for everybody.")}` : "";
      write(this.says, fill(DONE[action], { name: this.#who.nickname }) + stays);
    });
  }

  #deleteLine() {
    const reason = find("[data-reason]", this.sheet).value.trim();
    return this.#do(async () => {
      const { id } = this.#line;
      await ask("DELETE", `${this.path}chat/${encodeURIComponent(id)}/`, reason ? { reason } : {});
      this.#line = null;
      this.#show(this.#row);
      write(this.says, gettext("The line is gone. The log keeps it."));
    });
  }

  async #do(work) {
    try {
      await work();
      this.changed();
    } catch (error) {
      write(this.says, error.message);
    }
    // The button that was pressed may be gone; the reader goes on from here.
    this.says.focus();
  }
}
