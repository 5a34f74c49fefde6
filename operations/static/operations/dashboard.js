// Keeps the front page at the newest figures. A part is only replaced when it changed, and never
// while somebody's focus or selection is in it.
import { retell } from "./times.js";

const EVERY_MS = 5000;
const root = document.querySelector("[data-front]");
const stale = root.querySelector(".stale");
const parts = new Map([...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
const shown = new Map();
let answeredAt = new Date();

function isInUse(part) {
  const selection = document.getSelection();
  return part.contains(document.activeElement) || (!selection.isCollapsed && part.contains(selection.anchorNode));
}

function show(told) {
  for (const [name, part] of parts) {
    if (told[name] === undefined || told[name] === shown.get(name) || isInUse(part)) continue;
    part.innerHTML = told[name];
    shown.set(name, told[name]);
    retell(part);
  }
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(root.dataset.front, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json());
    answeredAt = new Date();
    stale.hidden = true;
  } catch {
    stale.textContent = `${stale.dataset.text} ${answeredAt.toLocaleTimeString()}`;
    stale.hidden = false;
  }
  root.classList.toggle("is-stale", !stale.hidden);
}

setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
