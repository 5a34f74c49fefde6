"""The fan-out: figures conflated, slow readers closed, what gets lost caught up."""

import asyncio
import contextlib
import json
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from unittest import mock

import pytest
from django.test import TransactionTestCase

from accounts.auth import tokens
from rooms import live
from rooms.fanout import hub
from rooms.fanout.conflation import REST_S, Conflation, Pools
from rooms.fanout.crowd import RoomHere
from rooms.fanout.hub import Frame, RoomFrame, Touch
from rooms.tests.people import room_of, somebody
from rooms.tests.room_server import RoomServer, ending, hear, until
from web.live import live_redis as line


async def test_it_passes_figures_on_four_times_a_second_the_newest_last():
    passed: list[tuple[float, int]] = []
    now_s = asyncio.get_running_loop().time
    lanes = Conflation(lambda pools: passed.append((now_s(), pools.version)))
    began_s = now_s()
    version = 0
    while now_s() - began_s < 0.9:
        version += 1
        lanes.offer(Pools(1, 7, version, ""))
        lanes.offer(Pools(1, 7, version - 1, "older"))
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.3)
    versions = [version for _at_s, version in passed]
    # One at once, then one each quarter of a second; a busy machine lets it be fewer.
    assert 2 <= len(passed) <= 1 + 4 * (passed[-1][0] - began_s) + 0.1
    assert versions == sorted(set(versions))
    assert versions[0] == 1
    assert versions[-1] == version
    await asyncio.sleep(0.3)
    assert not lanes._lanes


def test_it_tells_who_knows_less_also_where_counting_began_again():
    socket = mock.Mock(known_seq=(1, 50))
    here = RoomHere(mock.Mock(), users={7: {socket}, 8: {socket}})
    touch = Touch([7, 8, 9], "bet", None, [(1, 50), (2, 3), (2, 4)])
    assert here.unknowing(touch) == [8]


class Counted:
    """A source with one figure a room that a test turns up."""

    def __init__(self) -> None:
        self.version = 0
        self.figures = None
        self.touches: list[tuple[int, list[Touch]]] = []

    async def touched(self, room_id, touches):
        self.touches.append((room_id, touches))
        users = {user_id for touch in touches for user_id in touch.user_ids}
        text = json.dumps({"type": "wallet", "coins": 7})
        return {user_id: [Frame(text, "wallet")] for user_id in users}

    async def news(self, rooms):
        if self.figures:
            return [Pools(room_id, 3, *next(self.figures)) for room_id in rooms]
        text = json.dumps({"type": "market", "version": self.version})
        return [RoomFrame(room_id, text, "market:1", self.version) for room_id in rooms]


class Telling(TransactionTestCase):
    def setUp(self) -> None:
        self.source = Counted()
        self.enterContext(mock.patch.object(hub, "source", self.source))
        self.host, self.ana = somebody("Hanna"), somebody("Ana")
        self.room = room_of(self.host)
        self.server = self.enterContext(RoomServer())

    def join(self, user, **options):
        return self.enterContext(self.server.join(self.room, user, **options))

    def subscribed(self) -> None:
        there = self.server.hub()
        until(lambda: len(there._subscribed) == 2)

    def test_it_tells_from_a_thread_through_the_layer(self):
        clients = [self.join(self.ana), self.join(self.host)]
        self.subscribed()
        frame = json.dumps({"type": "notice", "code": "x", "message": "Hi"})
        with mock.patch.object(hub.Hub, "deliver", autospec=True, side_effect=hub.Hub.deliver) as d:
            hub.post_frame(self.room.pk, frame)
            for client in clients:
                self.assertEqual(client.hear("notice")["message"], "Hi")
        delivered = [call.args[1]["kind"] for call in d.call_args_list]
        self.assertEqual(delivered.count("frame"), 1)

    def test_it_tells_each_version_once(self):
        client = self.join(self.ana)
        self.subscribed()

        def post(version: int) -> None:
            text = json.dumps({"type": "notice", "version": version})
            hub.post_frame(self.room.pk, text, slot="market:9", version=version)

        post(5)
        self.assertEqual(client.hear("notice")["version"], 5)
        for version in (4, 5, 6):
            post(version)
        self.assertEqual(client.hear("notice")["version"], 6)

    def test_it_conflates_figures_from_threads(self):
        client = self.join(self.ana)
        self.subscribed()
        for version in range(1, 201):
            text = json.dumps({"type": "pools", "version": version})
            hub.post_pools(Pools(self.room.pk, 3, version, text))
        heard = [client.hear("pools")["version"]]
        while heard[-1] != 200:
            heard.append(client.hear("pools")["version"])
        self.assertLess(len(heard), 12)

    def test_it_paces_the_figures_it_catches_up_too(self):
        text = '{"type": "pools", "version": %d}'
        self.source.figures = ((version, text % version) for version in range(2, 1000, 2))
        told, began_s = 0, time.monotonic()
        with mock.patch.object(hub, "CATCH_UP_S", 0.02):
            client = self.join(self.ana)
            self.subscribed()
            while told < 4:
                version = client.hear("pools")["version"]
                told += 1
                hub.post_pools(Pools(self.room.pk, 3, version + 1, text % (version + 1)))
        self.assertGreaterEqual(time.monotonic() - began_s, 3 * REST_S)

    def test_it_writes_at_once_to_a_reader_for_whom_nothing_waits(self):
        client = self.join(self.ana)
        there = self.server.hub()
        [reader] = there.crowd.of_user(self.room.pk, self.ana.pk)

        def tell() -> int:
            there.crowd.tell(self.room.pk, '{"type": "notice", "number": 0}')
            return reader.writer.waiting

        self.assertEqual(self.server.in_loop(tell), 0)
        self.assertEqual(client.hear("notice")["number"], 0)

    def test_it_tells_in_order_what_is_more_than_a_reader_takes_at_once(self):
        client = self.join(self.ana)
        there = self.server.hub()
        [reader] = there.crowd.of_user(self.room.pk, self.ana.pk)

        def tell() -> int:
            for number in range(400):
                text = json.dumps({"type": "notice", "number": number, "message": "y" * 2_000})
                there.crowd.tell(self.room.pk, text)
            return reader.writer.waiting

        self.assertGreater(self.server.in_loop(tell), 0)
        heard = [client.hear("notice")["number"] for _ in range(400)]
        self.assertEqual(heard, list(range(400)))

    def test_it_tells_touched_users_alone_what_they_have(self):
        ana, host = self.join(self.ana), self.join(self.host)
        self.subscribed()
        hub.post_touched(self.room.pk, Touch([self.ana.pk, 10**9], "grant"))
        self.assertEqual(ana.hear("wallet")["coins"], 7)
        hub.post_touched(None, Touch([self.host.pk], "grant"))
        self.assertEqual(host.hear("wallet")["coins"], 7)
        self.assertEqual(
            self.source.touches,
            [
                (self.room.pk, [Touch([self.ana.pk], "grant")]),
                (self.room.pk, [Touch([self.host.pk], "grant")]),
            ],
        )

    def test_it_makes_up_for_a_lost_message(self):
        client = self.join(self.ana)
        self.source.version = 3
        # What was newest before is told or was in the welcome; it is of no interest here.
        while client.hear("market")["version"] != 3:
            pass
        with self.assertRaises(TimeoutError):
            client.hear("market", 2.5)

    def test_it_closes_a_reader_that_does_not_read_and_serves_the_others(self):
        slow, quick = self._slow_socket(), self.join(self.ana)
        there = self.server.hub()
        until(lambda: there.crowd.count(self.room.pk) == 2)
        text = json.dumps({"type": "notice", "code": "x", "message": "y" * 20_000})
        began_s = time.monotonic()
        while len(there.crowd.rooms[self.room.pk].readers) == 2:
            self.server.in_loop(there.crowd.tell, self.room.pk, text)
            self.assertEqual(quick.hear("notice")["code"], "x")
            self.assertLess(time.monotonic() - began_s, 60)
        self.assertEqual(ending(slow)[0], 4008)
        quick.say({"type": "ping", "t": 1})
        quick.hear("pong")

    def _slow_socket(self):
        """A socket whose client reads nothing after the welcome."""
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        plain.connect(("127.0.0.1", self.server.port))
        slow = self.enterContext(
            self.server.connect(self.room.code, self.host, sock=plain, max_queue=1)
        )
        slow.send('{"type": "hello"}')
        hear(slow, "welcome")
        return slow


class OwnLive:
    """A live instance that a test may end and start again."""

    def __init__(self, home: Path) -> None:
        self.home, self.socket = home, home / "live.sock"
        [told] = live.ask([("INFO", "server")])
        self.binary = told["executable"] if isinstance(told, dict) else _executable(told)
        self.start()

    def start(self) -> None:
        command = [self.binary, "--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        log = (self.home / "log").open("ab")
        self.server = subprocess.Popen(command, cwd=self.home, stdout=log, stderr=log)
        until(self.socket.exists)

    def stop(self) -> None:
        self.server.kill()
        self.server.wait()
        self.socket.unlink(missing_ok=True)


def _executable(told: str) -> str:
    lines = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    return lines["executable"]


@pytest.fixture
def own_live(settings):
    with tempfile.TemporaryDirectory(prefix="ringside-test-") as home:
        own = OwnLive(Path(home))
        settings.REDIS_LIVE_URL = f"unix://{own.socket}"
        settings.CHANNEL_LAYERS = {
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [{"address": settings.REDIS_LIVE_URL}], "prefix": "layer"},
            }
        }
        try:
            yield own
        finally:
            own.stop()


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_without_the_live_instance_and_finds_it_again(own_live):
    source = Counted()
    host, ana = somebody("Hanna"), somebody("Ana")
    room = room_of(host)
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(hub, "source", source))
        server = stack.enter_context(RoomServer())
        client = stack.enter_context(server.join(room, host))
        other = stack.enter_context(server.join(room, ana))
        there = server.hub()
        until(lambda: len(there._subscribed) == 2)
        own_live.stop()

        def tell_two() -> None:
            there.frame(room.pk, '{"type": "notice", "code": "one"}')
            there.frame(room.pk, '{"type": "notice", "code": "two"}')

        server.in_loop(tell_two)
        assert [client.hear("notice")["code"] for _ in range(2)] == ["one", "two"]
        server.in_loop(there.pools, hub.Pools(room.pk, 3, 1, '{"type": "pools", "version": 1}'))
        assert client.hear("pools")["version"] == 1
        server.in_loop(there.touched, room.pk, Touch([host.pk], "bet"))
        assert client.hear("wallet")["coins"] == 7
        source.version = 7
        while client.hear("market")["version"] != 7:
            pass
        client.say({"type": "chat.say", "text": "Anybody?"})
        assert client.hear("chat")["text"] == "Anybody?"
        hub.post_frame(room.pk, '{"type": "notice", "code": "a"}')
        assert client.hear("notice")["code"] == "a"
        tokens.end_all(ana, "logout")
        assert ending(other.socket) == (4401, "revoked")
        own_live.start()

        def told() -> bool:
            there.crowd.rooms[room.pk].told.clear()
            with mock.patch.object(hub.Hub, "deliver", autospec=True) as deliver:
                line._rests_until_s.clear()
                hub.post_frame(room.pk, '{"type": "notice", "code": "b"}')
                time.sleep(0.05)
            return deliver.call_count == 1

        until(told, 10)
