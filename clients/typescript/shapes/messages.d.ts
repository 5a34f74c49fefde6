// Made by `python -m clients.generator`; changes by hand are lost.

import type {
  Holding, Line, MarketBoard, Person, RoomShape,
} from "./shared.js";

/** Server → client: the verdict on the fix `n` of a socket. */
export interface Ack {
  type: "ack";
  n: number;
  status: string;
  next_ms: number;
  reason?: string | null;
}

/** Server → client: the bet stands. */
export interface BetAccepted {
  type: "bet.accepted";
  bet_id: string;
  market: number;
  outcome: number;
  stake: number;
  coins: number;
  position: number;
  epoch: number;
  seq: number;
  at_ms: number;
  chain: string;
}

/** Client → server: stake coins on an outcome. */
export interface BetPlace {
  type: "bet.place";
  bet_id: string;
  outcome: number;
  stake: number;
  expires_at_ms?: number;
  market: number;
}

/** Server → client: this copy of the bet was not taken, finally. */
export interface BetRefused {
  type: "bet.refused";
  bet_id: string;
  market: number;
  code: string;
  message: string;
  detail: Record<string, unknown>;
}

/** Server → client: a line was deleted. */
export interface ChatGone {
  type: "chat.gone";
  id: string;
}

/** Server → client: somebody said a line. */
export interface ChatSaid {
  type: "chat";
  id: string;
  from: Person;
  text: string;
  at_ms: number;
}

/** A line for the room; `id` comes back as `re` when it is refused. */
export interface ChatSay {
  type: "chat.say";
  text: string;
  id?: string;
}

/** Server → everybody else: whether anything is prepared; nothing more is told of drafts. */
export interface Coming {
  type: "coming";
  coming: boolean;
  now_ms: number;
}

/** Server → those who run the room: all its drafts, in their order, when one changed. */
export interface DraftsChanged {
  type: "drafts";
  markets: Array<MarketBoard>;
  now_ms: number;
}

/** Server → client: a refusal; `re` is the id of the message it answers. */
export interface Error {
  type: "error";
  code: string;
  message: string;
  re: number | string | null;
  detail?: Record<string, unknown>;
}

/** A fix on the socket; `n` comes back in its ack. */
export interface FixMessage {
  type: "fix";
  fix_ms: number;
  lat: number;
  lon: number;
  accuracy_m: number;
  speed_mps?: number | null;
  course_deg?: number | null;
  visible?: boolean;
  n: number;
}

/** The first message of a socket; always answered by `welcome`. */
export interface Hello {
  type: "hello";
}

/** Are you there; `t` comes back. */
export interface LocationPing {
  type: "ping";
  t?: number | number | string | null;
}

/** Server → client: the answer to a ping. */
export interface LocationPong {
  type: "pong";
  t: number | number | string | null;
  now_ms: number;
}

/** Server → client: the whole market, when its status, paying or frozen changed. */
export interface MarketChanged {
  type: "market";
  market: MarketBoard;
  now_ms: number;
}

/** A holding in `welcome`, where several markets are told. */
export interface MarketHolding {
  market: number;
  outcome: number;
  coins: number;
}

/** Server → client: a notice for one person or for everybody. */
export interface Notice {
  type: "notice";
  code: string;
  message: string;
}

/** The moving figures of one outcome; null where a blind market hides them. */
export interface OutcomeFigures {
  id: number;
  coins: number | null;
  heads: number | null;
  odds: number | null;
}

/**
 * Server → screen: what it asks with over HTTP.
 *
 * It comes behind `welcome`, and before the close of an ended room.
 */
export interface Pass {
  type: "screen";
  pass: string;
}

/** Server → client: how many are here. */
export interface People {
  type: "people";
  here: number;
}

/** Answered by `pong` with the same `t` and the server's time. */
export interface Ping {
  type: "ping";
  t: number;
}

/** Server → client: the answer to a ping, with the server's time. */
export interface Pong {
  type: "pong";
  t: number;
  now_ms: number;
}

/** Server → client: the figures of a market; the largest version counts. */
export interface Pools {
  type: "pools";
  market: number;
  version: number;
  bettors: number;
  outcomes: Array<OutcomeFigures>;
  now_ms: number;
}

/** Server → client: a member has another name. */
export interface Renamed {
  type: "renamed";
  user: Person;
}

/** Server → client: the room, whenever it changes. */
export interface RoomChanged {
  type: "room";
  room: RoomShape;
}

/**
 * Server → client: the reader's coins in a club; the largest seq counts.
 *
 * `mine` are the reader's positions on the market that `why` is about.
 */
export interface WalletChanged {
  type: "wallet";
  club: string;
  coins: number;
  why: string;
  epoch: number;
  seq: number;
  market?: number;
  mine?: Array<Holding>;
}

/** Server → client: everything at one moment, in answer to every hello. */
export interface Welcome {
  type: "welcome";
  you: You;
  room: RoomShape;
  here: number;
  chat: Array<Line>;
  now_ms: number;
  markets: Array<MarketBoard>;
  mine: Array<MarketHolding>;
  coming: boolean;
  coins: number;
  epoch: number;
  seq: number;
}

/** The reader of a welcome, as a member of the room. */
export interface You {
  id: number;
  nickname: string;
  role: string;
  muted: boolean;
}

export type RoomAsked = Hello | ChatSay | Ping | BetPlace;
export type RoomTold = Welcome | BetAccepted | BetRefused | Pools | MarketChanged | DraftsChanged | Coming | WalletChanged | ChatSaid | ChatGone | Renamed | RoomChanged | People | Notice | Pong | Error;
export type ScreenAsked = Hello | Ping;
export type ScreenTold = Pass | Welcome | Pools | MarketChanged | Coming | Renamed | RoomChanged | People | Notice | Pong | Error;
export type LocationAsked = FixMessage | LocationPing;
export type LocationTold = Ack | LocationPong | Error;