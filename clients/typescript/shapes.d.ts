// Made by `python -m clients.generator`; changes by hand are lost.

import type { AuthCalls } from "./shapes/auth.js";
import type { ClubsCalls } from "./shapes/clubs.js";
import type { DraftsCalls } from "./shapes/drafts.js";
import type { LocationsCalls } from "./shapes/locations.js";
import type { MarketsCalls } from "./shapes/markets.js";
import type { MeCalls } from "./shapes/me.js";
import type { PeopleCalls } from "./shapes/people.js";
import type { ProgramsCalls } from "./shapes/programs.js";
import type { RoomsCalls } from "./shapes/rooms.js";

export type * from "./shapes/auth.js";
export type * from "./shapes/clubs.js";
export type * from "./shapes/drafts.js";
export type * from "./shapes/locations.js";
export type * from "./shapes/markets.js";
export type * from "./shapes/me.js";
export type * from "./shapes/messages.js";
export type * from "./shapes/people.js";
export type * from "./shapes/programs.js";
export type * from "./shapes/rooms.js";
export type * from "./shapes/shared.js";

export interface Calls extends AuthCalls, ClubsCalls, DraftsCalls, LocationsCalls, MarketsCalls,
MeCalls, PeopleCalls, ProgramsCalls, RoomsCalls {}
