"""What stands in front of everything: forwarded addresses, the public scheme, sizes of bodies."""

import json

from asgiref.sync import async_to_sync
from django.test import SimpleTestCase, override_settings

from web.addresses import Forwarded
from web.server.body_limits import BoundedBodies


def passed_on(middleware, headers=(), client=("127.0.0.1", 5), kind="http"):
    """What reaches the application, and what was answered instead."""
    seen, sent = [], []

    async def app(scope, receive, send):
        seen.append(scope)

    async def send(message):
        sent.append(message)

    scope = {
        "type": kind,
        "scheme": "http",
        "headers": list(headers),
        "client": client,
        "path": "/",
    }
    async_to_sync(middleware(app))(scope, None, send)
    return (seen[0] if seen else None), sent


def chunks_sent(middleware, headers, pieces):
    """What an application gets of a body in chunks (None hangs up), and what was answered."""
    coming, seen, sent = list(pieces), [], []

    async def receive():
        piece = coming.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(coming)}

    async def app(scope, receive, send):
        message = await receive()
        seen.extend([scope, message.get("body")])
        await send({"status": 200})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": headers, "path": "/api/rooms/"}
    async_to_sync(middleware(app))(scope, receive, send)
    return *(seen or [None, None]), sent


class AsgiMiddlewareTests(SimpleTestCase):
    @override_settings(TRUSTED_PROXIES=["127.0.0.1", "unix"])
    def test_it_puts_the_address_that_counts_in_place(self):
        forwarded = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"198.51.100.7")]
        for kind in ("http", "websocket"):
            for client in (("127.0.0.1", 5), None):
                scope, _ = passed_on(Forwarded, forwarded, client, kind)
                self.assertEqual(scope["client"], ("198.51.100.7", 0))
        scope, _ = passed_on(Forwarded, forwarded, ("203.0.113.9", 5))
        self.assertEqual(scope["client"], ("203.0.113.9", 5))

    def test_it_tells_the_public_scheme(self):
        with override_settings(IS_HTTPS=True):
            self.assertEqual(passed_on(Forwarded)[0]["scheme"], "https")
            self.assertEqual(passed_on(Forwarded, kind="websocket")[0]["scheme"], "wss")
        self.assertEqual(passed_on(Forwarded)[0]["scheme"], "http")

    def test_it_refuses_bodies_before_reading_them(self):
        for headers, status, code in (
            ([(b"content-length", b"65537")], 413, "too_large"),
            ([(b"content-length", b"9" * 30)], 413, "too_large"),
            ([(b"content-length", b"-1")], 400, "malformed"),
        ):
            scope, sent = passed_on(BoundedBodies, headers)
            self.assertIsNone(scope)
            self.assertEqual(sent[0]["status"], status)
            self.assertEqual(json.loads(sent[1]["body"])["error"]["code"], code)
        for headers in ([], [(b"content-length", b"65536")]):
            self.assertIsNotNone(passed_on(BoundedBodies, headers)[0])

    def test_it_takes_a_body_in_chunks_as_if_its_length_was_told(self):
        chunked = [(b"transfer-encoding", b"chunked"), (b"x-kept", b"1")]
        for pieces, status in (((b"[1,", b"", b"2]"), 200), ((b"x" * 2**16, b"x"), 413)):
            scope, body, sent = chunks_sent(BoundedBodies, chunked, pieces)
            self.assertEqual(sent[0]["status"], status)
            if status == 200:
                self.assertEqual(body, b"[1,2]")
                self.assertEqual(scope["headers"], [(b"x-kept", b"1"), (b"content-length", b"5")])

    def test_it_tells_the_application_when_somebody_hangs_up_between_chunks(self):
        _, body, _ = chunks_sent(
            BoundedBodies, [(b"transfer-encoding", b"chunked")], (b"[1,", None)
        )
        self.assertIsNone(body)

    def test_it_hangs_up_on_phones_that_send_without_end(self):
        read = []

        async def app(scope, receive, send):
            while (message := await receive())["type"] == "http.request":
                read.append(message["body"])

        async def receive():
            return {"type": "http.request", "body": b"x" * 10, "more_body": True}

        headers = [(b"transfer-encoding", b"chunked")]
        scope = {"type": "http", "headers": headers, "path": "/in/owntracks/"}
        async_to_sync(BoundedBodies(app, {"/in/": 100}))(scope, receive, None)
        self.assertEqual(sum(map(len, read)), 100)
