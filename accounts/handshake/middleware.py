"""The handshake of a socket: its Origin is checked, then its cookie, Bearer or ticket.

A refused Origin never gets a socket (HTTP 403). An identity problem does, because only then can
a page read the close code: the consumer accepts and closes 4401 with `identity_problem`.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, parse_cookie
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from accounts.auth import cookies, tokens
from accounts.handshake import tickets
from accounts.handshake.admission import Place
from accounts.handshake.refused_log import remember
from accounts.handshake.turns import TooMany, turns, user
from web import times
from web.addresses import network
from web.asgi_types import Application, Event, Receive, Scope, Send
from web.gathering import Gathering
from web.live.live_redis import LiveAway
from web.refusals import Refused
from web.threads import read_sql

SUBPROTOCOL = "ringside.v1"
REFUSAL_HEADER = "ringside-handshake"
# What a refused handshake is told in its reader's language; kept word for word for operators.
NO_ORIGIN = gettext_noop("A cookie was sent without an Origin, so no page sent it.")
TOO_BUSY = gettext_noop("Too busy to find out who you are; try again shortly.")
AWAY = gettext_noop("The database does not answer, so nobody knows who you are; try again shortly.")
TOO_MANY = gettext_noop("Too many sockets at once; try again shortly.")
TOO_LONG = gettext_noop(
    "A header of the handshake has 8,000 bytes or more: too many cookies are kept for this site."
)
STRANGE_ORIGIN = gettext_noop("The Origin {} is not allowed here.")
LINE_BYTES_MAX = 8_000
_TICKET = "ticket."
# Of a screen, which is nobody; behind a dot comes the code of its link.
_SCREEN = "screen"
_ORIGIN_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The user who opened a socket; valid while the sign-in stands."""

    user_id: int
    nickname: str
    sign_in_id: str
    expires_at_ms: int


class HandshakeRefused(Exception):
    """A handshake refused before a socket exists."""

    def __init__(self, status: int, why: str, *named: str) -> None:
        self.status = status
        self.why = why.format(*named)
        self.told = gettext(why).format(*named)
        super().__init__(self.why)


class _Unknown(Exception):
    """The user is not known; `why` is missing, expired, invalid or revoked."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


async def refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    """Refuse a handshake with an HTTP status and, where the server can, one sentence."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        # Servers answer this with 403.
        await send({"type": "websocket.close", "code": 1000})
        return
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        # Tells our refusal from that of a proxy in front.
        (REFUSAL_HEADER.encode(), b"refused"),
    ]
    start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": why.encode()})


class Handshake:
    """ASGI middleware for sockets: sets scope["visitor"], or scope["identity_problem"].

    A socket that offers to be a screen is nobody's, also where somebody is signed in:
    scope["screen"] is the code of its link, "" without one.

    All that is said on the socket is in the reader's language, which is scope["language"].
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass users on with `visitor`, strangers with the problem; refuse pages of other origins.

        Too many handshakes of one user, or of strangers at one address, wait for their turn.
        """
        attempt = _Attempt(scope)
        scope["language"] = attempt.language
        with translation.override(attempt.language):
            await self._answer(attempt, scope, receive, send)

    async def _answer(
        self, attempt: "_Attempt", scope: Scope, receive: Receive, send: Send
    ) -> None:
        place = Place()
        try:
            refused = await _ask_in(attempt, scope, place)
            if refused is None:
                await self._let_in(attempt, scope, receive, place.until_answered(send))
        finally:
            place.leave()
        if refused:
            await remember(refused.why, scope, attempt.origin)
            await refuse(scope, send, refused.status, refused.told)

    async def _let_in(
        self, attempt: "_Attempt", scope: Scope, receive: Receive, send: Send
    ) -> None:
        offered = scope.get("subprotocols") or []
        secret = (_TICKET, _SCREEN)
        scope["subprotocols"] = [name for name in offered if not name.startswith(secret)]
        await self._app(scope, receive, _echoing(send) if SUBPROTOCOL in offered else send)


async def _ask_in(attempt: "_Attempt", scope: Scope, place: Place) -> HandshakeRefused | None:
    """Ask who somebody is and wait for their turn; the refusal, where they are refused."""
    try:
        await _identify(attempt, scope, place)
    except TooMany:
        return HandshakeRefused(429, TOO_MANY)
    except HandshakeRefused as refused:
        return refused
    return None


async def _identify(attempt: "_Attempt", scope: Scope, place: Place) -> None:
    address = (scope.get("client") or ("", 0))[0]
    try:
        attempt.check_size()
        attempt.check_origin()
        if attempt.screen is not None:
            await turns().wait(f"address:{network(address)}", "strangers")
            scope["visitor"], scope["screen"] = None, attempt.screen
            return
        scope["visitor"] = await attempt.visitor(place)
    except (_Unknown, HandshakeRefused) as problem:
        place.leave()
        await turns().wait(f"address:{network(address)}", "strangers")
        if isinstance(problem, HandshakeRefused):
            raise
        scope["visitor"], scope["identity_problem"] = None, problem.why
        await remember(problem.why, scope, attempt.origin)


def _echoing(send: Send) -> Send:
    # A browser that offered subprotocols fails unless one of them is chosen; a ticket never is.
    async def echo(message: Event) -> None:
        if message["type"] == "websocket.accept":
            message = {**message, "subprotocol": SUBPROTOCOL}
        await send(message)

    return echo


class _Attempt:
    """One handshake as it came in."""

    # It lives as long as the socket, so it keeps no headers.

    def __init__(self, scope: Scope) -> None:
        headers = [(n.lower(), v.decode("latin-1")) for n, v in scope["headers"]]
        self._is_too_long = any(len(n) + len(v) + 2 >= LINE_BYTES_MAX for n, v in headers)
        self._offered: list[str] = scope.get("subprotocols") or []
        self._ticket = [n[len(_TICKET) :] for n in self._offered if n.startswith(_TICKET)]
        self._bearer = _all(headers, b"authorization")
        origins = _all(headers, b"origin")
        self._has_origin, self.origin = bool(origins), ", ".join(origins)
        kept = parse_cookie("; ".join(_all(headers, b"cookie")))
        self._cookie = kept.get(cookies.ACCESS, "")
        # The reader's language, found as for pages: the cookie's, else the browser's.
        self.language = _language(kept, _all(headers, b"accept-language"))

    @property
    def screen(self) -> str | None:
        """The code of a screen's link, "" for a screen without one; None for anybody else."""
        for name in self._offered:
            kind, _dot, code = name.partition(".")
            if kind == _SCREEN:
                return code
        return None

    def check_size(self) -> None:
        """Refuse a line that servers and proxies with common limits would drop in silence."""
        if self._is_too_long:
            raise HandshakeRefused(431, TOO_LONG)

    def check_origin(self) -> None:
        """Compare strings: what is on the list passes, what a page did not send may be absent."""
        if self._has_origin:
            if self.origin not in settings.SOCKET_ORIGINS:
                raise HandshakeRefused(403, STRANGE_ORIGIN, self.origin[:_ORIGIN_CHARACTERS_MAX])
        elif self._cookie and not self._bearer and not self._ticket:
            raise HandshakeRefused(403, NO_ORIGIN)

    async def visitor(self, place: Place) -> Visitor:
        """Find the user; Authorization present counts alone, then a ticket, then the cookie."""
        try:
            proof = await self._proof()
            await turns().wait(user(proof.user_id), "handshakes")
            await place.take()
            nickname = await _nicknames.ask(proof)
        except (Refused, LiveAway) as problem:
            is_away = isinstance(problem, Refused) and problem.code == "unavailable"
            raise HandshakeRefused(503, AWAY if is_away else TOO_BUSY) from None
        return Visitor(
            user_id=proof.user_id,
            nickname=nickname,
            sign_in_id=proof.sign_in_id,
            expires_at_ms=proof.expires_at_ms,
        )

    async def _proof(self) -> tokens.Proof:
        if self._bearer:
            kind, _blank, access = self._bearer[0].partition(" ")
            if kind.lower() != "bearer" or len(self._bearer) > 1:
                raise _Unknown("invalid")
            return _prove(access.strip())
        if self._ticket:
            return await self._by_ticket()
        if self._cookie:
            return _prove(self._cookie)
        raise _Unknown("missing")

    async def _by_ticket(self) -> tokens.Proof:
        ticket = await read_sql(tickets.redeem, self._ticket[0], self.origin)
        if ticket is None:
            raise _Unknown("invalid")
        return tokens.Proof(
            user_id=ticket.user_id,
            sign_in_id=ticket.sign_in_id,
            expires_at_ms=times.now_ms() + tokens.ACCESS_LIFETIME_S * 1000,
        )


def _all(headers: list[tuple[bytes, str]], name: bytes) -> list[str]:
    return [value for found, value in headers if found == name]


def _language(kept: dict[str, str], accepted: list[str]) -> str:
    request = HttpRequest()
    request.COOKIES = kept
    request.META["HTTP_ACCEPT_LANGUAGE"] = ",".join(accepted)
    return translation.get_language_from_request(request)


def _prove(access: str) -> tokens.Proof:
    try:
        return tokens.prove(access)
    except tokens.Unproven as unproven:
        raise _Unknown(unproven.why) from None


async def _find_nicknames(proofs: list[tokens.Proof]) -> list[str | Exception]:
    """The nickname of each, or that the sign-in has ended; one read for those who come together."""
    found = await read_sql(tokens.nicknames, [proof.sign_in_id for proof in proofs])
    named = [found.get((proof.sign_in_id, proof.user_id)) for proof in proofs]
    return [_Unknown("revoked") if name is None else name for name in named]


_nicknames = Gathering(_find_nicknames, at_most=200)
