/* What this page knows of the room: plain figures, made by absolute messages that may come twice,
   late or not at all. A market keeps its largest version, the wallet its largest epoch and seq. */

const FINAL = new Set(["settled", "void"]);

export const isFinal = (market) => FINAL.has(market.status);
export const isOpen = (market) => market.status === "open";

export class Picture {
  you = null;
  room = null;
  here = 0;
  coins = null;
  /** Whether anything is prepared; those who do not run the room are told no more of it. */
  coming = false;
  markets = new Map();
  #positions = new Map();
  #moved = [0, 0];

  /** Any message of the room. An older picture and what is heard later make the newer picture. */
  hear(message) {
    switch (message.type) {
      case "welcome": return this.welcome(message);
      case "market": return this.market(message.market);
      case "pools": return this.pools(message);
      case "drafts": return this.drafted(message);
      case "wallet": return this.#changed(message);
      case "bet.accepted": return this.#accepted(message);
      case "coming": this.coming = message.coming; break;
      case "people": this.#counted(message.here); break;
      case "room": this.room = message.room; this.#counted(message.room.here); break;
      case "renamed": this.#renamed(message.user); break;
    }
  }

  #changed(message) {
    this.wallet(message);
    for (const { outcome, coins } of message.mine ?? []) {
      this.position(message.market, outcome, coins);
    }
  }

  #accepted(answer) {
    this.position(answer.market, answer.outcome, answer.position);
    this.wallet(answer);
  }

  #counted(here) {
    this.here = here;
    if (this.room) this.room.here = here;
  }

  #renamed({ id, nickname }) {
    if (this.you?.id === id) this.you.nickname = nickname;
    if (this.room?.host.id === id) this.room.host.nickname = nickname;
  }

  /** A welcome: a whole snapshot. */
  welcome(message) {
    this.you = message.you;
    this.room = message.room;
    this.here = message.here;
    this.coming = message.coming;
    const before = this.#positions;
    this.#positions = new Map();
    for (const { market, outcome, coins } of message.mine) this.position(market, outcome, coins);
    const listed = new Set(message.markets.map((market) => market.id));
    for (const [id, market] of this.markets) {
      // What is neither running nor among the last final ones is told no more.
      if (!listed.has(id) && !isFinal(market)) this.markets.delete(id);
    }
    message.markets.forEach((market) => this.market(market));
    // A welcome tells what one has on running markets only.
    for (const { id } of this.rounds()) {
      for (const [outcome, coins] of before.get(id) ?? []) this.position(id, outcome, coins);
    }
    this.wallet(message);
  }

  /** A whole market; false when a newer one is known. */
  market(market) {
    const known = this.markets.get(market.id);
    if (known && known.version > market.version) return false;
    // Told to everybody, a market says nothing about me; what is known of me stays.
    const mine = market.mine ?? known?.mine ?? null;
    this.markets.set(market.id, { ...market, mine });
    for (const { outcome, coins } of market.mine?.positions ?? []) {
      this.position(market.id, outcome, coins);
    }
    return true;
  }

  /** New figures of a market; false when they are old. */
  pools({ market: id, version, bettors, outcomes }) {
    const known = this.markets.get(id);
    if (!known || known.version >= version) return false;
    const news = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
    known.version = version;
    known.outcomes = known.outcomes.map((old) => ({ ...old, ...news.get(old.id) }));
    known.bettors = bettors;
    const isHidden = known.outcomes.some(({ coins }) => coins === null);
    known.coins = isHidden ? null : known.outcomes.reduce((sum, { coins }) => sum + coins, 0);
    return true;
  }

  /** All that is prepared; what is missing was opened or removed. */
  drafted({ markets }) {
    for (const { id } of this.drafts()) this.markets.delete(id);
    markets.forEach((market) => this.market(market));
    this.coming = markets.length > 0;
  }

  /** Coins in the wallet, unless newer ones are known. */
  wallet({ coins, epoch, seq }) {
    const [knownEpoch, knownSeq] = this.#moved;
    if (epoch < knownEpoch || (epoch === knownEpoch && seq < knownSeq)) return;
    this.#moved = [epoch, seq];
    this.coins = coins;
  }

  /** My coins on one outcome. They only grow while a market runs. */
  position(market, outcome, coins) {
    if (!this.#positions.has(market)) this.#positions.set(market, new Map());
    const mine = this.#positions.get(market);
    mine.set(outcome, Math.max(coins, mine.get(outcome) ?? 0));
  }

  /** My coins on a market: outcome id → coins. */
  mine(market) {
    return this.#positions.get(market.id) ?? new Map();
  }

  staked(market) {
    return [...this.mine(market).values()].reduce((sum, coins) => sum + coins, 0);
  }

  /** Newest first. */
  rounds() {
    return [...this.markets.values()].filter(isFinal).sort((a, b) => b.id - a.id);
  }

  /** All that players are told of. */
  told() {
    return [...this.running(), ...this.rounds()];
  }

  drafts() {
    return [...this.markets.values()].filter((market) => market.status === "draft")
      .sort((a, b) => a.position - b.position || a.id - b.id);
  }

  running() {
    return [...this.markets.values()]
      .filter((market) => !isFinal(market) && market.status !== "draft")
      .sort((a, b) => a.id - b.id);
  }

  get isHost() {
    return ["host", "cohost"].includes(this.you?.role);
  }

  get mayBet() {
    return this.you?.role !== "host" || this.room.hosts_may_bet;
  }
}
