"""REDIS_LIVE_URL: one server, or Sentinels that name one."""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis.asyncio
from channels_redis.utils import create_pool
from django.core.exceptions import ImproperlyConfigured
from django_redis.cache import RedisCache

from web.live import live_redis
from web.live.live_address import read_live_address


def test_it_leaves_the_address_of_one_server_to_its_clients() -> None:
    found = read_live_address("redis://:secret@live:6379/0")
    assert found.layer_host() == {"address": "redis://:secret@live:6379/0"}
    assert found.cache(A=1) == {"LOCATION": "redis://:secret@live:6379/0", "OPTIONS": {"A": 1}}


def test_it_reads_sentinels_name_database_and_passwords() -> None:
    found = read_live_address(
        "redis+sentinel://u:p%40ss@a:1,b,[::1]:3/live/2?sentinel_password=other"
    )
    assert found.sentinels == (("a", 1), ("b", 26379), ("::1", 3))
    assert (found.name, found.options) == ("live", {"db": 2, "username": "u", "password": "p@ss"})
    assert found.sentinel_options["password"] == "other"
    assert found.layer_host()["master_name"] == "live"
    assert found.cache()["LOCATION"] == "redis://live"


@pytest.mark.parametrize(
    "url",
    [
        "http://live:6379/0", "redis://a:1,b:2/0", "redis+sentinel://a:1/", "redis+sentinel://a:1/Live/0",
        "redis+sentinel://a:1/live/x", "redis+sentinel://a:1,:2/live/0", "rediss+sentinel://a:1/live/0",
        "redis+sentinel://a:1/live/0?sentinel=1",
        "redis://a:1/0?cluster=1",
    ],
)  # fmt: skip
def test_a_wrong_address_ends_in_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"REDIS_LIVE_URL cannot be read: .*\."):
        read_live_address(url)


def _by_thread(_url: str) -> None:
    with pytest.raises(live_redis.LiveAway):
        live_redis.ask([("PING",)])


def _by_loop(_url: str) -> None:
    with pytest.raises(live_redis.LiveAway):
        asyncio.run(live_redis.aask([("PING",)]))


def _by_cache(url: str) -> None:
    where = read_live_address(url).cache()
    with pytest.raises(redis.ConnectionError):
        RedisCache(where["LOCATION"], {"OPTIONS": where["OPTIONS"]}).get("word")


def _by_layer(url: str) -> None:
    async def ping() -> None:
        pool = create_pool(read_live_address(url).layer_host())
        await redis.asyncio.Redis(connection_pool=pool).ping()

    with pytest.raises(redis.ConnectionError):
        asyncio.run(ping())


@pytest.mark.parametrize("ask", [_by_thread, _by_loop, _by_cache, _by_layer])
def test_a_sentinel_that_never_answers_is_asked_once(
    ask: Callable[[str], None], settings: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        # A cache keeps its connections by the name.
        url = f"redis+sentinel://127.0.0.1:{port}/silent{port}/0"
        settings.REDIS_LIVE_URL = url
        began_s = time.monotonic()
        ask(url)
        assert time.monotonic() - began_s < 5
        silent.accept()[0].close()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()
