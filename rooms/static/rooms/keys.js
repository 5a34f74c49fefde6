/* Keys for programs: made, shown once, listed and ended by the host. */

import { bindCopy } from "../web/copying.js";
import { element, find, write } from "../web/elements.js";
import { dayTime } from "../web/figures.js";
import { bindForm } from "../web/forms.js";
import { ask } from "../web/session.js";
import { fill, gettext } from "../web/words.js";

const page = find("[data-keys]");
const path = `/api/rooms/${page.dataset.keys}/keys/`;
const says = find("[data-says]");
const form = find("form", page);
const made = find("[data-made]");
const labels = Object.fromEntries([...form.querySelectorAll("[name=rights]")].map(
  (box) => [box.value, box.parentElement.textContent.trim()],
));

function line(key) {
  const used = key.used_at_ms
    ? fill(gettext("last used %(time)s"), { time: dayTime(key.used_at_ms) }) : gettext("never used");
  const until = fill(gettext("until %(time)s"), { time: dayTime(key.expires_at_ms) });
  const end = element("button", {
    class: "btn at-end", type: "button", "aria-label": `${gettext("End it")}: ${key.name}`,
  }, gettext("End it"));
  end.addEventListener("click", () => act(async () => {
    end.disabled = true;
    await ask("DELETE", `${path}${key.id}/`);
    await look();
    write(says, gettext("The key opens nothing any more."));
    says.focus();
  }));
  const rights = key.rights.map((right) => labels[right]).join(", ");
  return element("li", {}, element("span", {}, key.name),
    element("span", { class: "sub" }, `${rights} · ${used} · ${until}`), end);
}

async function look() {
  const { results } = await ask("GET", path);
  find("ul", page).replaceChildren(...results.map(line));
  write(says, results.length ? "" : gettext("None yet."));
}

async function act(work) {
  try {
    await work();
  } catch (error) {
    write(says, error.message);
  }
}

bindForm(form, async () => {
  const fields = new FormData(form);
  const { key } = await ask("POST", path, {
    name: fields.get("name"), rights: fields.getAll("rights"), days: Number(fields.get("days")),
  });
  write(find("[data-key]"), key);
  made.hidden = false;
  form.reset();
  made.focus();
  await act(look);
});
bindCopy(find("[data-copy]"), () => find("[data-key]").textContent);
find("button", form).disabled = false;
act(look);
