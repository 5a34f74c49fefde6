/* The room page: it enters, listens, and draws the picture it has. */

import { find, write } from "../web/elements.js";
import { clockTime, exact } from "../web/figures.js";
import { showCoins } from "../accounts/purse.js";
import { inTab } from "../web/kept.js";
import { ask, becomeGuest, whoAmI, wordsOf } from "../web/session.js";
import { setReach } from "../web/reach.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { Chat } from "../rooms/chat.js";
import { People } from "../rooms/people.js";
import { bindInvitation } from "../rooms/invitation.js";
import { ScreenLinks } from "../rooms/screen-links.js";
import { RoomSocket } from "../rooms/socket.js";
import { Announcer } from "./announcer.js";
import { Away } from "./away.js";
import { Bets } from "./bets.js";
import { Chime } from "./chime.js";
import { Standings } from "./evening.js";
import { Gate } from "./gate.js";
import { Host } from "./host.js";
import { letterOf } from "./marks.js";
import { bindKeys } from "./keys.js";
import { Memory } from "./memory.js";
import { OddsLine } from "./odds.js";
import { Pause } from "./pause.js";
import { Picture } from "./picture.js";
import { keepReceipt } from "./receipts.js";
import { Refill, REFILL_BELOW } from "./refill.js";
import { Results } from "./results.js";
import { Ring } from "./ring.js";
import { drawRounds } from "./rounds.js";
import { Slip } from "./slip.js";
import { Stage } from "./stage.js";
import { Ticket } from "./ticket.js";

const TICK_MS = 250;
// Who comes back from a dead zone does not look at once.
const LAPSED_MS = 20_000;

const page = find("main");
const { code } = page.dataset;
const picture = new Picture();
const socket = new RoomSocket(code, { hear, turn, ask: () => enterRoom() });
const gate = new Gate(find("[data-gates]"), enter);
const ring = new Ring(find("[data-ring]"));
const stage = new Stage(find("[data-questions]"), draw);
const slip = new Slip(find("[data-slip]"), { bets: () => bets, redraw: draw });
const odds = new OddsLine(find("[data-odds]"));
const ticket = new Ticket(find("[data-place]"));
const refill = new Refill(find("[data-refill]"), ({ coins }) => showCoins(coins));
const chat = new Chat(find("[data-chat]"), (message) => socket.send(message));
const results = new Results(code, { picture, drawn: draw });
const host = new Host(code, (market) => market && hear({ type: "market", market }), hear);
const memory = new Memory(find("[data-memory]"));
const away = new Away(find("[data-away]"), find("#away-news"), { code, ask: (id) => results.ask(id) });
const pause = new Pause(find("[data-paused]"));
const chime = new Chime(find("[data-chime]"));
const announcer = new Announcer(find("[data-announcer]"));
const standings = new Standings(find("[data-standings]"), code);
const people = new People(code, chat);
const screenLinks = new ScreenLinks(find("[data-screens]"), code);
let bets = null;

// Events of the room. What other scripts of this page want to know goes out as events of its own.

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(`ringside:${name}`, { detail }));
}

const EVENTS = {
  welcome(message) {
    // Somebody else is signed in here now: what this page keeps is not theirs.
    if (picture.you && picture.you.id !== message.you.id) return location.reload();
    picture.hear(message);
    memory.welcome();
    pause.welcome();
    chat.welcome(message);
    bets ??= makeBets(message.you.id);
    bets.askAgain();
    away.back(picture);
    gate.open();
    results.want();
    tell("room", message.room);
    people.welcome(message);
  },
  market(message) {
    const { market } = message;
    const step = (one) => one && `${one.status} ${one.official?.winners} ${Boolean(one.official)}`;
    const before = step(picture.markets.get(market.id));
    const isNews = picture.hear(message) && before !== step(market);
    if (isNews) announcer.turned(market);
    if (isNews && market.status === "open") chime.opens();
    if (isNews && market.status === "settled") chime.pays();
    results.want();
  },
  wallet(message) {
    picture.hear(message);
    results.want();
  },
  room(message) {
    picture.hear(message);
    tell("room", message.room);
  },
  chat: (message) => chat.add(message),
  "chat.gone": ({ id }) => chat.gone(id),
  notice(message) {
    if (!pause.hear(message)) slip.say(memory.hear(message) ?? message.message, "plain", "bell");
    // What one may do here has changed: the welcome tells it whole.
    if (message.code === "muted" || message.code === "role") socket.send({ type: "hello" });
  },
  error: (message) => bets?.hear(message) || chat.refused(message)
    || slip.say(wordsOf(message), "bad", "warn"),
  "bet.accepted": (message) => bets?.hear(message),
  "bet.refused": (message) => bets?.hear(message),
};

function hear(message) {
  if (EVENTS[message.type]) EVENTS[message.type](message);
  else picture.hear(message);
  away.look(picture);
  draw();
}

function makeBets(userId) {
  return new Bets({
    userId, code,
    send: (message) => socket.send(message),
    now: () => socket.clock.now(),
    isOpen: (id) => picture.markets.get(id)?.status === "open",
    answered: heardOfBet,
    unknown: (bet) => {
      slip.say(gettext("Not known yet. Asking again with the same bet, never twice."), "plain", "spin",
        bet.market);
      draw();
    },
  });
}

function heardOfBet(bet, answer) {
  if (answer.type === "bet.accepted") {
    keepReceipt(picture.you.id, picture.room.club, answer);
    picture.hear(answer);
    return slip.taken(bet, answer, picture.markets.get(bet.market) ?? null);
  }
  const hasWaited = !answer.type;
  slip.say(wordsOf(answer), "bad", "warn", bet.market, hasWaited ? LAPSED_MS : undefined);
  // Its question may not be in the ring any more.
  if (hasWaited) {
    away.tell(picture.markets.get(bet.market)?.question ?? gettext("A question"), answer.message);
  }
  if (answer.code === "not_inside") tell("not-inside", answer.detail ?? {});
}

// Drawing

function draw() {
  if (!picture.you) return;
  const market = stage.market(picture);
  const nowMs = socket.clock.now();
  const mine = market ? picture.mine(market) : new Map();
  const mayChoose = picture.mayBet;
  const before = ring.posts;
  ring.draw(market, mine, { mayChoose, nowMs });
  if (ring.posts !== before) watchChoice(market);
  drawSlip(market, mine, nowMs);
  refill.show(picture.room.club, isBroke() && picture.mayBet);
  ticket.draw(market, mine, results.rankAfter(market));
  find("[data-lead]").classList.toggle("is-full", Boolean(market) && picture.mayBet);
  host.draw(picture, market);
  announcer.tick(market, nowMs);
  announcer.paid(market, market ? picture.staked(market) : 0);
  odds.draw(market);
  away.draw(picture);
  drawRounds(find("[data-rounds]"), picture.rounds(), (one) => picture.staked(one), market);
  standings.after(picture.rounds()[0]);
  drawMasthead();
  page.dataset.drawn = "";
}

// The house knows for sure; the offer is made where it is likely to be taken.
function isBroke() {
  const plays = picture.running().some((one) => picture.staked(one) > 0);
  return picture.coins !== null && picture.coins < REFILL_BELOW && !plays;
}

function drawSlip(market, mine, nowMs) {
  const shown = market && picture.mayBet ? market : null;
  const { isPaused } = pause;
  slip.draw(shown, { mine, wallet: picture.coins, connection: socket.state, nowMs, isPaused });
  if (!shown || !ring.posts) return;
  const chosen = slip.chosen(market, mine);
  ring.posts.choose(chosen);
  ring.posts.allow(!market.hedging && mine.size ? [chosen] : null);
}

function watchChoice(market) {
  ring.posts?.node.addEventListener("change", (event) => {
    slip.choose(market.id, Number(event.target.value));
    draw();
  });
  ring.posts?.node.addEventListener("click", ({ target }) => {
    if (!find("input:disabled", target.closest(".post") ?? target)) return;
    const letter = letterOf(market, slip.chosen(market, picture.mine(market)));
    slip.say(fill(gettext("One answer per person here: yours is %(letter)s."), { letter }), "plain",
      "lock", market.id);
    draw();
  });
}

function drawMasthead() {
  write(find("[data-title]"), picture.room.title);
  document.title = `${picture.room.title} · Ringside`;
  if (picture.coins !== null) showCoins(picture.coins);
  document.body.dataset.role = picture.you.role;
  people.role = picture.you.role;
  page.dataset.connection = socket.state;
  write(find("[data-here]"), hereWords());
  find("[data-here]").parentElement.classList.toggle("is-late", socket.state !== "open");
  ring.stale(socket.state !== "open");
  setReach(socket.state !== "offline");
}

function hereWords() {
  const asOf = { time: socket.lastHeardMs ? clockTime(socket.lastHeardMs) : "–" };
  if (socket.state === "stopped") return "";
  if (socket.state === "offline") {
    return fill(gettext("No connection. Figures as of %(time)s"), asOf);
  }
  if (socket.state !== "open") return fill(gettext("Reconnecting… figures as of %(time)s"), asOf);
  const words = ngettext("%(count)s here", "%(count)s here", picture.here);
  const here = fill(words, { count: exact(picture.here) });
  return picture.isHost ? fill(gettext("%(here)s · you host"), { here }) : here;
}

// Coming in

async function enterRoom() {
  const { room } = await ask("POST", `/api/rooms/${code}/enter/`);
  write(find("[data-title]"), room.title);
}

async function enter() {
  try {
    const mayStepIn = inTab.get("ringside.step-in") === code;
    if (!(await whoAmI())) {
      if (!mayStepIn) return gate.shut("stranger");
      await becomeGuest(inTab.get("ringside.name") ?? "", (words) => gate.queue(words));
    }
    inTab.drop("ringside.step-in");
    await enterRoom();
    socket.start();
  } catch (error) {
    if (error.status === 0 || error.status >= 500) setTimeout(enter, 2_000 + 2_000 * Math.random());
    gate.shut(error.code, error.message);
  }
}

function turn(state) {
  if (state === "stopped") gate.shut(socket.why, socket.words);
  announcer.connection(state);
  page.dataset.connection = state;
  draw();
}

slip.button.addEventListener("click", () => {
  const order = slip.order;
  if (!order) return;
  slip.hush();
  bets.place(order.market, order.outcome, order.stake);
  draw();
});

find("[data-take-back]").addEventListener("click", () => {
  bets.takeBack(stage.market(picture).id);
  slip.button.focus();
  draw();
});

find("[data-slip]").addEventListener("submit", (event) => event.preventDefault());
bindInvitation(find("[data-invite]"), find("#invitation"));
find("[data-invite]").addEventListener("click", () => screenLinks.show());
bindKeys(find("#keys"), () => picture.isHost);

document.addEventListener("visibilitychange", () => away.back(picture));
setInterval(() => {
  if (!document.hidden) draw();
}, TICK_MS);
enter();
