/* Receipts: the answers to this browser's last accepted bets, kept for the person who placed them,
   so that they can tell later whether the ledger still holds them. */

import { element } from "../web/elements.js";

const KEPT_MAX = 200;
const FIELDS = ["bet_id", "market", "outcome", "stake", "coins", "position", "epoch", "seq", "at_ms", "chain"];
export const WELL_KNOWN = "/.well-known/ringside-receipts.json";

const keyOf = (userId) => `ringside.receipts.${userId}`;
const nameOf = ({ club, seq, chain }) => `${club} ${seq} ${chain}`;

/** The receipts kept here, oldest first. */
export function receiptsOf(userId) {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(userId)));
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** Keep an accepted bet. A repeat is the same receipt; without storage nothing is kept. */
export function keepReceipt(userId, club, answer) {
  const receipt = { club, ...Object.fromEntries(FIELDS.map((name) => [name, answer[name]])) };
  const others = receiptsOf(userId).filter((one) => nameOf(one) !== nameOf(receipt));
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify([...others, receipt].slice(-KEPT_MAX)));
  } catch {
    // A browser that keeps nothing bets as well; its owner may ask for signed receipts.
  }
}

/** The anchors that the house shows now, newest first; none when it does not answer. */
export async function publishedAnchors() {
  try {
    const answer = await fetch(WELL_KNOWN);
    return answer.ok ? (await answer.json()).anchors : [];
  } catch {
    return [];
  }
}

/** Hand somebody a file. */
export function saveFile(name, content) {
  const text = new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
  const href = URL.createObjectURL(text);
  const link = element("a", { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
