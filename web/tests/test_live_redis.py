"""The line to the live instance: text or bytes, one rest for all, no trust in old connections."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import override_settings

from web.live import live_redis
from web.live.live_redis import LiveAway, LiveFull, aask, afcall, ask, fcall, send

LIBRARY = """#!lua name=ringside_line_test
redis.register_function("echo_line_test", function(keys, args) return args[1] end)
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "line.lua"
    path.write_text(LIBRARY)
    return path


class Relay:
    """A way to the live instance through a network that may forget its connections."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._door.getsockname()[1]}"
        self._connections: list[threading.Event] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self._target)
            lost = threading.Event()
            self._connections.append(lost)
            for pair in ((caller, engine), (engine, caller)):
                threading.Thread(target=self._pass, args=(*pair, lost), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, lost: threading.Event) -> None:
        while words := one.recv(2**16):
            if not lost.is_set():
                other.sendall(words)
        other.close()

    def forget(self) -> int:
        """Pass on no more of what is open now; nobody is told. Answers how many that are."""
        for each in self._connections:
            each.set()
        return len(self._connections)

    def close(self) -> None:
        self._door.close()


@pytest.fixture
def relay(settings) -> Iterator[Relay]:
    made = Relay(settings.REDIS_LIVE_URL.removeprefix("unix://"))
    settings.REDIS_LIVE_URL = made.url
    yield made
    made.close()


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[None]:
    """Nothing listens there."""
    with override_settings(REDIS_LIVE_URL=f"unix://{tmp_path / 'live_redis.sock'}"):
        yield


def test_it_answers_in_text_or_in_bytes():
    ask([("HSET", "h", "a", 1), ("HSET", "h", "b", b"\xff")])
    assert ask([("HGET", "h", "a"), ("HGETALL", "h")]) == ["1", {"a": "1", "b": "�"}]
    assert ask([("HGET", "h", "b"), ("HGETALL", "h")], raw=True) == [
        b"\xff",
        {b"a": b"1", b"b": b"\xff"},
    ]


def test_it_sets_an_error_in_the_place_of_an_answer_for_operators():
    ask([("SET", "k", "text")])
    first, wrong, last = send([("GET", "k"), ("LPUSH", "k", 1), ("PING",)])
    assert (first, last) == ("text", True) and "WRONGTYPE" in str(wrong)


async def test_it_loads_a_library_once_it_is_missing(library):
    await aask([("FUNCTION", "FLUSH")])
    assert await afcall(library, "echo_line_test", ["k"], ["x"]) == b"x"
    await aask([("FUNCTION", "FLUSH")])
    assert await asyncio.to_thread(fcall, library, "echo_line_test", ["k"], ["x"]) == b"x"
    with pytest.raises(LiveAway, match="not found"):
        await afcall(library, "no_such_function", ["k"], [])


async def test_it_asks_a_dead_instance_once_a_second_whoever_asks(nowhere, library, caplog):
    for _ in range(10):
        with pytest.raises(LiveAway):
            await asyncio.to_thread(ask, [("PING",)])
        with pytest.raises(LiveAway):
            await aask([("PING",)])
        with pytest.raises(LiveAway):
            await afcall(library, "echo_line_test", ["k"], ["x"])
    assert [each.name for each in caplog.records] == ["web.live.live_redis"]


def test_it_needs_no_rest_from_an_instance_that_refuses():
    ask([("SET", "k", "text")])
    with pytest.raises(LiveAway):
        ask([("LPUSH", "k", 1)])
    [memory, clients] = ask([("CONFIG GET", "maxmemory"), ("CONFIG GET", "maxmemory-clients")])
    # A part of so little memory is too little for connections: ours would be closed, too.
    ask([("CONFIG SET", "maxmemory-clients", 0)])
    ask([("CONFIG SET", "maxmemory", 1)])
    try:
        with pytest.raises(LiveFull):
            ask([("SET", "k", "more")])
    finally:
        ask([("CONFIG SET", "maxmemory", memory["maxmemory"])])
        ask([("CONFIG SET", "maxmemory-clients", clients["maxmemory-clients"])])
    assert ask([("GET", "k")]) == ["text"]


def test_it_loses_a_second_once_when_a_network_forgot_all_connections(relay):
    def all_at_once() -> list[list[None]]:
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(ask, [[("BLPOP", "nothing", 0.3)]] * 8))

    assert all_at_once() == [[None]] * 8
    assert relay.forget() == 8
    with pytest.raises(LiveAway):
        ask([("PING",)])
    live_redis._rests_until_s.clear()
    assert all_at_once() == [[None]] * 8


async def test_it_loses_a_second_once_in_an_event_loop_too(relay):
    async def all_at_once() -> list[list[None]]:
        return await asyncio.gather(*(aask([("BLPOP", "nothing", 0.3)]) for _ in range(8)))

    assert await all_at_once() == [[None]] * 8
    assert relay.forget() == 8
    with pytest.raises(LiveAway):
        await aask([("PING",)])
    live_redis._rests_until_s.clear()
    assert await all_at_once() == [[None]] * 8


def test_it_keeps_connections_of_a_network_alive(relay):
    ask([("PING",)])
    [line] = live_redis._client(relay.url).connection_pool._connections
    assert line._sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert line._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 30
