// Made by `python -m clients.generator`; changes by hand are lost.

import type {
  Person, PlaceShape,
} from "./shared.js";

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

/** A line for each receipt and anchor, in the order in which they were sent. */
export interface VerifyAnswer {
  receipts: Array<Judged>;
  anchors: Array<Judged>;
}

export interface MeCalls {
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
   * Whether the ledger still holds these receipts and anchors: a sentence and a code each.
   *
   * Rejects with Refused: forbidden.
   */
  verify_post(ask?: { receipts?: Array<Receipt>; anchors?: Array<KeptAnchor>; }): Promise<VerifyAnswer>;
}
