/* Asking the house over HTTP, as whoever this browser is.
   An expired access cookie is refreshed once and the question asked again. */

import { fill, gettext } from "./words.js";

// Longer than this nobody stands in line; the house's own sentence is shown instead.
const LINE_S_MAX = 60;
const ANSWER_WITHIN_MS = 20_000;

/** A refusal of the house as a sentence for people. What does not fit names its field for those who
    write a client; the sentence for others is its hint. */
export function wordsOf({ code, message, detail }) {
  if (code !== "malformed") return message;
  return detail?.hint ?? gettext("The house did not understand this. Load the page anew and try again.");
}

/** What the house refused, in its own words; status 0 means it was not reached. */
export class Refusal extends Error {
  constructor(status, error, retryAfterS = 1) {
    super(wordsOf(error));
    Object.assign(this, { status, code: error.code, detail: error.detail ?? {}, retryAfterS });
  }
}

const csrfCookie = () => document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/);

let fetching = null;

/** The token for X-CSRFToken. A new visitor's is asked for once: of two answers the later one
    would take the earlier one's cookie away. */
export async function csrfToken() {
  const cookie = csrfCookie();
  if (cookie) return cookie[1];
  fetching ??= fetch("/api/auth/csrf/", { credentials: "same-origin", signal: patience() })
    .then((answer) => answer.json())
    .finally(() => { fetching = null; });
  return (await fetching).csrf;
}

function refusalOf(answer, body) {
  const error = body?.error ?? {
    code: answer.status >= 500 ? "unavailable" : "malformed",
    message: gettext("The house does not answer. Try again in a moment."),
  };
  return new Refusal(answer.status, error, Number(answer.headers.get("Retry-After")) || 1);
}

// Without an answer nobody knows whether the house heard it, unless there was no network to begin
// with: one that went away meanwhile may have taken the answer only.
function silenceWords(method, wasOnline) {
  if (!wasOnline) return gettext("No connection. Nothing was sent.");
  if (method === "GET") return gettext("The house does not answer. Try again in a moment.");
  return gettext("No answer. It is not known whether this arrived: look before you try again.");
}

// A question that hangs would keep its button, or the way back into a room, for minutes.
const patience = () => AbortSignal.timeout?.(ANSWER_WITHIN_MS);

let screenPass = null;

/** Ask as a screen from now on: as nobody, whoever is signed in here. */
export function askAsScreen(pass) {
  screenPass = pass;
}

async function askOnce(method, path, body, asScreen = null) {
  const headers = { Accept: "application/json" };
  if (asScreen) headers.Authorization = `Screen ${asScreen}`;
  const request = { method, headers, credentials: "same-origin", cache: "no-store" };
  const wasOnline = navigator.onLine;
  try {
    if (method !== "GET") {
      headers["X-CSRFToken"] = await csrfToken();
      headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body ?? {});
    }
    const answer = await fetch(path, { ...request, signal: patience() });
    const said = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw refusalOf(answer, said);
    return said;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(0, { code: "unavailable", message: silenceWords(method, wasOnline) });
  }
}

let refreshing = null;

/** Renew the access cookie; false when this browser has no sign-in any more. */
export function refresh() {
  refreshing ??= askOnce("POST", "/api/auth/refresh/")
    .then(() => true, (error) => {
      if (error.status === 401) return false;
      throw error;
    })
    .finally(() => { refreshing = null; });
  return refreshing;
}

/** Ask and get the body of the answer, or a Refusal. */
export function ask(method, path, body) {
  return screenPass ? askOnce(method, path, body, screenPass) : askAsMyself(method, path, body);
}

/** Ask as whoever is signed in here, on a screen, too. */
export async function askAsMyself(method, path, body) {
  try {
    return await askOnce(method, path, body);
  } catch (error) {
    if (error.code !== "sign_in" || !(await refresh())) throw error;
    return askOnce(method, path, body);
  }
}

/** Who this browser is, with wallets; null for a stranger. */
export async function whoAmI() {
  // Every way in sends the token. A browser that has none was never signed in, and need not be told
  // so by two refusals, red in its console.
  if (!csrfCookie()) return null;
  try {
    return await ask("GET", "/api/auth/me/");
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

/** Make a guest, unless somebody is signed in already. When too many come in from one network
    this stands in line, and say() is given the words for it. */
export async function becomeGuest(nickname, say) {
  for (;;) {
    try {
      return await ask("POST", "/api/auth/guest/", nickname ? { nickname } : {});
    } catch (error) {
      if (error.code !== "too_fast" || error.retryAfterS > LINE_S_MAX) throw error;
      say(fill(
        gettext("Many are coming in from your network. This page goes on by itself in about %(seconds)s s."),
        { seconds: error.retryAfterS },
      ));
      // Apart from each other, or all of them would come back at once.
      await new Promise((go) => setTimeout(go, 1_000 * (error.retryAfterS + Math.random())));
    }
  }
}
