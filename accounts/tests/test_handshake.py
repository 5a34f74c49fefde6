"""The handshake of a socket: Origin first, then one named answer about identity."""

import asyncio

from asgiref.sync import async_to_sync
from django.test import TransactionTestCase, override_settings

from accounts.auth import bans, cookies, tokens
from accounts.handshake import tickets
from accounts.handshake.middleware import SUBPROTOCOL, Handshake
from accounts.models import User
from accounts.tests.crowds import at_once
from web import times
from web.live import live_redis

OWN, OTHER = "http://127.0.0.1:8000", "https://other.example"
ALLOWED = (OWN, "http://localhost:8000", OTHER)

FORBIDDEN = [
    "null", "", " ", "*", "file://", "file:", "http://", "https://", "://127.0.0.1:8000",
    "127.0.0.1:8000",
    "http://127.0.0.1", "http://127.0.0.1:80", "http://127.0.0.1:8001", "http://127.0.0.1:80000",
    "https://127.0.0.1:8000", "ws://127.0.0.1:8000", "ftp://127.0.0.1:8000", "HTTP://127.0.0.1:8000",
    "http://127.0.0.1:8000/", "http://127.0.0.1:8000/r/", "http://127.0.0.1:8000?", "http://127.0.0.1:8000#x",
    "http://127.0.0.1:08000", "http://127.0.0.1.:8000", "http://127.1:8000", "http://2130706433:8000",
    "http://0x7f000001:8000", "http://0177.0.0.1:8000", "http://[::ffff:127.0.0.1]:8000",
    "http://user@127.0.0.1:8000", "http://127.0.0.1:8000@evil.example", "http://evil.example@127.0.0.1:8000",
    "http://127.0.0.1:8000.evil.example", "http://127.0.0.1.evil.example:8000", "http://evil127.0.0.1:8000",
    "http://127.0.0.1:8000 http://evil.example", "http://127.0.0.1:8000, http://evil.example",
    "http://127.0.0.1:8000\t", " http://127.0.0.1:8000", "http://127.0.0.1:8000;", "http://127.0.0.1:8000\\",
    "http://localhost", "http://localhost:80", "http://LOCALHOST:8000", "http://localhost.:8000",
    "http://a.localhost:8000", "https://localhost:8000", "https://OTHER.example", "https://other.example.",
    "https://other.example:443", "https://other.example:8443", "http://other.example", "https://other.example/",
    "https://www.other.example", "https://other.example.evil.example", "https://evilother.example",
    "https://other.exampl", "https://user:pw@other.example", "https://xn--ther-pra.example",
    "https://öther.example", "https://other。example", "chrome-extension://other.example", "data:",
    "about:blank",
]  # fmt: skip


async def _app(scope, receive, send):
    await send({"type": "websocket.accept"})
    known = scope["visitor"]
    await send({"type": "seen", "visitor": known, "problem": scope.get("identity_problem")})
    await send({"type": "offered", "subprotocols": scope["subprotocols"]})


def handshake(origin=None, *, bearer="", cookie="", ticket="", origins=(), can_tell=True):
    """One handshake; answers the messages it was answered with."""
    headers = [(b"host", b"127.0.0.1:8000")]
    for each in origins or ([] if origin is None else [origin]):
        headers.append((b"origin", each.encode()))
    if bearer:
        headers.append((b"authorization", bearer.encode()))
    if cookie:
        headers.append((b"cookie", f"a=b; {cookies.ACCESS}={cookie}; c=d".encode()))
    scope = {
        "type": "websocket",
        "path": "/ws/rooms/ABCDEF/",
        "headers": headers,
        "subprotocols": [SUBPROTOCOL, f"ticket.{ticket}"] if ticket else [],
        "extensions": {"websocket.http.response": {}} if can_tell else {},
    }
    sent = []

    async def send(message):
        sent.append(message)

    async_to_sync(Handshake(_app))(scope, None, send)
    return sent


def status_of(sent):
    return sent[0].get("status")


def problem_of(sent):
    return sent[1]["problem"] if sent[1]["visitor"] is None else ""


@override_settings(SOCKET_ORIGINS=frozenset(ALLOWED))
class HandshakeTests(TransactionTestCase):
    def setUp(self) -> None:
        self.user = User.objects.create_user("Alice")
        self.fresh = tokens.start(self.user)

    def ticket(self, origin=OTHER) -> str:
        sign_in_id = str(self.fresh.sign_in.pk)
        return tickets.issue(
            tickets.Ticket(user_id=self.user.pk, sign_in_id=sign_in_id, origin=origin)
        )

    def test_it_accepts_the_allowed_origins_and_none_of_sixty_others(self):
        self.assertGreaterEqual(len(FORBIDDEN), 60)
        for origin in ALLOWED:
            self.assertEqual(problem_of(handshake(origin, cookie=self.fresh.access)), "", origin)
        for origin in FORBIDDEN:
            self.assertEqual(status_of(handshake(origin, cookie=self.fresh.access)), 403, origin)
            bearer = handshake(origin, bearer=f"Bearer {self.fresh.access}")
            self.assertEqual(status_of(bearer), 403, origin)

    def test_it_refuses_two_origins_even_if_both_are_allowed(self):
        for origins in ((OWN, OWN), (OWN, OTHER), ("http://evil.example", OWN)):
            self.assertEqual(status_of(handshake(origins=origins, cookie=self.fresh.access)), 403)

    def test_it_needs_an_origin_with_a_cookie_and_none_without(self):
        self.assertEqual(status_of(handshake(cookie=self.fresh.access)), 403)
        self.assertEqual(problem_of(handshake(bearer=f"Bearer {self.fresh.access}")), "")
        self.assertEqual(problem_of(handshake()), "missing")

    def test_it_refuses_before_looking_at_identity(self):
        with self.assertNumQueries(0):
            sent = handshake("http://evil.example", cookie=self.fresh.access)
        self.assertIn("evil.example", sent[1]["body"].decode())
        sent = handshake("http://evil.example", cookie=self.fresh.access, can_tell=False)
        self.assertEqual([message["type"] for message in sent], ["websocket.close"])

    def test_it_tells_who_knocks(self):
        visitor = handshake(OWN, cookie=self.fresh.access)[1]["visitor"]
        self.assertEqual((visitor.user_id, visitor.nickname), (self.user.pk, "Alice"))
        self.assertEqual(visitor.sign_in_id, str(self.fresh.sign_in.pk))
        self.assertEqual(visitor.expires_at_ms, self.fresh.access_expires_at_ms)

    def test_it_names_each_identity_problem(self):
        token = tokens.AccessToken()
        token["user"], token["sign_in"] = self.user.pk, str(self.fresh.sign_in.pk)
        token.set_exp(from_time=token.current_time, lifetime=-token.lifetime)
        self.assertEqual(problem_of(handshake(OWN)), "missing")
        self.assertEqual(problem_of(handshake(OWN, cookie=str(token))), "expired")
        self.assertEqual(problem_of(handshake(OWN, cookie="nonsense")), "invalid")
        self.assertEqual(problem_of(handshake(OWN, bearer="Basic abc")), "invalid")
        bans.ban(self.user, "no", until_ms=times.now_ms() + 1_000_000)
        self.assertEqual(problem_of(handshake(OWN, cookie=self.fresh.access)), "revoked")
        bans.lift(self.user)
        tokens.end_all(self.user, "logged out")
        self.assertEqual(problem_of(handshake(OWN, cookie=self.fresh.access)), "revoked")

    def test_it_counts_authorization_alone_where_it_is_present(self):
        sent = handshake(OWN, bearer="Bearer nonsense", cookie=self.fresh.access)
        self.assertEqual(problem_of(sent), "invalid")

    def test_it_opens_for_a_ticket_once_and_never_shows_it(self):
        ticket = self.ticket()
        sent = handshake(OTHER, ticket=ticket)
        self.assertEqual(problem_of(sent), "")
        self.assertEqual(sent[0], {"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        self.assertEqual(sent[2]["subprotocols"], [SUBPROTOCOL])
        self.assertEqual(problem_of(handshake(OTHER, ticket=ticket)), "invalid")

    def test_it_binds_a_ticket_to_the_origin_it_was_issued_to(self):
        for issued, used in ((OTHER, OWN), (OTHER, None), ("", OTHER)):
            ticket = self.ticket(issued)
            self.assertEqual(problem_of(handshake(used, ticket=ticket)), "invalid")
            self.assertEqual(problem_of(handshake(issued or None, ticket=ticket)), "invalid")
        self.assertEqual(problem_of(handshake(ticket=self.ticket(""))), "")

    def test_it_binds_a_ticket_to_a_sign_in_that_stands(self):
        ticket = self.ticket()
        tokens.end_all(self.user, "logged out")
        self.assertEqual(problem_of(handshake(OTHER, ticket=ticket)), "revoked")

    def test_it_redeems_a_ticket_once_for_a_hundred_at_once(self):
        ticket = self.ticket()
        redeemed = at_once(100, lambda: tickets.redeem(ticket, OTHER))
        self.assertEqual(len([each for each in redeemed if each]), 1)

    def test_it_opens_one_socket_for_a_hundred_with_one_ticket(self):
        ticket = self.ticket()

        async def all_of_them():
            return await asyncio.gather(
                *(asyncio.to_thread(handshake, OTHER, ticket=ticket) for _ in range(100))
            )

        problems = [problem_of(sent) for sent in async_to_sync(all_of_them)()]
        self.assertEqual(problems.count(""), 1)
        self.assertEqual(problems.count("invalid"), 99)

    def test_it_lets_tickets_expire(self):
        self.ticket()
        [[key]] = live_redis.ask([("KEYS", "ticket:*")])
        [left_s] = live_redis.ask([("TTL", key)])
        self.assertTrue(0 < left_s <= 30)

    def test_it_writes_no_token_or_ticket_into_the_log(self):
        ticket = self.ticket()
        with self.assertLogs("accounts", "INFO") as log:
            handshake(OTHER, ticket="x" + ticket)
            handshake(OWN, cookie=self.fresh.access + "x")
            handshake("http://evil.example", ticket=ticket, cookie=self.fresh.access)
        for secret in (ticket, self.fresh.access):
            self.assertNotIn(secret, "\n".join(log.output))
