/* Errors of forms: in sentences, beside the field they are about, which gets the focus. */

import { element, find, write } from "./elements.js";
import { fill, gettext } from "./words.js";

// The fields that a refusal is about, where the house names none; the first that is there.
const FIELDS = {
  nickname_refused: ["nickname"], weak_password: ["new", "password"], email_taken: ["email"],
  wrong_credentials: ["current"], not_found: ["room"],
};

const validityWords = ({ validity, min, max, minLength }) => {
  if (validity.valueMissing) return gettext("Please fill this in.");
  if (validity.tooShort) return fill(gettext("At least %(count)s characters, please."), { count: minLength });
  if (validity.typeMismatch) return gettext("This is no e-mail address.");
  if (validity.rangeUnderflow) return fill(gettext("%(count)s or more, please."), { count: min });
  if (validity.rangeOverflow) return fill(gettext("%(count)s or less, please."), { count: max });
  return gettext("A whole number, please.");
};

function clear(field) {
  const line = document.getElementById(field.dataset.error ?? "");
  if (!line) return;
  line.remove();
  delete field.dataset.error;
  field.removeAttribute("aria-invalid");
  const others = field.getAttribute("aria-describedby").split(" ").filter((id) => id !== line.id);
  if (others.length) field.setAttribute("aria-describedby", others.join(" "));
  else field.removeAttribute("aria-describedby");
}

let count = 0;

/** Say what is wrong with a field, until somebody writes in it. */
export function mark(field, words) {
  clear(field);
  count += 1;
  const line = element("p", { class: "err", id: `error-${count}` }, words);
  (field.closest(".field, .answer, .sayline") ?? field).append(line);
  field.dataset.error = line.id;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby",
    [field.getAttribute("aria-describedby"), line.id].filter(Boolean).join(" "));
  field.addEventListener("input", () => clear(field), { once: true });
}

/** Whether all fields that are shown may be sent; else each says why, and the first has the focus.
    The form asks the browser for no bubbles: they speak its language and not the page's. */
export function isComplete(form) {
  const wrong = [...form.elements].filter((field) => field.willValidate && !field.closest("[hidden]")
    && !field.validity.valid);
  wrong.forEach((field) => mark(field, validityWords(field)));
  reveal(wrong[0]);
  return wrong.length === 0;
}

// What is folded away is opened, or nobody would see the words.
function reveal(field) {
  const folded = field?.closest("details");
  if (folded) folded.open = true;
  field?.focus();
}

/** Say why the house refused a form: beside its field where it is known, else in the form's line. */
export function showRefusal(form, error, { fields = {} } = {}) {
  const names = [error.detail?.field, ...(FIELDS[error.code] ?? [])];
  const field = names.map((name) => name && (fields[name] ?? form.elements[name])).find(Boolean);
  const line = find("[role=status]", form);
  if (line && (!field?.closest || field.closest("[hidden]"))) return write(line, error.message);
  mark(field ?? form.elements[0], error.message);
  reveal(field ?? form.elements[0]);
}

/** Send a form by work(button): what is missing or refused is said, and it is sent once at a time.
    Where work() returns true the page is being left, and nothing is sent any more. */
export function bindForm(form, work, traits = {}) {
  form.noValidate = true;
  form.addEventListener("reset", () => form.querySelectorAll("[data-error]").forEach(clear));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = find("[role=status]", form);
    if (line) write(line, "");
    if (!isComplete(form)) return;
    const buttons = form.querySelectorAll("[type=submit]");
    const shut = (isShut) => buttons.forEach((button) => { button.disabled = isShut; });
    shut(true);
    try {
      shut((await work(event.submitter)) === true);
    } catch (error) {
      shut(false);
      showRefusal(form, error, traits);
    }
  });
}
