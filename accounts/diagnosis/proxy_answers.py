"""What it means when a handshake is answered by a page instead of a socket."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.diagnosis.probe import Answered, HandshakeRequest
from accounts.handshake.middleware import NO_ORIGIN, REFUSAL_HEADER, STRANGE_ORIGIN

_NO_ORIGIN_ARRIVED = gettext_noop(
    "The cookie came without an Origin, as no browser sends it; something on the way removed the "
    "Origin header."
)
# What the server itself answers before there is a socket, by status; 403 is about the Origin.
_BY_THE_SERVER = {
    400: gettext_lazy("The server cannot read the headers of this handshake: %(body)s"),
    404: gettext_lazy("The server knows no socket at %(path)s: %(body)s"),
    429: gettext_lazy(
        "Too many sockets at once, of this account or, where nobody is signed in, of this address: "
        "the server lets them in one after the other. Try again shortly."
    ),
    431: gettext_lazy(
        "The headers of the handshake are longer than the server takes (431). Most often that is "
        "cookies: remove those of this site and of the sites above it, or have them set fewer."
    ),
    503: gettext_lazy("The server is too busy or its engines are away: %(body)s"),
}
_REDIRECTS = gettext_lazy(
    "The address redirects to %(target)s; browsers do not follow that for sockets."
)
_NOT_SWITCHED = gettext_lazy(
    "The answer is an ordinary page (%(status)s) instead of a switch of protocols: a proxy on the "
    "way drops the headers Upgrade and Connection."
)
_NOT_REACHED = gettext_lazy("A proxy answered %(status)s: it does not reach the server behind it.")
_REFUSED_BEFORE = gettext_lazy(
    "Something before the server refused with %(status)s; the server gives a reason."
)
# What a proxy in front answers, by status; _REFUSED_BEFORE for all others.
_ON_THE_WAY = {
    200: _NOT_SWITCHED,
    301: _REDIRECTS,
    302: _REDIRECTS,
    307: _REDIRECTS,
    308: _REDIRECTS,
    400: gettext_lazy(
        "Something before the server could not read the request (400): plain http came to a port "
        "for https, or the headers with their cookies are larger than it takes."
    ),
    401: gettext_lazy(
        "Something before the server asks for a password of its own (401), which a socket does not "
        "bring; let /ws/ pass without it."
    ),
    404: gettext_lazy(
        "Something before the server knows no %(path)s (404): the proxy does not pass /ws/ on."
    ),
    426: _NOT_SWITCHED,
    429: gettext_lazy(
        "Something before the server counted too many requests or connections (429), as nginx does "
        "with limit_req and limit_conn."
    ),
    500: gettext_lazy(
        "Something failed (500) before there was a socket; the log of the server, or of what "
        "stands before it, says what."
    ),
    502: _NOT_REACHED,
    503: gettext_lazy(
        "Something before the server answered 503: it has no server to pass this on to, or is "
        "closed for maintenance."
    ),
    504: _NOT_REACHED,
}


def meaning(asked: HandshakeRequest, answered: Answered) -> str:
    """Why there was no socket, from the status and, where the server itself answered, its words."""
    if answered.headers.get(REFUSAL_HEADER) is None:
        return _refused_on_the_way(asked, answered)
    if answered.status == 403:
        return _refused_origin(asked, answered.body)
    told = _BY_THE_SERVER.get(answered.status, "%(body)s")
    return told % {"path": urlsplit(asked.url).path, "body": answered.body}


def _refused_origin(asked: HandshakeRequest, body: str) -> str:
    before, after = STRANGE_ORIGIN.split("{}")
    if not body:
        # Something on the way put its own page in place of the server's sentence.
        return _REFUSED_BEFORE % {"status": 403}
    if body == NO_ORIGIN and asked.origin:
        return _(_NO_ORIGIN_ARRIVED)
    if not body.startswith(before):
        return _(body)
    seen = body.removeprefix(before).removesuffix(after)
    if seen != asked.origin:
        return _(
            "Something on the way changed the Origin: the browser sends %(sent)s, the server saw "
            "%(seen)s."
        ) % {"sent": asked.origin, "seen": seen}
    allowed = ", ".join(sorted(settings.SOCKET_ORIGINS))
    return _(
        "The Origin %(seen)s is not allowed. Allowed are, compared letter by letter: %(allowed)s. "
        "Set PUBLIC_URL to what the browser shows, or add it to ALLOWED_ORIGINS."
    ) % {"seen": seen, "allowed": allowed}


def _refused_on_the_way(asked: HandshakeRequest, answered: Answered) -> str:
    told = _ON_THE_WAY.get(answered.status, _REFUSED_BEFORE)
    target = answered.headers.get("location", "elsewhere")
    path = urlsplit(asked.url).path
    return told % {"status": answered.status, "target": target, "path": path}
