// A client of Ringside for pages and for Node, as it is: no build step. Its types: ringside.d.ts.

import { CALLS } from "./calls.js";
import { LiveRoom, PASSING, Refused, pause, uuid } from "./live_room.js";

export { LiveRoom, Refused };

const ROOT = "/api/v1/";
const REPEATABLE = new Set(["GET", "PUT", "DELETE"]);
// May be repeated, too: until one of the next tokens was used, the same token gets another.
const RENEWAL = "auth/token/refresh/";
const ANSWER_WITHIN_MS = 30_000;

/** The API at `url`, with a method for each call. */
export class Ringside {
  #access = "";
  #refresh = "";
  // The renewal that runs; who needs one meanwhile waits for it.
  #renewing = null;

  constructor(url, { key = "", patienceS = 15 } = {}) {
    Object.assign(this, { url: url.replace(/\/$/, ""), key: key.trim(), patienceS });
    if (!/^[\w-]*$/.test(this.key)) {
      throw new TypeError("A key is one word of letters, digits, - and _.");
    }
  }

  /** Sign in to an account; its tokens are renewed as they run out. */
  async signIn(email, password) {
    this.#keep(await this.auth_token_post({ email, password }));
  }

  /** Change the password, and go on with the sign-in that begins; all others end. */
  async auth_password_post(ask) {
    const answer = await this.call(CALLS.auth_password_post, [], ask);
    this.#keep(answer);
    return answer;
  }

  /** A room by a socket that counts as nobody, by a key that may read. */
  watch(code, heard) {
    return this.#live("screens", code, () => [`screen.${this.key}`], heard);
  }

  /** A room by a socket, as the member who is signed in. */
  join(code, heard) {
    const offers = async ({ room }) => {
      // Of a handshake nobody can read why it is refused, as where there is no such room.
      if (!room) await this.rooms_enter_post(code);
      return [`ticket.${(await this.auth_ticket_post()).ticket}`];
    };
    return this.#live("rooms", code, offers, heard);
  }

  /** Send a call; `ask` is the body, or of a GET the query. */
  async call([method, path, idempotencyKey], values, ask) {
    const asked = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(values.shift()));
    const url = new URL(`${this.url}${ROOT}${asked}`);
    const request = { method, headers: {} };
    const given = Object.entries(ask ?? {}).filter(([, value]) => value !== undefined);
    if (method === "GET") {
      for (const [name, value] of given) url.searchParams.set(name, value);
    } else if (ask || idempotencyKey) {
      const made = idempotencyKey ? { [idempotencyKey]: uuid() } : {};
      request.body = JSON.stringify({ ...made, ...Object.fromEntries(given) });
      request.headers["Content-Type"] = "application/json";
    }
    const mayRepeat = REPEATABLE.has(method) || Boolean(idempotencyKey) || path === RENEWAL;
    return this.#patiently(url, request, { mayRepeat, mayRenew: path !== RENEWAL });
  }

  #live(kind, code, offers, heard) {
    const url = `${this.url.replace("http", "ws")}/ws/${kind}/${encodeURIComponent(code)}/`;
    return new LiveRoom(url, offers, heard);
  }

  #keep({ access, refresh }) {
    this.#access = access;
    this.#refresh = refresh;
  }

  /** Get the next tokens after `used`; resolves to whether there are any. */
  #renew(used) {
    if (used !== this.#access) return Boolean(this.#access);
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewOnce() {
    const refresh = this.#refresh;
    if (!refresh) return false;
    let next = { access: "", refresh: "" };
    try {
      next = await this.auth_token_refresh_post({ refresh });
    } catch (refused) {
      if (refused.code !== "sign_in") throw refused;
    }
    // A sign-in that began meanwhile is another one.
    if (this.#refresh === refresh) this.#keep(next);
    return Boolean(this.#access);
  }

  async #patiently(url, request, { mayRepeat, mayRenew }) {
    const untilMs = Date.now() + this.patienceS * 1000;
    for (;;) {
      const used = this.#access;
      try {
        return await this.#send(url, request);
      } catch (refused) {
        const waitS = refused.retryAfterS || 0.2 + Math.random() * 0.3;
        const isExpired = refused.code === "sign_in" && mayRenew;
        if (isExpired) mayRenew = false;
        if (!(isExpired && (await this.#renew(used)))) {
          const again = PASSING.has(refused.code) || (refused.code === "unavailable" && mayRepeat);
          if (!again || Date.now() + waitS * 1000 > untilMs) throw refused;
          await pause(waitS);
        }
      }
    }
  }

  async #send(url, request) {
    const headers = { ...request.headers };
    const token = this.key || this.#access;
    if (token) headers.Authorization = `Bearer ${token}`;
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    // What cannot be asked at all is thrown as it is.
    const asked = new Request(url, { ...request, headers, signal, credentials: "omit" });
    let answer, read;
    try {
      answer = await fetch(asked);
      const text = await answer.text();
      const isJson = answer.headers.get("Content-Type")?.includes("json");
      read = isJson && text ? JSON.parse(text) : text || null;
    } catch (error) {
      throw new Refused("unavailable", String(error));
    }
    if (answer.ok) return read;
    const { status } = answer;
    const unnamed = { code: status >= 500 ? "unavailable" : `http_${status}` };
    const { code, message, detail } = read?.error?.code ? read.error : unnamed;
    const retryAfterS = Number(answer.headers.get("Retry-After") ?? 0) || 0;
    throw new Refused(code, message, { status, detail, retryAfterS });
  }
}

for (const [name, call] of Object.entries(CALLS)) {
  const count = call[1].split("{").length - 1;
  Ringside.prototype[name] ??= function ask(...given) {
    return this.call(call, given.slice(0, count), given[count]);
  };
}
