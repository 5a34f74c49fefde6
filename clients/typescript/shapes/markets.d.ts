// Made by `python -m clients.generator`; changes by hand are lost.

import type {
  MarketBoard, Mine, Official, OutcomeBoard, Ranked, Settlement, WouldBe,
} from "./shared.js";

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

/** At most 200 points, the first and the last bet among them; answers in their order. */
export interface OddsAnswer {
  points: Array<OddsPoint>;
}

/** What part of all coins was on each answer after a bet, in basis points, floored. */
export interface OddsPoint {
  at_ms: number;
  shares: Array<number>;
}

/** What one coin on a winner brought, with two decimals at most. */
export interface OutcomeOdds {
  outcome: number;
  odds: number;
}

/** The coins that a user would get back for a stake on an outcome. */
export interface PayoutLine {
  user: number;
  nickname: string;
  outcome: number;
  stake: number;
  payout: number;
}

/** The three largest winners of a market, how many people were paid, what each outcome paid. */
export interface ResultAnswer {
  top: Array<Ranked>;
  people: number;
  odds: Array<OutcomeOdds>;
}

export interface MarketsCalls {
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
}
