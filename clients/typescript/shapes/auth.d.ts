// Made by `python -m clients.generator`; changes by hand are lost.

export interface CsrfAnswer {
  csrf: string;
}

/** The own e-mail, null for a guest, and whether its owner was seen to read it. */
export interface EmailAnswer {
  email: string | null;
  is_verified: boolean;
}

export interface EndedAnswer {
  ended: number;
}

/** Since when the user is to be forgotten; null: not at all. */
export interface ForgettingAnswer {
  asked_at_ms: number | null;
}

/** The own account and its coins. */
export interface MeAnswer {
  user: UserShape;
  wallets: Array<WalletShape>;
}

/** A friendly name that a newcomer may take. */
export interface NicknameAnswer {
  nickname: string;
}

export interface RefreshedAnswer {
  access_expires_at_ms: number;
}

/** How long a link is good, if one was sent. */
export interface ResetAnswer {
  valid_for_s: number;
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

/** The own coins in a club. */
export interface WalletShape {
  club: string;
  coins: number;
}

export interface AuthCalls {
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
}
