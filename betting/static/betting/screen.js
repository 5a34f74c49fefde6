/* The big screen of a room: reads only, speaks to nobody, and shows the code that proves one is
   there when its host is signed in on it. */

import { element, find, write } from "../web/elements.js";
import { clockTime, coins, exact } from "../web/figures.js";
import { ask, becomeGuest, whoAmI } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { RoomSocket } from "../rooms/socket.js";
import { showEvening } from "./evening.js";
import { isFinal, Picture } from "./picture.js";
import { fit, Podium } from "./podium.js";
import { publishedAnchors } from "./receipts.js";
import { Ring } from "./ring.js";

const TICK_MS = 250;
const FEW = 3;
// Where several questions run, each has the screen for so long.
const TURN_MS = 12_000;
const AGAIN_MS = 4_000;
const ANCHOR_MS = 300_000;

const page = find("main");
const { code } = page.dataset;
const picture = new Picture({ isPublic: true });
const socket = new RoomSocket(code, { hear, turn, ask: enterRoom });
const ring = new Ring(page);
const podium = new Podium(page, () => draw());
let proving = null;
let fitted = "";

const EVENTS = {
  welcome: (message) => { picture.welcome(message); prove(); showAnchor(); },
  pools: (message) => picture.pools(message),
  market: ({ market }) => picture.market(market),
  people: ({ here }) => { picture.here = here; },
  room: ({ room }) => { picture.room = room; prove(); },
};

function hear(message) {
  EVENTS[message.type]?.(message);
  draw();
}

function shown(nowMs) {
  const running = picture.running();
  return running[Math.floor(nowMs / TURN_MS) % running.length] ?? picture.rounds()[0] ?? null;
}

function draw() {
  if (!picture.room) return;
  const nowMs = socket.clock.now();
  const market = shown(nowMs);
  ring.draw(market, new Map(), { mayChoose: false, nowMs });
  podium.draw(market?.status === "settled" ? market : null);
  if (market) fitQuestion(market);
  ring.stale(socket.state !== "open");
  find(".posts")?.toggleAttribute("data-few", market?.outcomes.length <= FEW);
  write(find("[data-title]"), picture.room.title);
  write(find("[data-here]"), exact(picture.here));
  write(find("[data-here-words]"), ngettext("person here", "people here", picture.here));
  find("[data-pool-fig]").hidden = find(".legend").hidden = !market;
  if (market) {
    const [count, words] = poolWords(market);
    write(find("[data-pool-coins]"), coins(count));
    write(find("[data-pool-words]"), words);
  }
  write(find("[data-note]"), noteWords());
}

// The podium sees to its own.
function fitQuestion(market) {
  const remark = find("[data-remark]").textContent;
  const drawnAs = [market.id, market.status, remark, innerWidth, innerHeight].join("|");
  if (drawnAs === fitted) return;
  fitted = drawnAs;
  if (market.status !== "settled") fit(find("[data-question]"));
}

/** [coins, words] of the pool: what is in it, and in the end where it went. */
function poolWords(market) {
  if (market.coins === null) {
    return [market.bettors, ngettext("person has bet", "people have bet", market.bettors)];
  }
  if (!isFinal(market) || !market.coins) return [market.coins, gettext("coins in the pool")];
  if (market.status === "void") {
    const words = ngettext("coins given back to %(people)s person",
      "coins given back to %(people)s people", market.bettors);
    return [market.coins, fill(words, { people: exact(market.bettors) })];
  }
  const { people } = podium;
  const words = ngettext("coins paid to %(people)s person",
    "coins paid to %(people)s people", people);
  return [market.settlement?.paid ?? market.coins,
    people ? fill(words, { people: exact(people) }) : gettext("coins paid")];
}

function noteWords() {
  if (socket.state === "stopped") {
    return socket.words || (socket.why === "ended" ? gettext("This room has ended")
      : gettext("This screen was ended. Load the page again."));
  }
  if (socket.state !== "open") {
    const words = socket.state === "offline" ? gettext("No connection. Figures as of %(time)s")
      : gettext("Reconnecting… figures as of %(time)s");
    return fill(words, {
      time: socket.lastHeardMs ? clockTime(socket.lastHeardMs) : "–",
    });
  }
  const needsCode = picture.room.place?.bets_need_presence;
  return needsCode && !picture.isHost
    ? gettext("Sign in here as the host: then the code for people without a position appears.") : "";
}

/** Show the code of the place as long as this room wants one and this is its host. */
function prove() {
  clearTimeout(proving);
  const mayProve = picture.isHost && picture.room.place?.bets_need_presence;
  if (mayProve) showCode();
  else find("[data-proof]").hidden = true;
}

async function showCode() {
  const proof = find("[data-proof]");
  try {
    const told = await ask("GET", `/api/rooms/${code}/screen-code/`);
    write(find("[data-screen-code]"), told.code.replace(/^(...)/, "$1 "));
    proof.hidden = false;
    proving = setTimeout(showCode, told.changes_in_ms + 50);
  } catch {
    // An old code is worth nothing.
    proof.hidden = true;
    proving = setTimeout(showCode, AGAIN_MS);
  }
}

async function enterRoom() {
  await ask("POST", `/api/rooms/${code}/enter/`);
}

async function enter() {
  try {
    if (!(await whoAmI())) await becomeGuest("", (words) => write(find("[data-note]"), words));
    await enterRoom();
    socket.start();
  } catch (error) {
    write(find("[data-note]"), error.message);
    if (error.status === 0 || error.status >= 429) setTimeout(enter, AGAIN_MS);
    else find("[data-looking]").hidden = true;
    if (error.code === "room_ended") close();
  }
}

/** The last scene: the podium in place of a question. */
async function close() {
  const scene = find("[data-over]");
  if (!(await showEvening(find("[data-evening]", scene), code))) return;
  page.dataset.ended = "";
  scene.hidden = false;
}

/** Where the ledger stood when it was last published, for everybody who takes a picture. */
async function showAnchor() {
  const line = find("[data-anchor]");
  const club = picture.room?.club;
  const last = (await publishedAnchors()).find((anchor) => anchor.club === club);
  line.hidden = !last;
  if (!last) return;
  write(line, fill(gettext("Anchor of %(time)s: entry %(seq)s"), {
    time: clockTime(last.at_ms), seq: exact(last.seq),
  }));
  line.append(element("code", {}, last.chain));
}

function turn(state) {
  page.dataset.connection = state;
  if (state === "stopped" && socket.why === "ended") close();
  draw();
}

// A screen that goes dark shows nobody anything; where this is not to be had, it may.
const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
stayAwake();
setInterval(draw, TICK_MS);
setInterval(showAnchor, ANCHOR_MS);
enter();
