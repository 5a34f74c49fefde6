// Made by `python -m clients.generator`; changes by hand are lost.

import type {
  Line, Person,
} from "./shared.js";

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

export interface Lines {
  results: Array<Line>;
  next: string | null;
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

/** Names of members, the one who came last first. */
export interface NewcomerList {
  names: Array<string>;
}

/** Whether bets of this user are taken in a room with a place, and why not. */
export interface PresenceAnswer {
  may_bet: boolean;
  why: string;
  where: string;
  proof: string | null;
}

export interface PeopleCalls {
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
}
