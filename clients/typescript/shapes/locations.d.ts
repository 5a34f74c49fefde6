// Made by `python -m clients.generator`; changes by hand are lost.

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

/** How much of the past is kept, and from when to when. */
export interface History {
  fixes: number;
  from_ms: number | null;
  to_ms: number | null;
}

/** How many reports of a device were not taken lately for one reason of docs/locations.md. */
export interface MissedShape {
  reason: string;
  reports: number;
}

/** Everything that is known of the own positions. */
export interface MyLocation {
  position: Position | null;
  history: History;
  devices: Array<DeviceShape>;
  sharing: Array<SharingShape>;
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

/** The verdict on one fix. */
export interface Result {
  status: string;
  reason?: string | null;
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

/** The set-up of Traccar Client: an address to scan, its QR image, and a link to tap. */
export interface TraccarSetup {
  url: string;
  qr: string;
  link: string;
}

export interface LocationsCalls {
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
}
