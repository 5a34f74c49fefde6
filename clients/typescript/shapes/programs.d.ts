// Made by `python -m clients.generator`; changes by hand are lost.

/** The code that the screen shows now, and when it changes. */
export interface CodeAnswer {
  code: string;
  changes_in_ms: number;
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

export interface ProgramsCalls {
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
}
