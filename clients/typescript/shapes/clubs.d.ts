// Made by `python -m clients.generator`; changes by hand are lost.

import type {
  LeaderboardAnswer, Person,
} from "./shared.js";

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

/** The own clubs, and whether the reader may make one. */
export interface OwnClubs {
  results: Array<ClubShape>;
  next: string | null;
  may_make: boolean;
}

export interface ClubsCalls {
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
}
