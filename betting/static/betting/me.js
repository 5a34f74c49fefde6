/* My page: coins line by line, bets, where I am signed in. */

import { element, find, write } from "../web/elements.js";
import { coins, dayTime, exact, signed } from "../web/figures.js";
import { ask, whoAmI } from "../web/session.js";
import { bindPassword, bindSignIns } from "../accounts/sign-ins.js";
import { bindForget } from "../accounts/forget.js";
import { bindOwnEmail } from "../accounts/own-email.js";
import { bindRename } from "../accounts/names.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { Refill, REFILL_BELOW } from "./refill.js";
import { publishedAnchors, receiptsOf, saveFile } from "./receipts.js";
import { reasonWords } from "./words.js";

const refill = new Refill(find("[data-refill]"), () => location.reload());

const KINDS = {
  grant: gettext("Given by the house"),
  burn: gettext("Taken by the house"),
  bet: gettext("Bet"),
  payout: gettext("Paid"),
  refund: gettext("Refund"),
};

const GIVEN = { welcome: gettext("Welcome coins"), refill: gettext("Refill") };

// What the bets of this page are about; the ledger names markets by number only.
const questions = new Map();

function ledgerLine(line) {
  const why = line.kind === "refund" ? reasonWords(line.reason) : questions.get(line.market);
  const kind = GIVEN[line.reason] ?? KINDS[line.kind] ?? line.kind;
  const text = why ? `${kind}: ${why}` : kind;
  const at = fill(gettext("%(time)s · line %(seq)s"), {
    time: dayTime(line.at_ms), seq: exact(line.seq),
  });
  return element("li", {}, element("span", {}, text), element("span", { class: "sub" }, at),
    element("span", { class: `amt ${line.coins > 0 ? "plus" : "minus"}` }, signed(line.coins),
      element("small", {}, exact(line.after))));
}

/** A button that asks the house to sign the receipt of a bet, and saves it. */
function signedLink(bet) {
  const link = element("button", { class: "btn btn--quiet", type: "button" }, gettext("Receipt"));
  link.setAttribute("aria-label", fill(gettext("Signed receipt of the bet of %(time)s"), {
    time: dayTime(bet.at_ms),
  }));
  link.addEventListener("click", async () => {
    try {
      const club = encodeURIComponent(bet.club);
      saveFile(`ringside-receipt-${bet.club}-${bet.seq}.json`,
        await ask("GET", `/api/me/receipts/${bet.seq}/?club=${club}`));
    } catch (error) {
      write(find("[data-bets] [role=status]"), error.message);
    }
  });
  return link;
}

/** The receipts that this browser kept, as a file with the anchors of now. */
function bindReceipts({ id }) {
  const panel = find("[data-receipts]");
  const receipts = receiptsOf(id);
  const words = ngettext("%(count)s receipt is kept in this browser.",
    "%(count)s receipts are kept in this browser.", receipts.length);
  write(find("[data-count]", panel), receipts.length
    ? fill(words, { count: exact(receipts.length) }) : gettext("No receipt is kept in this browser yet."));
  const save = find("button", panel);
  save.disabled = receipts.length === 0;
  save.addEventListener("click", async () => {
    saveFile("ringside-receipts.json", { receipts, anchors: await publishedAnchors() });
  });
}

function betLine(bet) {
  questions.set(bet.market, bet.question);
  const isOver = bet.payout !== null && bet.payout !== undefined;
  const figures = { stake: exact(bet.stake), paid: isOver ? exact(bet.payout) : "" };
  const words = isOver
    ? gettext("%(stake)s staked · %(paid)s back") : gettext("%(stake)s staked · in play");
  return element("li", {}, element("span", {}, bet.question ?? gettext("A question")),
    element("span", { class: "sub" }, `${fill(words, figures)} · ${dayTime(bet.at_ms)} `, signedLink(bet)),
    element("span", { class: `amt ${bet.payout > bet.stake ? "plus" : "minus"}` },
      isOver ? signed(bet.payout - bet.stake) : "–"));
}

/** A list that grows by a page at a time. */
function bindList(panel, path, line) {
  let next = path;
  const more = find("button", panel);
  const look = async () => {
    more.disabled = true;
    try {
      const page = await ask("GET", next);
      find("ol", panel).append(...page.results.map(line));
      next = page.next;
      find("[data-empty]", panel).hidden = find("ol", panel).children.length > 0;
      write(find("[role=status]", panel), "");
    } catch (error) {
      write(find("[role=status]", panel), error.message);
    }
    more.disabled = false;
    more.hidden = !next;
  };
  more.addEventListener("click", look);
  return look();
}

async function start() {
  const note = find("[data-note]");
  let me;
  try {
    me = await whoAmI();
  } catch (error) {
    return write(note, error.message);
  }
  find("[data-stranger]").hidden = Boolean(me);
  find("[data-mine]").hidden = !me;
  if (!me) return;
  write(find("[data-name]"), me.user.nickname);
  write(find("[data-kind]"), me.user.is_guest ? gettext("Guest in this browser") : gettext("Signed in"));
  const coinsNow = me.wallets[0]?.coins ?? 0;
  refill.show("main", coinsNow < REFILL_BELOW);
  write(find("[data-balance]"), coinsNow < 1_000_000 ? exact(coinsNow) : coins(coinsNow));
  find("[data-keep]").hidden = !me.user.is_guest;
  bindList(find("[data-bets]"), "/api/me/bets/", betLine)
    .then(() => bindList(find("[data-ledger]"), "/api/me/ledger/", ledgerLine));
  bindReceipts(me.user);
  bindIdentity(me.user);
}

function bindIdentity(user) {
  bindRename(find("[data-rename]"), user, ({ nickname }) => write(find("[data-name]"), nickname));
  const look = bindSignIns(find("[data-sign-ins]"));
  find("[data-guest-only]").hidden = !user.is_guest;
  find("[data-password]").hidden = user.is_guest;
  bindPassword(find("[data-password] form"), look);
  // Where password keepers lead; until now the panel was hidden.
  if (location.hash === "#password" && !user.is_guest) find("[data-password] input").focus();
  bindForget(find("[data-forget]"));
  bindOwnEmail(find("[data-own-email]"));
  find("[data-sign-out]").addEventListener("click", async () => {
    await ask("POST", "/api/auth/logout/");
    location.assign("/");
  });
}

start();
