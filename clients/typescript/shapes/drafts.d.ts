// Made by `python -m clients.generator`; changes by hand are lost.

import type {
  MarketBoard,
} from "./shared.js";

/** The drafts of a room in their order, and how many of them were added just now. */
export interface Drafts {
  markets: Array<MarketBoard>;
  added: number;
}

export interface DraftsCalls {
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
}
