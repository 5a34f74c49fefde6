/* Reporting where this browser is: one socket, the newest fix only, as often as the house asks. */

import { gettext } from "../web/words.js";
import { refresh } from "../web/session.js";

const MOVED_M = 15;
// As often as this until the house says otherwise.
const EVERY_MS = 10_000;
// A clock that is less wrong than this is left alone.
const CLOCK_OFF_MS = 2000;
// What is asked for is at most 5 s old; what seems older was stamped by another clock.
const FRESH_MS = 10000;
// A browser tells only that it moved: whoever sits still is asked for when this much is overdue.
const OVERDUE_MS = 2000;
const LOOK = { enableHighAccuracy: true, maximumAge: 5000, timeout: 30000 };
const FOR_GOOD = new Set([1008, 4403, 4409]);

function metres(a, b) {
  const radians = Math.PI / 180;
  const x = (b.lon - a.lon) * Math.cos(a.lat * radians);
  return 111195 * Math.hypot(b.lat - a.lat, x);
}

function fixOf(position) {
  const { latitude, longitude, accuracy, speed, heading } = position.coords;
  return {
    stampMs: position.timestamp, isOurClock: Math.abs(Date.now() - position.timestamp) < FRESH_MS,
    lat: latitude, lon: longitude, accuracy_m: accuracy, speed_mps: speed,
    course_deg: Number.isFinite(heading) ? heading : null,
    visible: document.visibilityState === "visible",
  };
}

/** Report until stop(); `told` hears in words what becomes of it, whenever that or isOn changes. */
export class Reporter {
  #told; #socket = null; #watch = null; #timer = null; #newest = null; #last = null;
  #nextAtMs = 0; #number = 0; #waitMs = 1000;
  /* How far the house is ahead of this browser's clock; null until it told the time. */
  #aheadMs = null;
  isOn = false;

  constructor(told) { this.#told = told; }

  start() {
    if (!("geolocation" in navigator)) {
      this.#told(gettext("This browser has no position. Everything else works."));
      return;
    }
    this.isOn = true;
    this.#told(gettext("Asking this browser for its position…"));
    this.#watch = navigator.geolocation.watchPosition(
      (position) => this.#found(position), (error) => this.#refused(error), LOOK);
    this.#connect();
  }

  stop(words = gettext("Not reporting.")) {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#watch = this.#socket = null;
    socket?.close();
    this.isOn = false;
    this.#told(words);
  }

  #found(position) {
    this.#newest = fixOf(position);
    this.#send();
  }

  #wait(waitMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => navigator.geolocation.getCurrentPosition(
      (position) => this.isOn && this.#found(position),
      () => this.isOn && this.#wait(EVERY_MS), LOOK), waitMs + OVERDUE_MS);
  }

  #refused(error) {
    const denied = error.code === error.PERMISSION_DENIED;
    if (denied) this.stop(gettext("This browser may not tell its position. Everything else works."));
    else this.#told(gettext("No position yet. Looking on…"));
  }

  #connect() {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/locations/`);
    this.#socket = socket;
    this.#aheadMs = null;
    socket.addEventListener("open", () => {
      this.#waitMs = 1000;
      socket.send(JSON.stringify({ type: "ping", t: Date.now() }));
    });
    socket.addEventListener("message", (event) => this.#hear(JSON.parse(event.data)));
    socket.addEventListener("close", async (event) => {
      if (this.#socket !== socket) return;
      // A refresh that got no answer says nothing about who this is.
      const mayReturn = event.code === 4401 ? await refresh().catch(() => true)
        : !FOR_GOOD.has(event.code);
      if (!mayReturn) { this.stop(); return; }
      this.#waitMs = Math.min(30000, this.#waitMs * 2);
      setTimeout(() => this.#socket === socket && this.#connect(),
        this.#waitMs * (0.5 + Math.random()));
    });
  }

  #send() {
    clearTimeout(this.#timer);
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    if (this.#aheadMs === null || !isOpen) return;
    const waitMs = Math.max(0, this.#nextAtMs - Date.now());
    if (!this.#newest) { this.#wait(waitMs); return; }
    const moved = this.#last && metres(this.#last, this.#newest);
    const isFar = moved > Math.max(MOVED_M, this.#newest.accuracy_m / 2);
    if (waitMs > 0 && !(isFar && waitMs < 2000)) {
      this.#timer = setTimeout(() => this.#send(), waitMs);
      return;
    }
    this.#number += 1;
    this.#nextAtMs = Date.now() + EVERY_MS;
    this.#last = this.#newest;
    const { stampMs, isOurClock, ...fix } = this.#newest;
    const isOff = isOurClock && Math.abs(this.#aheadMs) > CLOCK_OFF_MS;
    fix.fix_ms = Math.round(stampMs + (isOff ? this.#aheadMs : 0));
    this.#socket.send(JSON.stringify({ type: "fix", n: this.#number, ...fix }));
    this.#newest = null;
    this.#wait(EVERY_MS);
  }

  #hear(message) {
    if (message.type === "pong") {
      this.#aheadMs = message.now_ms - (message.t + Date.now()) / 2;
      this.#send();
    }
    if (message.type === "error") this.#told(message.message);
    if (message.type !== "ack") return;
    this.#nextAtMs = Date.now() + message.next_ms;
    this.#send();
    // Another tab or phone of this person was first; there is nothing to say.
    if (message.reason === "too_fast") return;
    this.#told({
      accepted: gettext("Your position arrived."),
      duplicate: gettext("Your position arrived."),
      stale: gettext("A newer position is known already."),
      held: gettext("This jump waits for your next position."),
      refused: gettext("This position was not taken."),
    }[message.status]);
  }
}
