"""Floods: one socket takes its turn, and who was closed for flooding waits outside."""

import asyncio
import contextlib
from unittest import mock

from django.test import SimpleTestCase, TransactionTestCase
from websockets.exceptions import InvalidStatus

from accounts.handshake import turns
from accounts.handshake.turns import TooMany, Turns
from rooms.tests.people import room_of, somebody
from rooms.tests.room_server import RoomClient, RoomServer, ending, until
from web import limits
from web.server import websockets
from web.server.websockets import SLICE_BYTES


class SocketFloodTests(TransactionTestCase):
    def setUp(self) -> None:
        self.host = somebody("Hanna")
        self.room = room_of(self.host)
        self.ana, self.bo = somebody("Ana"), somebody("Bo")
        # As soon as the close was read; a second more would only be waited for.
        self.enterContext(mock.patch.object(websockets, "LINGER_S", 0.2))
        self.server = self.enterContext(RoomServer())

    def flood(self, client: RoomClient) -> None:
        """Send until nobody takes it any more, or far more than what is taken of a flooder."""
        for _ in range(1000):
            client.socket.protocol.send_text(b'{"type": "ping", "t": 1}')
        block = b"".join(client.socket.protocol.data_to_send())
        with contextlib.suppress(OSError):
            for _ in range(1000):
                client.socket.socket.sendall(block)

    def test_it_answers_all_that_came_in_one_piece_in_order(self):
        with self.server.join(self.room, self.ana) as client:
            count = 3 * SLICE_BYTES // 20
            raw = client.socket.socket
            client.socket.protocol.send_text(b'{"type": "ping", "t": 0}')
            for number in range(1, count):
                client.socket.protocol.send_text(b'{"type": "ping", "t": %d}' % number)
            raw.sendall(b"".join(client.socket.protocol.data_to_send()))
            answers = [client.hear("pong")["t"] for _ in range(count)]
            self.assertEqual(answers, list(range(count)))

    def test_it_takes_a_message_that_needs_many_turns(self):
        with self.server.join(self.room, self.ana) as client:
            client.say({"type": "chat.say", "text": "🐌" * 500})
            self.assertEqual(client.hear("chat")["text"], "🐌" * 500)

    def test_it_cuts_off_who_goes_on_after_the_close(self):
        with self.server.join(self.room, self.ana) as client:
            self.flood(client)
            self.assertEqual(ending(client.socket), (4029, "too fast"))
        until(lambda: not self.server.uvicorn.server_state.connections)
        with self.server.join(self.room, self.bo) as neighbour:
            self.assertEqual(neighbour.welcome["you"]["nickname"], "Bo")

    def test_it_lets_a_flooder_in_again_only_after_a_while_and_others_at_once(self):
        with mock.patch.object(turns, "HOLD_S", 60), mock.patch.object(turns, "WAITING_MAX", 0):
            with self.server.join(self.room, self.ana) as client:
                self.flood(client)
                ending(client.socket)
            with self.assertRaises(InvalidStatus) as refused:
                self.server.connect(self.room.code, self.ana)
            self.assertEqual(refused.exception.response.status_code, 429)
            with self.server.join(self.room, self.bo):
                pass
            self.server.in_loop(lambda: turns.turns()._held_until_s.clear())
            with self.server.join(self.room, self.ana):
                pass

    def test_it_refuses_a_handshake_too_many_before_reading_anything(self):
        with (
            mock.patch.object(turns, "WAITING_MAX", 0),
            mock.patch.dict(limits.LIMITS, {"handshakes": (limits.Rate(0.01, 1),)}),
        ):
            with self.server.join(self.room, self.ana):
                pass
            with self.assertRaises(InvalidStatus) as refused:
                self.server.connect(self.room.code, self.ana)
        self.assertEqual(refused.exception.response.status_code, 429)

    def test_it_slows_down_strangers_by_their_address(self):
        with (
            mock.patch.object(turns, "WAITING_MAX", 0),
            mock.patch.dict(limits.LIMITS, {"strangers": (limits.Rate(0.01, 2),)}),
        ):
            for _ in range(2):
                stranger = self.enterContext(self.server.connect(self.room.code))
                self.assertEqual(ending(stranger), (4401, "missing"))
            with self.assertRaises(InvalidStatus) as refused:
                self.server.connect(self.room.code)
            self.assertEqual(refused.exception.response.status_code, 429)
            with self.server.join(self.room, self.ana):
                pass


class TurnsTests(SimpleTestCase):
    async def test_five_wait_and_the_sixth_is_refused(self):
        held = Turns()
        held.hold("user:1")
        waiting = [asyncio.ensure_future(held.wait("user:1", "handshakes")) for _ in range(5)]
        await asyncio.sleep(0)
        with self.assertRaises(TooMany):
            await held.wait("user:1", "handshakes")
        await held.wait("user:2", "handshakes")
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self.assertFalse(held._waiting)

    async def test_it_forgets_the_oldest_first(self):
        held = Turns()
        with mock.patch.object(turns, "_KEPT_MAX", 10):
            for number in range(100):
                held.hold(f"user:{number}")
                await held.wait(f"address:{number}", "strangers")
        self.assertEqual((len(held._buckets), len(held._held_until_s)), (10, 10))
        self.assertIn("user:99", held._held_until_s)
