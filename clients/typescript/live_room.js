// A room by one socket, and what a refusal is.

// Nothing was taken, and the same may be taken later.
export const PASSING = new Set(["too_fast", "busy"]);
// Close codes after which nobody comes back: nonsense, removed, replaced, ended.
const FINAL = new Set([1008, 4403, 4409, 4410]);
const SIGN_IN = 4401;

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

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
  #waiting = new Map();
  // Of the newest coins: epoch, seq.
  #at = [0, 0];
  #wasWelcomed = false;

  constructor(url, offers, heard) {
    Object.assign(this, { url, markets: new Map(), room: null, here: 0, coins: 0, closeCode: 0 });
    this.#offers = offers;
    this.#heard = heard;
    this.#connect();
  }

  /** Leave the socket for good. */
  close() {
    this.#isOver = true;
    this.#socket?.close();
  }

  /** Say a line to the room. */
  say(text) {
    this.#tell({ type: "chat.say", text });
  }

  /** Stake coins on an outcome; asks again with the same id until it is known. */
  async bet(market, outcome, stake, betId = crypto.randomUUID(), patienceS = 15) {
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
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  async #connect() {
    try {
      this.#open(await this.#offers());
    } catch (refused) {
      if (refused.status === 401 || refused.status === 403) this.#end(SIGN_IN);
      else this.#later();
    }
  }

  #open(offers) {
    this.#socket = new WebSocket(this.url, ["ringside.v1", ...offers]);
    this.#socket.onopen = () => this.#tell({ type: "hello" });
    this.#socket.onmessage = ({ data }) => this.#read(JSON.parse(data));
    this.#socket.onclose = ({ code, reason }) => {
      for (const { unknown } of this.#waiting.values()) unknown();
      // A sign-in that has run out is renewed once; one that was ended is not.
      const isEnded = code === SIGN_IN && (reason === "revoked" || !this.#wasWelcomed);
      this.#wasWelcomed = false;
      if (this.#isOver || isEnded || FINAL.has(code)) this.#end(code);
      else this.#later();
    };
  }

  #later() {
    if (!this.#isOver) setTimeout(() => this.#connect(), 200 + Math.random() * 800);
  }

  #end(code) {
    this.#isOver = true;
    this.closeCode = code;
    this.#heard(this, { type: "closed", code });
  }

  #read(message) {
    const { type, market } = message;
    if (type === "welcome") {
      const { room, here, coins, markets, epoch, seq } = message;
      Object.assign(this, { room, here, coins });
      this.#at = [epoch, seq];
      this.#wasWelcomed = true;
      this.markets = new Map(markets.map((each) => [each.id, each]));
    } else if (type === "market") {
      if (!(market.version < this.markets.get(market.id)?.version)) {
        this.markets.set(market.id, market);
      }
    } else if (type === "pools") this.#move(message);
    else if (type === "people") this.here = message.here;
    else if (type === "room") this.room = message.room;
    else if (type === "bet.accepted") this.#own(message);
    else if (type === "wallet" && message.club === this.room.club) this.#own(message);
    this.#answer(message);
    this.#heard(this, message);
  }

  #answer(message) {
    const waiting = this.#waiting.get(message.bet_id ?? message.re);
    if (message.type === "bet.accepted") waiting?.resolve(message);
    else if (message.type === "bet.refused" || message.type === "error") {
      waiting?.reject(new Refused(message.code, message.message, { detail: message.detail }));
    }
  }

  #own({ coins, epoch, seq }) {
    const [knownEpoch, knownSeq] = this.#at;
    if (epoch < knownEpoch || (epoch === knownEpoch && seq < knownSeq)) return;
    this.coins = coins;
    this.#at = [epoch, seq];
  }

  #move({ market, version, bettors, outcomes }) {
    const known = this.markets.get(market);
    if (!known || version <= known.version) return;
    Object.assign(known, { version, bettors });
    for (const outcome of known.outcomes) {
      Object.assign(outcome, outcomes.find(({ id }) => id === outcome.id));
    }
  }
}
