/* The big screen of a room: reads only, speaks to nobody and counts as nobody, whoever is signed
   in on its machine. What follows the # of its address is the code of a link that a host made. */

import { find, write } from "../web/elements.js";
import { clockTime, coins, exact } from "../web/figures.js";
import { askAsScreen } from "../web/session.js";
import { fill, gettext, ngettext } from "../web/words.js";
import { RoomSocket } from "../rooms/socket.js";
import { showAnchor } from "./anchor.js";
import { showEvening, Standings } from "./evening.js";
import { Newcomers } from "./newcomers.js";
import { OddsLine } from "./odds.js";
import { isFinal, isOpen, Picture } from "./picture.js";
import { fit, Podium } from "./podium.js";
import { Proof } from "./proof.js";
import { Ring } from "./ring.js";

const TICK_MS = 250;
const FEW = 3;
const LAST_MS = 10_000;
// Where several questions run, each has the screen for so long.
const TURN_MS = 12_000;
// A result stands for so long; then come the standings, until the next question.
const RESULT_MS = 30_000;
const ANCHOR_MS = 300_000;

const page = find("main");
const { code } = page.dataset;
const link = location.hash.slice(1);
const picture = new Picture();
const socket = new RoomSocket(code, { hear, turn, ask: async () => {}, screen: link });
const ring = new Ring(page);
const podium = new Podium(page, () => draw());
const odds = new OddsLine(find("[data-odds]"));
const standings = new Standings(find("[data-between]"), code);
const newcomers = new Newcomers(find("[data-names]"), code);
const proof = new Proof(find("[data-proof]"), code, Boolean(link));
let fitted = "";
let hasPass = false;

function hear(message) {
  if (message.type === "screen") {
    askAsScreen(message.pass);
    hasPass = true;
  }
  picture.hear(message);
  if (message.type === "screen" || message.type === "room") proof.of(picture.room);
  if (message.type === "people") newcomers.look();
  if (message.type === "welcome") lookForAnchor();
  draw();
}

function lookForAnchor() {
  if (picture.room) showAnchor(find("[data-anchor]"), picture.room.club);
}

function shown(nowMs) {
  const running = picture.running();
  if (running.length) return running[Math.floor(nowMs / TURN_MS) % running.length];
  const last = picture.rounds()[0];
  return last && nowMs - last.settled_at_ms < RESULT_MS ? last : null;
}

function sceneOf(market) {
  if (market) return "question";
  return standings.isKnown ? "standings" : "lobby";
}

function draw() {
  // The pass follows the first welcome: before it nothing may be asked.
  if (!picture.room || !hasPass || page.dataset.scene === "refused" || page.dataset.scene === "over") return;
  const nowMs = socket.clock.now();
  const market = shown(nowMs);
  ring.draw(market, new Map(), { mayChoose: false, nowMs });
  standings.after(picture.rounds()[0]);
  show(sceneOf(market));
  podium.draw(market?.status === "settled" ? market : null);
  odds.draw(market?.status === "settled" ? market : null);
  if (market) drawQuestion(market, nowMs);
  else newcomers.look();
  ring.stale(socket.state !== "open");
  for (const title of document.querySelectorAll("[data-title]")) write(title, picture.room.title);
  write(find("[data-here]"), exact(picture.here));
  write(find("[data-here-words]"), ngettext("person here", "people here", picture.here));
  write(find("[data-note]"), noteWords());
}

function show(scene) {
  page.dataset.scene = scene;
  find("[data-none]").hidden = scene !== "lobby";
  find("[data-pool-fig]").hidden = find(".legend").hidden = scene !== "question";
}

function drawQuestion(market, nowMs) {
  fitQuestion(market);
  find(".posts").toggleAttribute("data-few", market.outcomes.length <= FEW);
  page.toggleAttribute("data-last", isOpen(market) && market.closes_at_ms !== null
    && market.closes_at_ms - nowMs <= LAST_MS);
  const named = market.official?.winners ?? [];
  market.outcomes.forEach(({ id }, place) => {
    ring.posts.node.children[place].classList.toggle("named", named.includes(id));
  });
  const [count, words] = poolWords(market);
  write(find("[data-pool-coins]"), coins(count));
  write(find("[data-pool-words]"), words);
}

// The podium sees to its own.
function fitQuestion(market) {
  if (market.status === "settled") return;
  const boxes = [find("[data-question]"), ...page.querySelectorAll(".post-name")];
  // Figures that grow take room from the names.
  const sizes = boxes.map((box) => `${box.clientWidth}x${box.clientHeight}`);
  const drawnAs = [market.id, market.status, ...sizes,
    find("[data-remark]").textContent, innerWidth, innerHeight].join("|");
  if (drawnAs === fitted) return;
  boxes.forEach(fit);
  fitted = drawnAs;
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
  if (socket.state === "stopped") return gettext("This screen was ended. Load the page again.");
  if (socket.state !== "open") {
    const words = socket.state === "offline" ? gettext("No connection. Figures as of %(time)s")
      : gettext("Reconnecting… figures as of %(time)s");
    return fill(words, {
      time: socket.lastHeardMs ? clockTime(socket.lastHeardMs) : "–",
    });
  }
  return proof.words;
}

const REFUSALS = {
  invalid: [gettext("There is no such screen"),
    gettext("Check the address, or ask the host for a new link.")],
  revoked: [gettext("The host has ended this screen"), gettext("Ask the host for a new link.")],
  ended: [gettext("This room has ended"), ""],
};

/** Nothing but why there is nothing to see. */
function refuse([title, words]) {
  find("[data-looking]").hidden = find("[data-none]").hidden = find("[data-some]").hidden = true;
  page.dataset.scene = "refused";
  const scene = find("[data-refused]");
  write(find("h1", scene), title);
  write(find("p", scene), words);
  scene.hidden = false;
}

/** The last scene: the podium in place of a question. */
async function close() {
  const scene = find("[data-over]");
  if (!(await showEvening(find("[data-evening]", scene), code))) return refuse(REFUSALS.ended);
  find("[data-looking]").hidden = find("[data-none]").hidden = true;
  page.dataset.scene = "over";
  page.dataset.ended = "";
  scene.hidden = false;
}

function turn(state) {
  page.dataset.connection = state;
  if (state === "stopped" && socket.why === "ended") close();
  else if (state === "stopped" && REFUSALS[socket.why]) refuse(REFUSALS[socket.why]);
  draw();
}

// A screen that goes dark shows nobody anything; where this is not to be had, it may.
const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
if (new URLSearchParams(location.search).has("overlay")) document.body.classList.add("overlay");
addEventListener("hashchange", () => location.reload());
stayAwake();
setInterval(draw, TICK_MS);
setInterval(lookForAnchor, ANCHOR_MS);
socket.start();
