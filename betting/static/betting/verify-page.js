/* The page that says of kept receipts and anchors whether the ledger still holds them. */

import { element, find, icon, write } from "../web/elements.js";
import { dayTime, exact } from "../web/figures.js";
import { ask } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { publishedAnchors } from "./receipts.js";

// Half of what one call may hold: it is answered sooner, and only so few are asked again.
const PER_CALL = 100;
const SHOWN_ANCHORS = 24;
const GOOD = new Set(["stands", "not_yet"]);

const isGood = ({ code, signed }) => GOOD.has(code) && signed !== false;

/** What is in a file, or null: one of ours, one signed receipt, or a list of receipts. */
function read(text) {
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    return null;
  }
  if (Array.isArray(told)) return { receipts: told, anchors: [] };
  if (told?.bet_id) return { receipts: [told], anchors: [] };
  const { receipts = [], anchors = [] } = told ?? {};
  return Array.isArray(receipts) && Array.isArray(anchors) ? { receipts, anchors } : null;
}

/** Ask the house about all of them, in the order of their entries: an earlier one that stands
    says up to when the ledger is known. */
async function judge({ receipts, anchors }) {
  const bySeq = (a, b) => a.seq - b.seq;
  const told = [...receipts].sort(bySeq).map((receipt) => ["receipts", receipt]);
  told.push(...[...anchors].sort(bySeq).map((anchor) => ["anchors", anchor]));
  const lines = [];
  for (let at = 0; at < told.length; at += PER_CALL) {
    const some = told.slice(at, at + PER_CALL);
    const of = (kind) => some.filter(([name]) => name === kind).map(([, one]) => one);
    const body = { receipts: of("receipts"), anchors: of("anchors") };
    const said = await ask("POST", "/api/verify/", body);
    lines.push(...said.receipts.map((line, n) => ({ ...line, receipt: body.receipts[n] })));
    lines.push(...said.anchors.map((line, n) => ({ ...line, anchor: body.anchors[n] })));
  }
  return lines;
}

function nameWords({ receipt, anchor, club, seq }) {
  const told = { club, seq: exact(seq), time: dayTime((receipt ?? anchor).at_ms) };
  if (anchor) return fill(gettext("Anchor of %(time)s · %(club)s, entry %(seq)s"), told);
  const figures = { ...told, stake: exact(receipt.stake) };
  return fill(gettext("Bet of %(stake)s · %(time)s · %(club)s, entry %(seq)s"), figures);
}

function lineOf(line) {
  const good = isGood(line);
  return element("li", { class: "verdict", "data-code": line.code },
    element("span", { class: `say ${good ? "say--good" : "say--bad"}` },
      icon(good ? "check" : "warn"), line.message),
    element("span", { class: "sub num" }, nameWords(line)));
}

function summary(lines) {
  const bad = lines.filter((line) => !isGood(line)).length;
  if (!bad) {
    return fill(ngettext("%(count)s stands in the ledger, as it was answered.",
      "All %(count)s stand in the ledger, as they were answered.", lines.length),
    { count: exact(lines.length) });
  }
  return fill(ngettext("%(bad)s of %(count)s does not stand: the ledger was changed, or the file was.",
    "%(bad)s of %(count)s do not stand: the ledger was changed, or the file was.", bad),
  { bad: exact(bad), count: exact(lines.length) });
}

async function check(text) {
  const says = find("[data-says]");
  const list = find("[data-verdicts]");
  list.replaceChildren();
  says.className = "say";
  const kept = read(text);
  if (!kept || kept.receipts.length + kept.anchors.length === 0) {
    write(says, gettext("There are no receipts in this file."));
    return;
  }
  write(says, gettext("Looking…"));
  try {
    const lines = await judge(kept);
    // What does not stand comes first.
    list.replaceChildren(...[...lines].sort((a, b) => isGood(a) - isGood(b)).map(lineOf));
    says.className = lines.every(isGood) ? "say say--good" : "say say--bad";
    write(says, summary(lines));
  } catch (error) {
    write(says, error.message);
  }
}

async function showAnchors() {
  const anchors = await publishedAnchors();
  find("[data-anchors] ol").replaceChildren(...anchors.slice(0, SHOWN_ANCHORS).map((one) =>
    element("li", {}, element("code", { class: "chain" }, one.chain),
      element("span", { class: "sub" }, dayTime(one.at_ms)),
      element("span", { class: "amt" }, exact(one.seq), element("small", {}, one.club)))));
  find("[data-none]").hidden = anchors.length > 0;
}

find("#receipts").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (file) await check(await file.text());
  // The same file may be chosen again.
  target.value = "";
});
showAnchors();
