"""Why a handshake fails, in one sentence for the operator who mends it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.auth import cookies
from accounts.diagnosis import cookie_rules, proxy_answers
from accounts.diagnosis.probe import Answered, HandshakeRequest, NoAnswer, send_handshake
from web.origins import as_sent

_CLOSED = {
    4401: gettext_lazy("the room asks to sign in"),
    4403: gettext_lazy("this person left the room, or was removed or banned from it"),
    4409: gettext_lazy("a sixth socket of the same person replaced it"),
    4410: gettext_lazy("the room has ended"),
}
_IDENTITY = {
    "missing": gettext_lazy(
        "No cookie was sent: nobody is signed in here. Up to sign-in the way is free."
    ),
    "invalid": gettext_lazy(
        "The token was not signed by this server: it is damaged, from another installation, or "
        "its key was taken out of TOKEN_KEYS."
    ),
    "expired": gettext_lazy(
        "The access token has expired. A page posts /api/auth/refresh/ once and comes back; this "
        "one did not, or its refresh cookie is gone."
    ),
    "revoked": gettext_lazy(
        "The sign-in has ended (log-out, other password, ban, reuse of a refresh token). Sign in "
        "again."
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether the socket opens, and one line that says why (not)."""

    is_open: bool
    sentence: str


def diagnose(
    url: str, *, origin: str, cookie: str = "", bearer: str = "", ticket: str = ""
) -> Finding:
    """Send a handshake to `url` as a page of `origin` would, and explain the answer.

    `cookie` is a Set-Cookie line (its attributes are judged as a browser would), a Cookie line, or
    name=value. `origin` may be written as people write it: https://Bücher.example/page.
    """
    try:
        origin = as_sent(origin)
    except ValueError:
        told = _("%(origin)s is not written as browsers write an Origin: try xn--… for its name.")
        return Finding(False, told % {"origin": origin})
    stopped = _stopped_in_browser(url, origin)
    if stopped:
        return Finding(False, stopped)
    held = cookie_rules.read_cookie(cookie) if cookie else None
    kept_back = cookie_rules.why_not_sent(held, url, origin) if held else ""
    sent = f"{held.name}={held.value}" if held and not kept_back else ""
    asked = HandshakeRequest(url=url, origin=origin, cookie=sent, bearer=bearer, ticket=ticket)
    try:
        answered = send_handshake(asked)
    except NoAnswer as silence:
        return Finding(False, _no_answer(url, str(silence)))
    if answered.status != 101:
        return Finding(False, proxy_answers.meaning(asked, answered))
    if held and kept_back and answered.close_code == 4401:
        told = _("The browser does not send the cookie %(name)s: %(why)s")
        return Finding(False, told % {"name": held.name, "why": kept_back})
    return _socket(asked, answered, held)


def _stopped_in_browser(url: str, origin: str) -> str:
    is_loopback = urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    if origin.startswith("https:") and url.startswith("ws:") and not is_loopback:
        return _("A page on https may not open a plain ws:// socket; use wss://.")
    return ""


def _no_answer(url: str, silence: str) -> str:
    if "refused" in silence.lower():
        told = _("Nobody listens at %(where)s: is the server running, and is this its port?")
    elif silence.startswith("TLS failed"):
        told = _("%(silence)s: does %(where)s speak https at all, and is its certificate good?")
    else:
        told = _("No answer from %(where)s: %(silence)s.")
    return told % {"where": urlsplit(url).netloc, "silence": silence}


def _socket(
    asked: HandshakeRequest, answered: Answered, held: cookie_rules.Cookie | None
) -> Finding:
    if answered.broken:
        told = _(
            "The answer is 101, but its header %(header)s is missing or wrong, so a browser hangs "
            "up: something on the way rewrites it, or answers by itself."
        )
        return Finding(False, told % {"header": answered.broken})
    if not answered.close_code:
        return Finding(True, _("The socket opens and stays open."))
    if answered.close_code != 4401:
        why = _CLOSED.get(answered.close_code) or answered.close_reason or _("no reason given")
        told = _("The socket opens and is closed %(code)s: %(why)s.")
        return Finding(False, told % {"code": answered.close_code, "why": why})
    why = answered.close_reason
    if why == "missing":
        return Finding(False, _missing(asked, held))
    if why == "invalid":
        return Finding(False, _invalid(asked))
    return Finding(False, identity_sentence(why))


def identity_sentence(why: str) -> str:
    """What the reason of a close with 4401 means."""
    return str(_IDENTITY.get(why) or _("Closed 4401 %(why)s.") % {"why": why})


def _missing(asked: HandshakeRequest, held: cookie_rules.Cookie | None) -> str:
    if asked.ticket or asked.bearer:
        header = "Sec-WebSocket-Protocol" if asked.ticket else "Authorization"
        told = _("The header %(header)s did not arrive: something on the way removes it.")
        return told % {"header": header}
    if held is None:
        return str(_IDENTITY["missing"])
    if not held.name.endswith(cookies.UNPREFIXED):
        told = _("There is no cookie %(wanted)s among these: nobody is signed in there.")
        return told % {"wanted": cookies.ACCESS}
    if held.name != cookies.ACCESS:
        return _(
            "The cookie is called %(name)s, the server looks for %(wanted)s: the name follows "
            "PUBLIC_URL (http or https), so sign in again or correct PUBLIC_URL."
        ) % {"name": held.name, "wanted": cookies.ACCESS}
    return _("The Cookie header did not arrive: something on the way removes it.")


def _invalid(asked: HandshakeRequest) -> str:
    if asked.ticket:
        return _(
            "The ticket is good for nothing: used before, older than 30 seconds, or issued to "
            "another Origin than %(origin)s."
        ) % {"origin": asked.origin or "none"}
    return str(_IDENTITY["invalid"])
