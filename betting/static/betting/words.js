/* Every state of a question as a word, a drawing and a look. */

import { exact, left } from "../web/figures.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { isOneSided } from "./arithmetic.js";
import { isFinal } from "./picture.js";

const STATES = {
  draft: ["draft", "minus", gettext("Coming up")],
  open: ["open", "dot", gettext("Open")],
  locked: ["locked", "lock", gettext("Locked")],
  unofficial: ["locked", "sand", gettext("Unofficial")],
  paying: ["paying", "sand", gettext("Paying")],
  settled: ["paid", "check", gettext("Paid")],
  void: ["refunded", "return", gettext("Refunded")],
  frozen: ["hold", "pause", gettext("On hold")],
};

const REASONS = {
  void: gettext("the host called it off"),
  unresolved: gettext("nobody decided in time"),
  too_small: gettext("too few people"),
  one_sided: gettext("only one side had coins"),
  no_winner: gettext("nobody had the winner"),
  past_post: gettext("after it happened"),
};

// The refund for want of a decision is announced when it is this near.
const UNRESOLVED_NEAR_MS = 15 * 60_000;

/** Name of the state a person should see; frozen and paying go before status. */
export function stateOf(market) {
  if (market.frozen) return "frozen";
  if (market.official) return "unofficial";
  return market.paying ? "paying" : market.status;
}

/** [look, drawing, word] of that state. */
export const stateWords = (market) => STATES[stateOf(market)];

export const reasonWords = (reason) => REASONS[reason] ?? reason ?? "";

export function people(count) {
  return fill(ngettext("%(count)s person", "%(count)s people", count), { count });
}

/** Red · 3 people share 367, or what goes back: a result that may still be changed. */
export function unofficialWords(market) {
  const { winners, would_be: wouldBe } = market.official;
  const names = market.outcomes.filter(({ id }) => winners.includes(id)).map(({ label }) => label);
  const will = wouldBe.status === "void"
    ? fill(gettext("Everyone will be refunded: %(why)s"), { why: reasonWords(wouldBe.reason) })
    : fill(ngettext("%(people)s will get %(coins)s", "%(people)s will share %(coins)s",
      wouldBe.people), { people: people(wouldBe.people), coins: exact(wouldBe.paid) });
  return [names.join(" + "), will].filter(Boolean).join(" · ");
}

/** One sentence under the question, beside the figures; empty when the figures say it all. */
export function remark(market, nowMs) {
  if (market.frozen) return gettext("The house is checking it. Your coins are safe.");
  if (market.official) return unofficialWords(market);
  if (market.status === "void") {
    const said = market.reason_text ? `: ${market.reason_text}` : "";
    return reasonWords(market.reason) + said;
  }
  if (market.paying) return gettext("The coins are on their way.");
  if (market.status === "open" && market.blind) {
    return market.coins === null ? gettext("Odds and shares are hidden until the lock.")
      : gettext("Blind: only those who run the room see the figures.");
  }
  if (market.status === "open" && isOneSided(market)) {
    return gettext("Needs someone on the other side");
  }
  if (market.status !== "locked") return "";
  const span = market.unresolved_at_ms === null ? Infinity : market.unresolved_at_ms - nowMs;
  if (span > UNRESOLVED_NEAR_MS) return gettext("The host decides now.");
  return fill(gettext("Nobody has decided yet: refund in %(left)s"), { left: left(span) });
}

/** What a question came to: its state, or how it ended. */
export function newsWords(market) {
  if (isFinal(market)) return endWords(market);
  const result = market.official ? ` · ${unofficialWords(market)}` : "";
  return stateWords(market)[2] + result;
}

/** Paid · Old Gravy won, or Refunded · too few people. */
export function endWords(market) {
  if (market.status === "void") {
    return fill(gettext("Refunded · %(why)s"), { why: reasonWords(market.reason) });
  }
  const names = market.outcomes.filter(({ id }) => market.winners?.includes(id))
    .map(({ label }) => label);
  return fill(gettext("Paid · %(names)s won"), { names: names.join(" + ") });
}
