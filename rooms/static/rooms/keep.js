/* Keep this room: a seat for a second device, and an account for a guest who hosts. */

import { bindCopy } from "../web/copying.js";
import { closable, find, write } from "../web/elements.js";
import { clockTime } from "../web/figures.js";
import { bindForm } from "../web/forms.js";
import { ask, whoAmI } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

// As room codes: nothing that is mistaken for something else.
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

/** Three groups of four, so that an e-mail is all that has to be written. */
function madeUpPassword() {
  const signs = Array.from(crypto.getRandomValues(new Uint32Array(12)),
    (figure) => LETTERS[figure % LETTERS.length]);
  return signs.join("").replace(/(.{4})(?!$)/g, "$1-");
}

export class KeepSheet {
  #link = "";
  #me = null;

  constructor(sheet, path) {
    Object.assign(this, { sheet, path });
    closable(sheet);
    this.says = find("[data-seat-says]", sheet);
    this.copy = find("[data-copy-seat]", sheet);
    bindCopy(this.copy, () => this.#link);
    this.#bindAccount(find("[data-make-account]", sheet));
  }

  open() {
    this.sheet.showModal();
    this.#offer();
    this.#ask();
  }

  async #offer() {
    const drawing = find("[data-seat-qr]", this.sheet);
    drawing.hidden = this.copy.hidden = true;
    write(this.copy, gettext("Copy the link"));
    try {
      const offered = await ask("POST", `${this.path}seats/`, { role: "cohost" });
      this.#link = offered.link;
      drawing.src = offered.qr;
      drawing.hidden = this.copy.hidden = false;
      write(this.says, fill(gettext("Good until %(time)s."), {
        time: clockTime(offered.expires_at_ms),
      }));
    } catch (error) {
      write(this.says, error.message);
    }
  }

  async #ask() {
    this.#me = await whoAmI().catch(() => null);
    const form = find("[data-make-account]", this.sheet);
    form.hidden = !this.#me?.user.is_guest;
    form.elements.password.value ||= madeUpPassword();
  }

  #bindAccount(form) {
    bindForm(form, async () => {
      const { email, password } = form.elements;
      // So that the browser offers to keep it.
      password.type = "password";
      await ask("POST", "/api/auth/register/", {
        email: email.value, password: password.value, nickname: this.#me.user.nickname,
      }).catch((error) => {
        password.type = "text";
        throw error;
      });
      // Every sign-in began anew, that of the socket too.
      location.reload();
      return true;
    });
  }
}
