/* One socket of one room: it says hello, hands every message on, and comes back when it is cut.
   Close codes and their meaning are those of docs/protocol.md. */

import { refresh } from "../web/session.js";
import { ServerClock } from "./clock.js";

const PING_EVERY_MS = 5_000;
const PING_UNSEEN_MS = 15_000;
const PONG_WITHIN_MS = 3_000;
// Of a browser that says itself that its network went away.
const PONG_OFFLINE_MS = 1_000;
// A busy server gets longer after each cut, or everybody who comes back would keep it busy.
const PONG_MOST_MS = 12_000;
const WELCOME_WITHIN_MS = 10_000;
const WAIT_MOST_MS = 15_000;
const OFFLINE_AFTER_MS = 10_000;
const SUCCESSOR_WITHIN_MS = 1_500;

// Why not to come back by itself; who left by another page is told so by the reason.
const FINAL = { 1008: "nonsense", 4403: "removed", 4409: "replaced", 4410: "ended" };
// The least wait before coming back, where the house asked for one.
const LEAST_WAIT_MS = { 1012: 500, 4008: 1_000, 4029: 5_000 };

/** hear(message), turn(state) with connecting | open | reconnecting | offline | stopped,
    ask() before a come-back that the house did not explain: a Refusal stops it. A screen has the
    code of its link, or "", and is nobody: there is no sign-in to renew. */
export class RoomSocket {
  clock = new ServerClock();
  state = "idle";
  why = null;
  words = "";
  lastHeardMs = null;
  #socket = null;
  #tries = 0;
  #hasRefreshed = false;
  #sentAt = 0;
  #cutAt = 0;
  #patienceMs = PONG_WITHIN_MS;
  #timers = {};

  constructor(code, { hear, turn, ask, screen = null }) {
    const isScreen = screen !== null;
    this.path = isScreen ? `/ws/screens/${code}/` : `/ws/rooms/${code}/`;
    this.protocols = isScreen ? ["ringside.v1", screen ? `screen.${screen}` : "screen"] : [];
    Object.assign(this, { hear, turn, askHouse: ask, isScreen });
    addEventListener("offline", () => this.#ping(PONG_OFFLINE_MS));
    addEventListener("online", () => this.#soon(0));
    addEventListener("pageshow", (event) => event.persisted && this.#soon(0));
    document.addEventListener("visibilitychange", () => document.hidden || this.#nudge());
  }

  start() {
    this.why = null;
    this.#tries = 0;
    this.#turn("connecting");
    this.#open();
  }

  /** Send a message; false when there is no open socket, and nothing was sent. */
  send(message) {
    if (this.state !== "open") return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Come back no more; words are the house's own, where it gave any. */
  stop(why, words = "") {
    Object.assign(this, { why, words });
    this.#clearTimers();
    this.#drop();
    this.#turn("stopped");
  }

  #turn(state) {
    if (this.state === state) return;
    this.state = state;
    this.turn(state);
  }

  #open() {
    this.#clearTimers();
    this.#drop();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}`, this.protocols);
    this.#socket = socket;
    this.#timers.welcome = setTimeout(() => this.#lost(socket, 4000), WELCOME_WITHIN_MS);
    socket.onopen = () => {
      this.#sentAt = performance.now();
      socket.send('{"type":"hello"}');
    };
    socket.onmessage = (event) => this.#heard(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(socket, event.code, event.reason);
  }

  // A socket that was let go must not be heard any more.
  #drop() {
    if (!this.#socket) return;
    this.#socket.onclose = this.#socket.onmessage = this.#socket.onopen = null;
    this.#socket.close();
    this.#socket = null;
  }

  #heard(message) {
    if (message.type === "welcome") {
      this.clock.note(message.now_ms, this.#sentAt);
      clearTimeout(this.#timers.welcome);
      this.#tries = 0;
      this.#hasRefreshed = false;
      this.#cutAt = 0;
      this.#turn("open");
      this.#ping();
    }
    if (message.type === "pong") {
      this.#answered(performance.now() - message.t);
      this.clock.note(message.now_ms, message.t);
    }
    this.lastHeardMs = this.clock.now();
    if (message.type !== "pong") this.hear(message);
  }

  #ping(patienceMs = this.#patienceMs) {
    if (!this.send({ type: "ping", t: Math.round(performance.now()) })) return;
    clearTimeout(this.#timers.ping);
    clearTimeout(this.#timers.pong);
    const socket = this.#socket;
    this.#timers.pong = setTimeout(() => {
      this.#patienceMs = Math.min(PONG_MOST_MS, 2 * this.#patienceMs);
      this.#lost(socket, 1006);
    }, patienceMs);
  }

  #answered(tookMs) {
    clearTimeout(this.#timers.pong);
    clearTimeout(this.#timers.ping);
    if (tookMs < PONG_WITHIN_MS / 2) this.#patienceMs = PONG_WITHIN_MS;
    const waitMs = document.hidden ? PING_UNSEEN_MS : PING_EVERY_MS;
    this.#timers.ping = setTimeout(() => this.#ping(), waitMs);
  }

  async #lost(socket, code, reason = "") {
    if (socket !== this.#socket) return;
    const wasOpen = this.state === "open";
    this.#clearTimers();
    this.#drop();
    this.#cutAt ||= performance.now();
    if (FINAL[code]) return this.stop(reason === "left" ? reason : FINAL[code]);
    const isOffline = !navigator.onLine || performance.now() - this.#cutAt > OFFLINE_AFTER_MS;
    this.#turn(isOffline ? "offline" : "reconnecting");
    let leastMs = LEAST_WAIT_MS[code] ?? 0;
    try {
      if (code === 4401 && this.isScreen) return this.stop(reason);
      if (code === 4401 && !(await this.#renew(reason))) return this.stop("sign_in");
      if (!wasOpen && code !== 4401) await this.askHouse();
    } catch (error) {
      if (error.status >= 400 && error.status < 500 && error.status !== 429) {
        return this.stop(error.code, error.message);
      }
      if (error.status) leastMs = Math.max(leastMs, 1_000 * error.retryAfterS);
    }
    this.#soon(leastMs + this.#jitter());
  }

  // Once for each way in. A refresh that was not answered does not count: it says nothing of us.
  async #renew(reason) {
    if (this.#hasRefreshed) return false;
    // Whoever makes an account gets a new sign-in; its cookies may come after the old one's end.
    if (reason === "revoked") await new Promise((go) => setTimeout(go, SUCCESSOR_WITHIN_MS));
    this.#hasRefreshed = await refresh();
    return this.#hasRefreshed;
  }

  #jitter() {
    const most = Math.min(WAIT_MOST_MS, 500 * 2 ** this.#tries);
    this.#tries += 1;
    return most * (0.3 + 0.7 * Math.random());
  }

  #soon(waitMs) {
    if (this.#socket || ["idle", "stopped"].includes(this.state)) return;
    clearTimeout(this.#timers.again);
    this.#timers.again = setTimeout(() => this.#open(), waitMs);
  }

  // A page that comes back to the front may have slept through a cut.
  #nudge() {
    if (this.state === "open") this.#ping();
    else this.#soon(0);
  }

  #clearTimers() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
  }
}
