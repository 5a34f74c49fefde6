// Made by `python -m clients.generator`; changes by hand are lost.

/** The first answer to a bet, and so every later one; over HTTP it is the body itself. */
export interface Accepted {
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

/** Server → client: the verdict on the fix `n` of a socket. */
export interface Ack {
  type: "ack";
  n: number;
  status: string;
  next_ms: number;
  reason?: string | null;
}

export interface ActList {
  results: Array<ActShape>;
  next: string | null;
}

/**
 * An act; names are those of that moment, null is nobody or an erased user.
 *
 * `words` are `what` in the reader's language.
 */
export interface ActShape {
  id: number;
  what: string;
  words: string;
  by: Person | null;
  of: Person | null;
  detail: string;
  reason: string;
  at_ms: number;
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

/** The middle of the area in which a person was lately, and the size of the area. */
export interface CellShape {
  user: number;
  lat: number;
  lon: number;
  size_m: number;
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

/** A member; their coins, as last recorded, are shown to those who run the club. */
export interface ClubMember {
  user: Person;
  role: string;
  since_ms: number;
  coins?: number;
}

export interface ClubMembers {
  results: Array<ClubMember>;
  next: string | null;
}

/** A club; `role` is the reader's own, null for strangers and in the main club. */
export interface ClubShape {
  slug: string;
  title: string;
  role: string | null;
  members_may_open_rooms: boolean;
  may_open_rooms: boolean;
}

/** The code that the screen shows now, and when it changes. */
export interface CodeAnswer {
  code: string;
  changes_in_ms: number;
}

/** Server → everybody else: whether anything is prepared; nothing more is told of drafts. */
export interface Coming {
  type: "coming";
  coming: boolean;
  now_ms: number;
}

/** People of the room: here now, and sharing. */
export interface CountShape {
  here: number;
  sharing: number;
}

export interface CsrfAnswer {
  csrf: string;
}

export interface DeliveryList {
  results: Array<DeliveryShape>;
}

/**
 * One event for a webhook. `status` is 0 where `why` says that there was no answer.
 *
 * `due_at_ms` is the next try, null once it was taken.
 */
export interface DeliveryShape {
  id: number;
  event: string;
  market: number | null;
  question: string | null;
  made_at_ms: number;
  tries: number;
  status: number;
  why: string;
  due_at_ms: number | null;
  taken_at_ms: number | null;
}

/** A device as its user sees it; `missed` is left out while everything was taken. */
export interface DeviceShape {
  id: number;
  name: string;
  created_at_ms: number;
  seen_at_ms: number | null;
  missed?: Array<MissedShape>;
}

/** All devices of a user, newest first; there are ten at most. */
export interface DevicesAnswer {
  results: Array<DeviceShape>;
  next?: string | null;
}

/** The drafts of a room in their order, and how many of them were added just now. */
export interface Drafts {
  markets: Array<MarketBoard>;
  added: number;
}

/** Server → those who run the room: all its drafts, in their order, when one changed. */
export interface DraftsChanged {
  type: "drafts";
  markets: Array<MarketBoard>;
  now_ms: number;
}

/** The own e-mail, null for a guest, and whether its owner was seen to read it. */
export interface EmailAnswer {
  email: string | null;
  is_verified: boolean;
}

export interface EndedAnswer {
  ended: number;
}

/** A room, and the own membership in it. */
export interface Entered {
  room: RoomShape;
  role: string;
  muted: boolean;
}

/** The data that was erased, and what was not and why. */
export interface ErasedAnswer {
  erased_at_ms: number;
  position: boolean;
  history: number;
  waiting: number;
  devices: number;
  sharing: number;
  kept: Array<string>;
}

/** Server → client: a refusal; `re` is the id of the message it answers. */
export interface Error {
  type: "error";
  code: string;
  message: string;
  re: number | string | null;
  detail?: Record<string, unknown>;
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

/** Since when the user is to be forgotten; null: not at all. */
export interface ForgettingAnswer {
  asked_at_ms: number | null;
}

/** The first message of a socket; always answered by `welcome`. */
export interface Hello {
  type: "hello";
}

/** How much of the past is kept, and from when to when. */
export interface History {
  fixes: number;
  from_ms: number | null;
  to_ms: number | null;
}

/** All coins of one user on one outcome. */
export interface Holding {
  outcome: number;
  coins: number;
}

/**
 * What the ledger says of one receipt or anchor.
 *
 * `since_ms`: up to then the ledger is known to be as it was. `signed`: null without a signature.
 */
export interface Judged {
  club: string;
  seq: number;
  code: string;
  message: string;
  since_ms?: number | null;
  signed?: boolean | null;
}

/** An anchor that somebody kept. */
export interface KeptAnchor {
  club?: string;
  seq: number;
  chain: string;
  at_ms: number;
}

export interface KeyList {
  results: Array<KeyShape>;
}

/** A key, and its text, which is told this once. */
export interface KeyOffer {
  id: number;
  key: string;
}

/** A key as its room lists it; `used_at_ms` is 0 until its first use. */
export interface KeyShape {
  id: number;
  name: string;
  rights: Array<string>;
  made_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number;
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

export interface Lines {
  results: Array<Line>;
  next: string | null;
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

/** A page of the questions of a room. */
export interface MarketList {
  results: Array<MarketBoard>;
  next: string | null;
}

/** A market with what a decision would pay, the largest payouts first. */
export interface MarketPreview {
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
  payouts: Array<PayoutLine>;
  would_be: WouldBe;
}

/** The own account and its coins. */
export interface MeAnswer {
  user: UserShape;
  wallets: Array<WalletShape>;
}

export interface MemberList {
  results: Array<MemberShape>;
  next: string | null;
}

/** A member; the fields behind `state` are shown to those who may moderate. */
export interface MemberShape {
  user: Person;
  role: string;
  muted: boolean;
  state: string;
  muted_until_ms?: number | null;
  since_ms?: number | null;
  staked?: number;
  reason?: string;
}

/** The reader's positions on a market; the payout includes refunds, and is set at its end. */
export interface Mine {
  positions: Array<Holding>;
  payout: number | null;
}

/** How many reports of a device were not taken lately for one reason of docs/locations.md. */
export interface MissedShape {
  reason: string;
  reports: number;
}

/** Coins that came (positive) or went, and the wallet afterwards. */
export interface Movement {
  epoch: number;
  seq: number;
  kind: string;
  coins: number;
  after: number;
  market: number | null;
  at_ms: number;
  reason?: string;
}

/** An own bet; the payout includes refunds, and is set once its market is final. */
export interface MyBet {
  bet_id: string;
  market: number;
  question: string;
  outcome: number;
  stake: number;
  at_ms: number;
  epoch: number;
  seq: number;
  status: string;
  payout: number | null;
  club: string;
}

export interface MyBetsPage {
  results: Array<MyBet>;
  next: string | null;
}

export interface MyLedgerPage {
  results: Array<Movement>;
  next: string | null;
}

/** Everything that is known of the own positions. */
export interface MyLocation {
  position: Position | null;
  history: History;
  devices: Array<DeviceShape>;
  sharing: Array<SharingShape>;
}

/** A room, and the own role in it. */
export interface MyRoom {
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
  role: string;
}

export interface MyRooms {
  results: Array<MyRoom>;
  next: string | null;
}

/** Names of members, the one who came last first. */
export interface NewcomerList {
  names: Array<string>;
}

/** A friendly name that a newcomer may take. */
export interface NicknameAnswer {
  nickname: string;
}

/** Server → client: a notice for one person or for everybody. */
export interface Notice {
  type: "notice";
  code: string;
  message: string;
}

/** At most 200 points, the first and the last bet among them; answers in their order. */
export interface OddsAnswer {
  points: Array<OddsPoint>;
}

/** What part of all coins was on each answer after a bet, in basis points, floored. */
export interface OddsPoint {
  at_ms: number;
  shares: Array<number>;
}

/** A result that is unofficial until `official_at_ms`; a void names no winners. */
export interface Official {
  winners: Array<number>;
  happened_at_ms: number | null;
  by: Person | null;
  official_at_ms: number;
  would_be: WouldBe;
}

/** What one person won or lost on one question: all coins back less all that were staked. */
export interface OneRound {
  user: number;
  nickname: string;
  market: number;
  question: string;
  net: number;
}

/** One answer of a market with its figures; null where a blind market hides them. */
export interface OutcomeBoard {
  id: number;
  label: string;
  coins: number | null;
  heads: number | null;
  odds: number | null;
}

/** The moving figures of one outcome; null where a blind market hides them. */
export interface OutcomeFigures {
  id: number;
  coins: number | null;
  heads: number | null;
  odds: number | null;
}

/** What one coin on a winner brought, with two decimals at most. */
export interface OutcomeOdds {
  outcome: number;
  odds: number;
}

/** The own clubs, and whether the reader may make one. */
export interface OwnClubs {
  results: Array<ClubShape>;
  next: string | null;
  may_make: boolean;
}

/** The set-up of OwnTracks: the address, a link that does it all, and its QR image. */
export interface OwntracksSetup {
  url: string;
  link: string;
  qr: string;
}

/** A new device; the token is shown once. */
export interface PairedAnswer {
  id: number;
  name: string;
  token: string;
  owntracks: OwntracksSetup;
  traccar: TraccarSetup;
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

/** The coins that a user would get back for a stake on an outcome. */
export interface PayoutLine {
  user: number;
  nickname: string;
  outcome: number;
  stake: number;
  payout: number;
}

/** Server → client: how many are here. */
export interface People {
  type: "people";
  here: number;
}

/** A user as others see them. */
export interface Person {
  id: number;
  nickname: string;
}

/** A person who shares with the room. */
export interface PersonShape {
  user: number;
  nickname: string;
  level: string;
}

/** Answered by `pong` with the same `t` and the server's time. */
export interface Ping {
  type: "ping";
  t: number;
}

/** A circle on the earth. */
export interface PlaceAsk {
  lat: number;
  lon: number;
  radius_m: number;
  bets_need_presence: boolean;
}

/** The circle a room is tied to, without its position. */
export interface PlaceShape {
  radius_m: number;
  bets_need_presence: boolean;
  band?: string;
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

/** A position as its own user sees it; unknown figures are null. */
export interface Position {
  fix_ms: number;
  received_ms: number;
  lat: number;
  lon: number;
  accuracy_m: number | null;
  speed_mps: number | null;
  course_deg: number | null;
  source: string;
  age_s: number;
  live: boolean;
  flags: Array<string>;
}

/** Whether bets of this user are taken in a room with a place, and why not. */
export interface PresenceAnswer {
  may_bet: boolean;
  why: string;
  where: string;
  proof: string | null;
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

/** An accepted bet as it was answered, with its club; signed where that was asked for. */
export interface Receipt {
  club?: string;
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
  key?: string;
  signature?: string;
}

/** The coins after a refill, and from when on the next one is possible. */
export interface RefillAnswer {
  coins: number;
  next_at_ms: number;
}

export interface RefreshedAnswer {
  access_expires_at_ms: number;
}

/** Server → client: a member has another name. */
export interface Renamed {
  type: "renamed";
  user: Person;
}

/** The verdicts on a report, and in how many milliseconds the next is wanted. */
export interface ReportAnswer {
  results: Array<Result>;
  next_ms: number;
}

/** One fix of a client that speaks our own protocol; degrees, metres, m/s, Unix ms. */
export interface ReportedFix {
  fix_ms: number;
  lat: number;
  lon: number;
  accuracy_m: number;
  speed_mps?: number | null;
  course_deg?: number | null;
  visible?: boolean;
}

/** How long a link is good, if one was sent. */
export interface ResetAnswer {
  valid_for_s: number;
}

/** The verdict on one fix. */
export interface Result {
  status: string;
  reason?: string | null;
}

/** The three largest winners of a market, how many people were paid, what each outcome paid. */
export interface ResultAnswer {
  top: Array<Ranked>;
  people: number;
  odds: Array<OutcomeOdds>;
}

/** Server → client: the room, whenever it changes. */
export interface RoomChanged {
  type: "room";
  room: RoomShape;
}

export interface RoomList {
  results: Array<RoomShape>;
  next: string | null;
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

export interface ScreenList {
  results: Array<ScreenShape>;
}

/** A screen, and its link, which is told this once; `overlay` is the same without a ground. */
export interface ScreenOffer {
  id: number;
  link: string;
  overlay: string;
}

export interface ScreenShape {
  id: number;
  made_at_ms: number;
}

/** The link to the seat, a drawing of it as a data: address, and until when it is good. */
export interface SeatOffer {
  link: string;
  qr: string;
  expires_at_ms: number;
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

/** Everything that a user shares now. */
export interface SharingAnswer {
  sharing: Array<SharingShape>;
}

/** The level that a user shares with a room, and until when. */
export interface SharingShape {
  room: string;
  level: string;
  until_ms: number;
}

/** One of the own sign-ins. */
export interface SignInShape {
  id: string;
  browser: string;
  address: string;
  created_at_ms: number;
  seen_at_ms: number;
  is_this: boolean;
}

export interface SignInsAnswer {
  results: Array<SignInShape>;
  next?: string | null;
}

/** A receipt with the house's signature over all fields but the last two. */
export interface SignedReceipt {
  club: string;
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
  key: string;
  signature: string;
}

export interface TicketAnswer {
  ticket: string;
  expires_in_s: number;
}

/** Tokens for clients without cookies. */
export interface TokenAnswer {
  access: string;
  refresh: string;
  access_expires_at_ms: number;
}

/** The set-up of Traccar Client: an address to scan, its QR image, and a link to tap. */
export interface TraccarSetup {
  url: string;
  qr: string;
  link: string;
}

/** The user after the call; tokens come along only where Authorization was used. */
export interface UserAnswer {
  user: UserShape;
  access?: string | null;
  refresh?: string | null;
}

export interface UserShape {
  id: number;
  nickname: string;
  is_guest: boolean;
}

/** A line for each receipt and anchor, in the order in which they were sent. */
export interface VerifyAnswer {
  receipts: Array<Judged>;
  anchors: Array<Judged>;
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

/** The own coins in a club. */
export interface WalletShape {
  club: string;
  coins: number;
}

export interface WebhookList {
  results: Array<WebhookShape>;
}

/** A webhook, and the secret that signs for it, which is told this once. */
export interface WebhookOffer {
  id: number;
  secret: string;
}

/** A webhook as its room lists it; `paused_at_ms` is null while it is served. */
export interface WebhookShape {
  id: number;
  url: string;
  made_at_ms: number;
  paused_at_ms: number | null;
  waiting: number;
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

/** A settlement that is not made: coins that `people` winners would be paid, and refunds. */
export interface WouldBe {
  status: string;
  reason: string | null;
  people: number;
  paid: number;
  refunded: number;
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

export interface Calls {
  /**
   * The token for X-CSRFToken; sets the cookie it is compared with.
   *
   * Rejects with Refused: forbidden.
   */
  auth_csrf_get(): Promise<CsrfAnswer>;
  /**
   * The own e-mail, and whether it is verified.
   *
   * Rejects with Refused: forbidden.
   */
  auth_email_get(): Promise<EmailAnswer>;
  /**
   * Have the link sent again that verifies the own e-mail.
   *
   * Rejects with Refused: forbidden.
   */
  auth_email_post(): Promise<null>;
  /**
   * Verify an e-mail by a link, also signed out or as somebody else; it may be repeated.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  auth_email_verify_post(ask: { link: string; }): Promise<null>;
  /**
   * Whether the user asked to be forgotten, and when.
   *
   * Rejects with Refused: forbidden.
   */
  auth_forget_get(): Promise<ForgettingAnswer>;
  /**
   * Ask to be forgotten; it happens once the last open bet is paid. Again: the same.
   *
   * Rejects with Refused: forbidden.
   */
  auth_forget_post(): Promise<ForgettingAnswer>;
  /**
   * Become a guest; a user who is signed in already stays who they are (200).
   *
   * Rejects with Refused: nickname_refused, forbidden.
   */
  auth_guest_post(ask?: { nickname?: string; }): Promise<UserAnswer>;
  /**
   * Sign in with e-mail and password; a guest signed in here is left behind.
   *
   * Rejects with Refused: wrong_credentials, forbidden.
   */
  auth_login_post(ask: { email: string; password: string; }): Promise<UserAnswer>;
  /**
   * End this sign-in and its sockets; repeating it returns the same.
   *
   * Rejects with Refused: forbidden.
   */
  auth_logout_post(): Promise<null>;
  /**
   * The own account, and its coins in each club.
   *
   * Rejects with Refused: forbidden.
   */
  auth_me_get(): Promise<MeAnswer>;
  /**
   * Take another name; it is sent to everybody in the rooms where the user is.
   *
   * Rejects with Refused: nickname_refused, forbidden.
   */
  auth_me_patch(ask: { nickname: string; }): Promise<UserAnswer>;
  /**
   * A suggestion for the name of a newcomer, in the reader's language.
   *
   * Rejects with Refused: forbidden.
   */
  auth_nickname_get(): Promise<NicknameAnswer>;
  /**
   * Change the password; every sign-in ends but the new one this answer brings.
   *
   * Rejects with Refused: weak_password, wrong_credentials, forbidden.
   */
  auth_password_post(ask: { current: string; new: string; }): Promise<UserAnswer>;
  /**
   * Renew the cookies; 401 takes them away where they are good for nothing.
   *
   * Rejects with Refused: forbidden.
   */
  auth_refresh_post(): Promise<RefreshedAnswer>;
  /**
   * Make an account; a signed-in guest becomes it, with id, coins and positions.
   *
   * Rejects with Refused: nickname_refused, weak_password, forbidden, email_taken.
   */
  auth_register_post(ask: { email: string; nickname: string; password: string; }): Promise<UserAnswer>;
  /**
   * Have a link for another password sent; the same is answered for an unknown e-mail.
   *
   * Rejects with Refused: forbidden.
   */
  auth_reset_post(ask: { email: string; }): Promise<ResetAnswer>;
  /**
   * Choose another password by a link, once; every sign-in of the account ends.
   *
   * Rejects with Refused: weak_password, forbidden, not_found.
   */
  auth_reset_choose_post(ask: { link: string; new: string; }): Promise<null>;
  /**
   * The own sign-ins that stand, the latest used first.
   *
   * Rejects with Refused: forbidden.
   */
  auth_sign_ins_list(): Promise<SignInsAnswer>;
  /**
   * End one own sign-in; somebody else's is not_found.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  auth_sign_ins_delete(sign_in_id: string): Promise<null>;
  /**
   * End all own sign-ins with their sockets, or all but this one.
   *
   * Rejects with Refused: forbidden.
   */
  auth_sign_ins_end_post(ask?: { others_only?: boolean; }): Promise<EndedAnswer>;
  /**
   * A ticket for one socket within 30 s, from the Origin that asks.
   *
   * Rejects with Refused: forbidden.
   */
  auth_ticket_post(): Promise<TicketAnswer>;
  /**
   * Tokens for a client that keeps no cookies.
   *
   * Rejects with Refused: wrong_credentials, forbidden.
   */
  auth_token_post(ask: { email: string; password: string; }): Promise<TokenAnswer>;
  /**
   * New tokens for a refresh token; it is over once its successor was used.
   *
   * Rejects with Refused: forbidden.
   */
  auth_token_refresh_post(ask: { refresh: string; }): Promise<TokenAnswer>;
  /**
   * The clubs that the user belongs to, the newest membership first; the main one is none.
   *
   * Rejects with Refused: forbidden.
   */
  clubs_list(ask?: { before?: number; }): Promise<OwnClubs>;
  /**
   * Make a club with coins of its own, where operators let one; a `key` makes one club.
   *
   * Rejects with Refused: forbidden.
   */
  clubs_post(ask: { title: string; key?: string; }): Promise<ClubShape>;
  /**
   * A club; everybody may see it. Its public rooms are in the list of rooms by `club`.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  clubs_get(slug: string): Promise<ClubShape>;
  /**
   * Change a club; its owner may.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  clubs_patch(slug: string, ask?: { title?: string; members_may_open_rooms?: boolean; }): Promise<ClubShape>;
  /**
   * The largest winners of a club's last thirty days, and the own rank; for its members.
   *
   * At most a minute old. The main club has none.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  clubs_leaderboard_get(slug: string): Promise<LeaderboardAnswer>;
  /**
   * End the own membership; coins stay. Repeating it changes nothing; an owner cannot.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  clubs_leave_post(slug: string): Promise<ClubShape>;
  /**
   * The members of a club, newest first, for those who run or moderate it.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  clubs_members_list(slug: string, ask?: { before?: number; }): Promise<ClubMembers>;
  /**
   * Make a member moderator or member again; it counts in the club's live rooms at once.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  clubs_members_post(slug: string, user_id: number, ask: { role: "member" | "moderator"; }): Promise<ClubMember>;
  /**
   * Report up to a hundred fixes; they are judged in the order they stand in.
   *
   * Rejects with Refused: forbidden.
   */
  locations_post(ask: { fixes: Array<ReportedFix>; }): Promise<ReportAnswer>;
  /**
   * The own devices, newest first, without their tokens.
   *
   * Rejects with Refused: forbidden.
   */
  locations_devices_list(): Promise<DevicesAnswer>;
  /**
   * Pair a phone app; its token is returned this once.
   *
   * Rejects with Refused: forbidden.
   */
  locations_devices_post(ask?: { name?: string; }): Promise<PairedAnswer>;
  /**
   * End a device; its token is invalid from now on.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  locations_devices_delete(device_id: number): Promise<null>;
  /**
   * The own history as a file; `format` is json (the default) or gpx.
   *
   * Rejects with Refused: forbidden.
   */
  locations_export_get(ask?: { format?: "gpx" | "json"; }): Promise<unknown | string>;
  /**
   * Everything that is known about the own positions.
   *
   * Rejects with Refused: forbidden.
   */
  locations_me_get(): Promise<MyLocation>;
  /**
   * Forget all of the user: live, waiting and past positions, devices and sharing.
   *
   * Rejects with Refused: forbidden.
   */
  locations_me_delete(): Promise<ErasedAnswer>;
  /**
   * Share a level with a room for some minutes, or stop.
   *
   * Rejects with Refused: forbidden, not_member, not_found, room_ended.
   */
  locations_sharing_put(ask: { level: "area" | "exact" | "off" | "presence"; room?: string; minutes?: number; }): Promise<SharingAnswer>;
  /**
   * The market now, with `mine` for members; a draft for those who run its room alone.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  markets_get(market_id: number): Promise<MarketBoard>;
  /**
   * Change fields of a draft; those left out stay.
   *
   * Rejects with Refused: forbidden, not_found, room_ended, market_closed.
   */
  markets_patch(market_id: number, ask?: { question?: string; outcomes?: Array<string>; closes_in_s?: number | null; min_stake?: number; max_stake?: number | null; min_bettors?: number; takeout_bp?: number; hedging?: boolean; unresolved_after_s?: number; blind?: boolean; open_next?: boolean; }): Promise<MarketBoard>;
  /**
   * Remove a draft.
   *
   * Rejects with Refused: forbidden, not_found, market_closed.
   */
  markets_delete(market_id: number): Promise<null>;
  /**
   * Stake coins: 201 when taken, 200 with the same body when it had been taken before.
   *
   * Rejects with Refused: forbidden, not_member, host_may_not_bet, not_found, room_ended, market_not_open, market_closed, no_such_outcome, other_outcome_taken, stake_below_minimum, stake_above_maximum, not_enough_coins, key_reused, expired, not_inside, frozen.
   */
  markets_bets_post(market_id: number, ask: { bet_id?: string; outcome: number; stake: number; expires_at_ms?: number; }): Promise<Accepted>;
  /**
   * Prepare the same question once more; the same key again finds the same draft.
   *
   * Rejects with Refused: forbidden, not_found, room_ended, too_many_markets.
   */
  markets_duplicate_post(market_id: number, ask?: { key?: string; }): Promise<MarketBoard>;
  /**
   * Do the step; repeating it returns the same.
   *
   * Rejects with Refused: forbidden, not_found, market_not_open.
   */
  markets_lock_post(market_id: number): Promise<MarketBoard>;
  /**
   * How the shares moved; empty for a blind market until its lock. At most five seconds old
   * while the market runs.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  markets_odds_get(market_id: number): Promise<OddsAnswer>;
  /**
   * Do the step; repeating it returns the same.
   *
   * Rejects with Refused: forbidden, not_found, room_ended, too_many_markets.
   */
  markets_open_post(market_id: number): Promise<MarketBoard>;
  /**
   * The largest winners of a market and what it paid; not_found while it is undecided.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  markets_result_get(market_id: number): Promise<ResultAnswer>;
  /**
   * Name the winners: 202 with `official` while it is unofficial, or while the clock pays.
   *
   * 200 when it is paid.
   *
   * Rejects with Refused: forbidden, holder_may_not_settle, not_found, market_not_open, market_not_locked, already_decided, no_such_outcome, frozen.
   */
  markets_settle_post(market_id: number, ask: { winners: Array<number>; happened_at_ms?: number | null; preview?: boolean; }): Promise<MarketBoard | MarketPreview>;
  /**
   * Call the market off and give every stake back; 200 and 202 as for settling.
   *
   * Rejects with Refused: forbidden, holder_may_not_settle, not_found, market_not_open, already_decided, frozen.
   */
  markets_void_post(market_id: number, ask: { reason: string; }): Promise<MarketBoard>;
  /**
   * Do the step; repeating it returns the same.
   *
   * Rejects with Refused: forbidden, holder_may_not_settle, not_found, market_not_open, market_not_locked, already_decided.
   */
  markets_withdraw_post(market_id: number): Promise<MarketBoard>;
  /**
   * The own bets, with what each brought; newest first.
   *
   * Rejects with Refused: forbidden.
   */
  me_bets_list(ask?: { before?: number; }): Promise<MyBetsPage>;
  /**
   * Everything that is kept of the user, as a file of JSON.
   *
   * Rejects with Refused: forbidden.
   */
  me_export_get(): Promise<unknown>;
  /**
   * Every movement of the own coins, newest first.
   *
   * Rejects with Refused: forbidden.
   */
  me_ledger_list(ask?: { before?: number; }): Promise<MyLedgerPage>;
  /**
   * The signed receipt of an own bet, in the main club or that of `?club=`.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  me_receipts_get(seq: number, ask?: { club?: string; }): Promise<SignedReceipt>;
  /**
   * Take coins when next to none are left and none are at stake.
   *
   * Rejects with Refused: forbidden, not_found, stake_above_maximum, not_broke.
   */
  me_refill_post(ask?: { club?: string; }): Promise<RefillAnswer>;
  /**
   * The rooms that the user hosts or is in, unlisted and ended ones too; the latest first.
   *
   * Rejects with Refused: forbidden.
   */
  me_rooms_list(ask?: { before?: number; }): Promise<MyRooms>;
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
   * The acts of a room, newest first; former names are among them.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_acts_list(code: string, ask?: { before?: number; }): Promise<ActList>;
  /**
   * The last 100 lines, newest first; for members.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  rooms_chat_list(code: string): Promise<Lines>;
  /**
   * Say something to everybody in the room, as far as the chat is on.
   *
   * Rejects with Refused: forbidden, not_member, muted, not_found, room_ended.
   */
  rooms_chat_post(code: string, ask: { text: string; }): Promise<Line>;
  /**
   * Delete a line from every page; the log keeps it with who and why. May be repeated.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_chat_delete(code: string, line_id: string, ask?: { reason?: string; }): Promise<null>;
  /**
   * What a room has prepared, for those who run it.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_drafts_get(code: string): Promise<Drafts>;
  /**
   * Prepare all questions of another room that one runs, or hosted, also an ended one.
   *
   * Rejects with Refused: forbidden, not_found, room_ended, too_many_markets.
   */
  rooms_drafts_copy_post(code: string, ask: { room: string; }): Promise<Drafts>;
  /**
   * All questions of the room, asked ones and drafts, as a CSV file.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_drafts_csv_get(code: string): Promise<string>;
  /**
   * Prepare the questions of a CSV file: all, or none where a line is wrong. Those that are
   * prepared already are passed over.
   *
   * Rejects with Refused: forbidden, not_found, room_ended, too_many_markets.
   */
  rooms_drafts_csv_post(code: string, ask: { csv: string; }): Promise<Drafts>;
  /**
   * Put the drafts into this order; those not named come behind, as they were.
   *
   * Rejects with Refused: forbidden, not_found, room_ended.
   */
  rooms_drafts_order_post(code: string, ask: { markets: Array<number>; }): Promise<Drafts>;
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
   * The keys that are not over, newest first, without their texts.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_keys_list(code: string): Promise<KeyList>;
  /**
   * Make a key for this room, in one's own name.
   *
   * Rejects with Refused: forbidden, not_found, room_ended.
   */
  rooms_keys_post(code: string, ask: { name: string; rights: Array<"ask" | "chat" | "figures" | "lock" | "read" | "settle">; days?: number; }): Promise<KeyOffer>;
  /**
   * End a key: it opens nothing at once, and its sockets close; again does nothing.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_keys_delete(code: string, key_id: number): Promise<null>;
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
   * Members, newest first; above 200 of them for host and co-hosts only. `q` searches names.
   *
   * Users who may moderate see the removed and banned, too, and of each what was staked.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  rooms_members_list(code: string, ask?: { before?: number; q?: string; }): Promise<MemberList>;
  /**
   * Mute, send away or promote a member of a lower role; repeating it changes nothing.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  rooms_members_post(code: string, user_id: number, ask: { action: "ban" | "make_cohost" | "make_moderator" | "make_player" | "mute" | "remove" | "unban" | "unmute"; reason?: string; minutes?: number | null; }): Promise<MemberShape>;
  /**
   * The last forty who entered and are in; for screens of the room and for its members.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  rooms_newcomers_get(code: string): Promise<NewcomerList>;
  /**
   * Whether bets of this user are taken in the room now, and why not.
   *
   * Rejects with Refused: forbidden, not_member, not_found.
   */
  rooms_presence_get(code: string): Promise<PresenceAnswer>;
  /**
   * Prove presence by the code on the screen; good for ten minutes.
   *
   * Rejects with Refused: forbidden, not_member, not_found, not_inside.
   */
  rooms_presence_post(code: string, ask: { code: string; }): Promise<PresenceAnswer>;
  /**
   * The code that the screen of the place shows now.
   *
   * For those who run the room, and for screens that they gave a link.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_screen_code_get(code: string): Promise<CodeAnswer>;
  /**
   * The links that were not ended, newest first, without their codes.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_screens_list(code: string): Promise<ScreenList>;
  /**
   * Make a link: who has it reads the room as a screen, and counts as nobody.
   *
   * Rejects with Refused: forbidden, not_found, room_ended.
   */
  rooms_screens_post(code: string): Promise<ScreenOffer>;
  /**
   * End a link: its screens close within a second or two; again does nothing.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_screens_delete(code: string, screen_id: number): Promise<null>;
  /**
   * Offer a seat: the first user who opens its link is co-host. Only the host may.
   *
   * Rejects with Refused: forbidden, not_found, room_ended.
   */
  rooms_seats_post(code: string, ask: { role: "cohost"; }): Promise<SeatOffer>;
  /**
   * The webhooks that were not ended, newest first, and how many deliveries wait.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_webhooks_list(code: string): Promise<WebhookList>;
  /**
   * Have a server told of what happens in this room from now on.
   *
   * Rejects with Refused: forbidden, not_found, room_ended.
   */
  rooms_webhooks_post(code: string, ask: { url: string; }): Promise<WebhookOffer>;
  /**
   * End a webhook: nothing more is sent; again does nothing.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_webhooks_delete(code: string, webhook_id: number): Promise<null>;
  /**
   * The last twenty events for a webhook, newest first, and what became of each.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_webhooks_deliveries_list(code: string, webhook_id: number): Promise<DeliveryList>;
  /**
   * Send an event once more, under the same id, also one that was taken.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_webhooks_deliveries_repeat_post(code: string, delivery_id: number, webhook_id: number): Promise<null>;
  /**
   * Send nothing until the webhook is resumed; what happens is kept. Again does nothing.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_webhooks_pause_post(code: string, webhook_id: number): Promise<null>;
  /**
   * Serve a paused webhook again, beginning with what waits; again does nothing more.
   *
   * Rejects with Refused: forbidden, not_found.
   */
  rooms_webhooks_resume_post(code: string, webhook_id: number): Promise<null>;
  /**
   * Take a seat; the same user may ask again until it expires.
   *
   * Rejects with Refused: forbidden, not_found, room_full, room_ended, expired.
   */
  seats_post(ask: { seat: string; }): Promise<Entered>;
  /**
   * Whether the ledger still holds these receipts and anchors: a sentence and a code each.
   *
   * Rejects with Refused: forbidden.
   */
  verify_post(ask?: { receipts?: Array<Receipt>; anchors?: Array<KeptAnchor>; }): Promise<VerifyAnswer>;
}
