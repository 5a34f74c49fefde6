// Made by `python -m clients.generator`; changes by hand are lost.

import type {
  LeaderboardAnswer, MarketBoard, Ranked, RoomShape,
} from "./shared.js";

/** The middle of the area in which a person was lately, and the size of the area. */
export interface CellShape {
  user: number;
  lat: number;
  lon: number;
  size_m: number;
}

/** People of the room: here now, and sharing. */
export interface CountShape {
  here: number;
  sharing: number;
}

/** A room, and the own membership in it. */
export interface Entered {
  room: RoomShape;
  role: string;
  muted: boolean;
}

/** At most 500 people, the best first, of `people`; at most 200 rounds, the newest first. */
export interface EveningAnswer {
  code: string;
  title: string;
  status: string;
  people: number;
  standings: Array<Ranked>;
  podium: Podium;
  rounds: Array<Round>;
}

/** The winning answer with the highest odds, and who had most on it. */
export interface LongShot {
  user: number;
  nickname: string;
  market: number;
  question: string;
  answer: string;
  odds: number;
}

/** The map of a room as one of its members may see it. */
export interface MapAnswer {
  place: MapPlaceShape | null;
  people: Array<PersonShape>;
  cells: Array<CellShape>;
  points: Array<PointShape>;
  counts: CountShape;
}

/** The circle of a room, and whether its bets are taken from within only. */
export interface MapPlaceShape {
  lat: number;
  lon: number;
  radius_m: number;
  bets_need_presence: boolean;
}

/** A page of the questions of a room. */
export interface MarketList {
  results: Array<MarketBoard>;
  next: string | null;
}

/** What one person won or lost on one question: all coins back less all that were staked. */
export interface OneRound {
  user: number;
  nickname: string;
  market: number;
  question: string;
  net: number;
}

/** A person who shares with the room. */
export interface PersonShape {
  user: number;
  nickname: string;
  level: string;
}

/** A circle on the earth. */
export interface PlaceAsk {
  lat: number;
  lon: number;
  radius_m: number;
  bets_need_presence: boolean;
}

/** The best of the evening; null where nobody won, or lost. */
export interface Podium {
  first: Array<Ranked>;
  biggest_win: OneRound | null;
  longest_odds: LongShot | null;
  unluckiest: OneRound | null;
}

/** A person's position, as far as their phone knows. */
export interface PointShape {
  user: number;
  lat: number;
  lon: number;
  accuracy_m: number | null;
  age_s: number;
}

export interface RoomList {
  results: Array<RoomShape>;
  next: string | null;
}

/** A decided question; without winners its stakes were given back. */
export interface Round {
  market: number;
  question: string;
  status: string;
  winners: Array<string>;
  coins: number;
  people: number;
  decided_at_ms: number | null;
}

/** The link to the seat, a drawing of it as a data: address, and until when it is good. */
export interface SeatOffer {
  link: string;
  qr: string;
  expires_at_ms: number;
}

export interface RoomsCalls {
  /**
   * Public live rooms, newest first; `lat`, `lon`, `radius_m` and `q` narrow them.
   *
   * Rejects with Refused: forbidden.
   */
  rooms_list(ask?: { before?: number; lat?: number; lon?: number; radius_m?: number; q?: string; club?: string; }): Promise<RoomList>;
  /**
   * Open a room and host it; guests may. The same `key` again is the same room.
   *
   * `club` is a club in which one may open rooms.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_post(ask: { title: string; visibility: "public" | "unlisted"; capacity?: number; hosts_may_bet?: boolean; official_after_s?: 0 | 15 | 30 | 60 | 120; unattended_after_s?: number; open_at_most_s?: number; stream_delay_s?: number; chat_mode?: "off" | "on" | "reactions" | "slow"; evening_public?: boolean; place?: PlaceAsk | null; club?: string; key?: string; }): Promise<RoomShape>;
  /**
   * A room; an unlisted one is shown to everybody who knows its code.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_get(code: string): Promise<RoomShape>;
  /**
   * Change a room; host and co-hosts may. Its sockets are told.
   *
   * Rejects with Refused: forbidden, not_found, room_ended.
   */
  rooms_patch(code: string, ask?: { title?: string; visibility?: "public" | "unlisted"; capacity?: number; hosts_may_bet?: boolean; official_after_s?: 0 | 15 | 30 | 60 | 120; unattended_after_s?: number; open_at_most_s?: number; stream_delay_s?: number; chat_mode?: "off" | "on" | "reactions" | "slow"; evening_public?: boolean; place?: PlaceAsk | null; }): Promise<RoomShape>;
  /**
   * End a room for good, once every question in it is decided.
   *
   * Rejects with Refused: forbidden, not_found, market_undecided.
   */
  rooms_end_post(code: string): Promise<RoomShape>;
  /**
   * Become a member; repeating it changes nothing.
   *
   * Rejects with Refused: forbidden, not_found, room_full, room_ended.
   */
  rooms_enter_post(code: string): Promise<Entered>;
  /**
   * Standings, podium and rounds; `format` is json (the default) or csv.
   *
   * At most five seconds old, a minute where the room has ended.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  rooms_evening_get(code: string, ask?: { format?: "csv" | "json"; }): Promise<EveningAnswer | string>;
  /**
   * The largest winners of a room, and the own rank; at most five seconds old.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_leaderboard_get(code: string): Promise<LeaderboardAnswer>;
  /**
   * End the own membership; coins and positions stay. Repeating it changes nothing.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_leave_post(code: string): Promise<RoomShape>;
  /**
   * The map of a room: its place, and people as far as they show themselves.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  rooms_map_get(code: string): Promise<MapAnswer>;
  /**
   * The questions of a room, newest first; those that run unless `status` says otherwise.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_markets_list(code: string, ask?: { before?: number; status?: "locked" | "open" | "running" | "settled" | "void"; }): Promise<MarketList>;
  /**
   * Make a market, open unless said otherwise; the same key again finds the same one.
   *
   * Rejects with Refused: forbidden, not_found, room_ended, too_many_markets.
   */
  rooms_markets_post(code: string, ask: { question: string; outcomes: Array<string>; closes_in_s?: number; min_stake?: number; max_stake?: number | null; min_bettors?: number; takeout_bp?: number; hedging?: boolean; unresolved_after_s?: number; blind?: boolean; open_next?: boolean; open?: boolean; key?: string; }): Promise<MarketBoard>;
  /**
   * Offer a seat: the first user who opens its link is co-host. Only the host may.
   *
   * Rejects with Refused: forbidden, not_found, room_ended.
   */
  rooms_seats_post(code: string, ask: { role: "cohost"; }): Promise<SeatOffer>;
  /**
   * Take a seat; the same user may ask again until it expires.
   *
   * Rejects with Refused: forbidden, not_found, room_full, room_ended, expired.
   */
  seats_post(ask: { seat: string; }): Promise<Entered>;
}
