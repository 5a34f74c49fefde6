// A client of Ringside for pages and for Node, as it is: no build step. Its types: ringside.d.ts.

import { CALLS } from "./calls.js";
import { LiveRoom, PASSING, Refused, pause } from "./live_room.js";

export { LiveRoom, Refused };

const ROOT = "/api/v1/";
const REPEATABLE = new Set(["GET", "PUT", "DELETE"]);

/** The API at `url`, with a method for each call. */
export class Ringside {
  #access = "";
  #refresh = "";

  constructor(url, { key = "", patienceS = 15 } = {}) {
    Object.assign(this, { url: url.replace(/\/$/, ""), key, patienceS });
  }

  /** Sign in to an account; its tokens are renewed as they run out. */
  async signIn(email, password) {
    this.#keep(await this.auth_token_post({ email, password }));
  }

  /** A room by a socket that counts as nobody, by a key that may read. */
  watch(code, heard) {
    return new LiveRoom(`${this.#sockets}screens/${code}/`, () => [`screen.${this.key}`], heard);
  }

  /** A room by a socket, as the member who is signed in. */
  join(code, heard) {
    const offers = async () => [`ticket.${(await this.auth_ticket_post()).ticket}`];
    return new LiveRoom(`${this.#sockets}rooms/${code}/`, offers, heard);
  }

  /** Send a call; `ask` is the body, or of a GET the query. */
  async call([method, path, idempotencyKey], values, ask) {
    const asked = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(values.shift()));
    const url = new URL(`${this.url}${ROOT}${asked}`);
    const request = { method, headers: {} };
    if (method === "GET") {
      for (const [name, value] of Object.entries(ask ?? {})) url.searchParams.set(name, value);
    } else if (ask || idempotencyKey) {
      const made = idempotencyKey ? { [idempotencyKey]: crypto.randomUUID() } : {};
      request.body = JSON.stringify({ ...made, ...ask });
      request.headers["Content-Type"] = "application/json";
    }
    return this.#patiently(url, request, REPEATABLE.has(method) || Boolean(idempotencyKey));
  }

  get #sockets() {
    return `${this.url.replace("http", "ws")}/ws/`;
  }

  #keep({ access, refresh }) {
    this.#access = access;
    this.#refresh = refresh;
  }

  async #renew() {
    const refresh = this.#refresh;
    this.#keep({ access: "", refresh: "" });
    if (refresh) this.#keep(await this.auth_token_refresh_post({ refresh }));
    return Boolean(refresh);
  }

  async #patiently(url, request, mayRepeat) {
    const untilMs = Date.now() + this.patienceS * 1000;
    let mayRenew = !url.pathname.includes("/token/");
    for (;;) {
      try {
        return await this.#send(url, request);
      } catch (refused) {
        const waitS = refused.retryAfterS || 0.2 + Math.random() * 0.3;
        const isExpired = refused.status === 401 && mayRenew;
        if (isExpired) mayRenew = false;
        if (!(isExpired && (await this.#renew()))) {
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
    let answer, text;
    try {
      answer = await fetch(url, { ...request, headers, credentials: "omit" });
      text = await answer.text();
    } catch (error) {
      throw new Refused("unavailable", String(error));
    }
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    const read = isJson && text ? JSON.parse(text) : text || null;
    if (answer.ok) return read;
    const status = answer.status;
    const { code, message, detail } =
      read?.error ?? { code: status >= 500 ? "unavailable" : `http_${status}` };
    const retryAfterS = Number(answer.headers.get("Retry-After") ?? 0) || 0;
    throw new Refused(code, message, { status, detail, retryAfterS });
  }
}

for (const [name, call] of Object.entries(CALLS)) {
  const count = call[1].split("{").length - 1;
  Ringside.prototype[name] = function ask(...given) {
    return this.call(call, given.slice(0, count), given[count]);
  };
}
