// A room by one socket, and what a refusal is.

// Nothing was taken, and the same may be taken later.
export const PASSING = new Set(["too_fast", "busy"]);
// Close codes after which nobody comes back: nonsense, removed, replaced, ended.
const FINAL = new Set([1008, 4403, 4409, 4410]);
const SIGN_IN = 4401;
// For what a call refuses before there is a socket: as the server closes one, and 4404.
const CLOSES = { sign_in: SIGN_IN, forbidden: 4403, not_found: 4404, room_ended: 4410 };
const BYE = 4000;
const TOO_MANY_REQUESTS = 429;
// Of a WebSocket, which old versions of Node do not have.
const OPEN = 1;
// What says nothing for so long is asked whether it is there, and left when it does not answer.
const SILENT_MS = 15_000;
const PONG_WITHIN_MS = 10_000;
// Before it comes back, longer after each connection without a welcome.
const WAIT_LEAST_MS = 500;
const WAIT_MOST_MS = 15_000;

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** A random UUID. Browsers keep crypto.randomUUID from pages that came by plain http. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // Version 4 and variant 1 of RFC 9562.
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The server did not do it; programs read `code`, people `message`. */
export class Refused extends Error {
  constructor(code, message = "", { status = 0, detail = {}, retryAfterS = 0 } = {}) {
    super(message);
    Object.assign(this, { name: "Refused", code, status, detail, retryAfterS });
  }
}

/** A room as it happens: one socket that comes back by itself, and the newest figures. */
export class LiveRoom {
  #socket = null;
  #offers;
  #heard;
  #isOver = false;
  // The only one: for the next connection, or for what the present one does not say.
  #timer;
  #tries = 0;
  // Since the last welcome: a sign-in that has run out is renewed once.
  #hasRenewed = false;
  #waiting = new Map();
  // Of the newest coins: epoch, seq.
  #at = [0, 0];

  constructor(url, offers, heard) {
    if (!globalThis.WebSocket) throw new Error("There is no WebSocket here.");
    Object.assign(this, {
      url, markets: new Map(), positions: new Map(), room: null, here: 0, coins: 0, coming: false,
      closeCode: 0,
    });
    this.#offers = offers;
    this.#heard = heard;
    this.#connect();
  }

  /** Leave the socket for good. */
  close() {
    this.#end(1000);
  }

  /** Say a line to the room. Throws Refused: unavailable. */
  say(text) {
    this.#tell({ type: "chat.say", text });
  }

  /** Stake coins on an outcome; asks again with the same id until it is known. */
  async bet(market, outcome, stake, betId = uuid(), patienceS = 15) {
    const bet = { type: "bet.place", bet_id: betId, market, outcome, stake };
    const untilMs = Date.now() + patienceS * 1000;
    for (;;) {
      try {
        return await this.#betOnce(bet);
      } catch (refused) {
        const again = PASSING.has(refused.code) || refused.code === "unavailable";
        if (!again || this.#isOver || Date.now() > untilMs) throw refused;
        await pause(0.2 + Math.random() * 0.3);
      }
    }
  }

  #betOnce(bet) {
    let timer;
    return new Promise((resolve, reject) => {
      const unknown = () => reject(new Refused("unavailable", "no answer yet"));
      timer = setTimeout(unknown, 3000);
      this.#waiting.set(bet.bet_id, { resolve, reject, unknown });
      this.#tell(bet);
    }).finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(bet.bet_id);
    });
  }

  #tell(message) {
    if (this.#socket?.readyState !== OPEN) throw new Refused("unavailable", "not connected");
    this.#socket.send(JSON.stringify(message));
  }

  async #connect() {
    try {
      const offers = await this.#offers(this);
      if (!this.#isOver) this.#open(offers);
    } catch (refused) {
      // A mistake of the program's.
      if (!(refused instanceof Refused)) throw refused;
      const { code, status } = refused;
      const isPassing = PASSING.has(code) || status === TOO_MANY_REQUESTS;
      if (isPassing || code === "unavailable") this.#lost(1006);
      else this.#end(CLOSES[code] ?? BYE);
    }
  }

  #open(offers) {
    this.#socket = new WebSocket(this.url, ["ringside.v1", ...offers]);
    this.#socket.onopen = () => this.#tell({ type: "hello" });
    this.#socket.onmessage = ({ data }) => this.#read(JSON.parse(data));
    this.#socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    this.#expect();
  }

  #expect() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => this.#lost(1006), PONG_WITHIN_MS);
      if (this.#socket.readyState === OPEN) this.#tell({ type: "ping", t: 0 });
    }, SILENT_MS);
  }

  #lost(code, reason = "") {
    if (this.#isOver) return;
    const isRefused = code === SIGN_IN && (reason === "revoked" || this.#hasRenewed);
    if (isRefused || FINAL.has(code)) {
      this.#end(code);
      return;
    }
    this.#drop();
    this.#hasRenewed ||= code === SIGN_IN;
    const mostMs = Math.min(WAIT_MOST_MS, WAIT_LEAST_MS * 2 ** this.#tries);
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#connect(), mostMs * (0.3 + 0.7 * Math.random()));
  }

  #end(code) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#drop();
    this.closeCode = code;
    this.#heard(this, { type: "closed", code });
  }

  // A socket that was let go is not heard any more.
  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const { unknown } of this.#waiting.values()) unknown();
  }

  #read(message) {
    this.#expect();
    // What comes before the first welcome is told by the welcome, too.
    if (this.room || message.type === "welcome") this.#note(message);
    this.#answer(message);
    this.#heard(this, message);
  }

  #note(message) {
    switch (message.type) {
      case "welcome": return this.#welcome(message);
      case "market": return this.#changed(message.market);
      case "pools": return this.#move(message);
      case "drafts": return this.#prepare(message.markets);
      case "coming": this.coming = message.coming; break;
      case "people": this.here = this.room.here = message.here; break;
      case "room": Object.assign(this, { room: message.room, here: message.room.here }); break;
      case "renamed": return this.#rename(message.user);
      case "bet.accepted": return this.#own(message, [[message.outcome, message.position]]);
      case "wallet": return this.#paid(message);
    }
  }

  #welcome({ room, here, coming, coins, markets, mine, epoch, seq }) {
    Object.assign(this, { room, here, coming, coins });
    this.#at = [epoch, seq];
    this.#tries = 0;
    this.#hasRenewed = false;
    this.positions = new Map(mine.map(({ outcome, coins: held }) => [outcome, held]));
    const known = this.markets;
    this.markets = new Map();
    for (const market of markets) this.#changed(market, known.get(market.id));
  }

  #changed(market, known = this.markets.get(market.id)) {
    this.markets.set(market.id, known?.version > market.version ? known : market);
  }

  // All that is prepared; what is missing was opened or removed.
  #prepare(drafts) {
    this.coming = drafts.length > 0;
    const told = new Set(drafts.map(({ id }) => id));
    for (const { id, status } of this.markets.values()) {
      if (status === "draft" && !told.has(id)) this.markets.delete(id);
    }
    for (const draft of drafts) this.#changed(draft);
  }

  #answer(message) {
    const waiting = this.#waiting.get(message.bet_id ?? message.re);
    if (message.type === "bet.accepted") waiting?.resolve(message);
    else if (message.type === "bet.refused" || message.type === "error") {
      waiting?.reject(new Refused(message.code, message.message, { detail: message.detail }));
    }
  }

  #rename(user) {
    if (user.id === this.room.host.id) this.room.host = user;
  }

  #paid(message) {
    const held = (message.mine ?? []).map(({ outcome, coins }) => [outcome, coins]);
    if (message.club === this.room.club) this.#own(message, held);
  }

  #own({ coins, epoch, seq }, held) {
    for (const [outcome, own] of held) {
      // The answer to a repeated bet may be old, and positions only grow while a market runs.
      this.positions.set(outcome, Math.max(own, this.positions.get(outcome) ?? 0));
    }
    const [knownEpoch, knownSeq] = this.#at;
    if (epoch < knownEpoch || (epoch === knownEpoch && seq < knownSeq)) return;
    this.coins = coins;
    this.#at = [epoch, seq];
  }

  #move({ market, version, bettors, outcomes }) {
    const known = this.markets.get(market);
    if (!known || version <= known.version) return;
    const figures = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
    for (const outcome of known.outcomes) Object.assign(outcome, figures.get(outcome.id));
    const isHidden = outcomes.some(({ coins }) => coins === null);
    const coins = isHidden ? null : outcomes.reduce((sum, each) => sum + each.coins, 0);
    Object.assign(known, { version, bettors, coins });
  }
}
