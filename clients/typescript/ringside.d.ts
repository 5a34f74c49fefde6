import type { BetAccepted, Calls, MarketBoard, RoomShape, RoomTold, ScreenTold } from "./shapes.js";

export type * from "./shapes.js";

/** The server did not do it; programs read `code`, people `message`. */
export class Refused extends Error {
  code: string;
  /** That of HTTP; 0 on a socket, and where no answer came. */
  status: number;
  detail: Record<string, unknown>;
  /** How long the server asks to wait; 0 where it does not say. */
  retryAfterS: number;
}

/** What the client tells by itself: the socket is closed for good. */
export interface Closed {
  type: "closed";
  code: number;
}

export interface Options {
  /** A key of a room, `rk_…`, with or without blanks around it; throws TypeError for what can be none. */
  key?: string;
  /** How long a call asks again. */
  patienceS?: number;
}

/**
 * The API at `url`, with a method for each call. A call waits and asks again while nothing was
 * taken, and where that is not known, only what may be repeated: reading, and what carries an
 * idempotency key.
 */
export interface Ringside extends Calls {
  /** Sign in to an account; its tokens are renewed as they run out. */
  signIn(email: string, password: string): Promise<void>;
  /** A room by a socket that counts as nobody, by a key that may read. */
  watch(code: string, heard: (room: LiveRoom, message: ScreenTold | Closed) => void): LiveRoom;
  /** A room by a socket, as the member who is signed in; enters it first. */
  join(code: string, heard: (room: LiveRoom, message: RoomTold | Closed) => void): LiveRoom;
}

export const Ringside: new (url: string, options?: Options) => Ringside;

/** A room as it happens: one socket that comes back by itself, and the newest figures. */
export interface LiveRoom {
  readonly room: RoomShape | null;
  readonly markets: Map<number, MarketBoard>;
  readonly here: number;
  /** Whether questions are prepared. */
  readonly coming: boolean;
  /** One's own coins: in the wallet, and staked by the id of the outcome. */
  readonly coins: number;
  readonly positions: Map<number, number>;
  /** Why the socket was closed for good, or 4404 where there is no such room; 0 before. */
  readonly closeCode: number;
  /** Leave for good. */
  close(): void;
  /** Throws Refused, `unavailable`, while there is no connection. */
  say(text: string): void;
  bet(market: number, outcome: number, stake: number, betId?: string): Promise<BetAccepted>;
}
