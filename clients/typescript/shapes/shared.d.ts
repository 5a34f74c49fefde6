// Made by `python -m clients.generator`; changes by hand are lost.

/** All coins of one user on one outcome. */
export interface Holding {
  outcome: number;
  coins: number;
}

/** The largest winners of a room, and the own rank; null without a decided bet. */
export interface LeaderboardAnswer {
  top: Array<Ranked>;
  me: Rank | null;
}

/** A line of chat. */
export interface Line {
  id: string;
  from: Person;
  text: string;
  at_ms: number;
}

/** A market as a reader may see it; `position` and `open_next` are of drafts. */
export interface MarketBoard {
  id: number;
  room: string;
  question: string;
  status: string;
  paying: boolean;
  frozen: boolean;
  reason: string | null;
  reason_text: string;
  outcomes: Array<OutcomeBoard>;
  coins: number | null;
  bettors: number;
  min_stake: number;
  max_stake: number | null;
  min_bettors: number;
  takeout_bp: number;
  hedging: boolean;
  blind: boolean;
  closes_in_s: number | null;
  position: number | null;
  open_next: boolean;
  version: number;
  closes_at_ms: number | null;
  opened_at_ms: number | null;
  locked_at_ms: number | null;
  settled_at_ms: number | null;
  unresolved_at_ms: number | null;
  stream_delay_s: number;
  winners: Array<number> | null;
  official: Official | null;
  settlement: Settlement | null;
  mine?: Mine;
}

/** The reader's positions on a market; the payout includes refunds, and is set at its end. */
export interface Mine {
  positions: Array<Holding>;
  payout: number | null;
}

/** A result that is unofficial until `official_at_ms`; a void names no winners. */
export interface Official {
  winners: Array<number>;
  happened_at_ms: number | null;
  by: Person | null;
  official_at_ms: number;
  would_be: WouldBe;
}

/** One answer of a market with its figures; null where a blind market hides them. */
export interface OutcomeBoard {
  id: number;
  label: string;
  coins: number | null;
  heads: number | null;
  odds: number | null;
}

/** A user as others see them. */
export interface Person {
  id: number;
  nickname: string;
}

/** The circle a room is tied to, without its position. */
export interface PlaceShape {
  radius_m: number;
  bets_need_presence: boolean;
  band?: string;
}

export interface Rank {
  rank: number;
  net: number;
}

/** A line of a leaderboard. */
export interface Ranked {
  rank: number;
  user: number;
  nickname: string;
  net: number;
}

/** A room as the protocol shows it. */
export interface RoomShape {
  code: string;
  title: string;
  club: string;
  visibility: string;
  status: string;
  host: Person;
  capacity: number;
  hosts_may_bet: boolean;
  official_after_s: number;
  unattended_after_s: number;
  open_at_most_s: number;
  stream_delay_s: number;
  chat_mode: string;
  evening_public: boolean;
  here: number;
  open_markets: number;
  place: PlaceShape | null;
  created_at_ms: number;
}

/** How a market ended. `coins` were staked in time; refunds are coins by reason. */
export interface Settlement {
  winners: Array<number>;
  happened_at_ms: number | null;
  coins: number;
  takeout: number;
  paid: number;
  refunded: Record<string, number>;
  by: Person | null;
  at_ms: number | null;
}

/** A settlement that is not made: coins that `people` winners would be paid, and refunds. */
export interface WouldBe {
  status: string;
  reason: string | null;
  people: number;
  paid: number;
  refunded: number;
}
