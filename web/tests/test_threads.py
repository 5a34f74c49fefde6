"""Reads for sockets keep their connection, and outlive one that died."""

import asyncio
import threading
from typing import Any

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from web import threads
from web.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)
served = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="A file has no server that could hang up."
)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_pool", threads.ThreadPoolExecutor(max_workers=1))


def count_users() -> tuple[int, Any]:
    """How many there are, and over which connection that was read."""
    return User.objects.count(), connection.connection


def kill(number: int | None = None) -> None:
    """As an engine that restarts: a connection, or this very one, leads nowhere from now on."""
    with connection.cursor() as cursor:
        cursor.execute("KILL %s", [number or connection.connection.thread_id()])
    if number:
        connection.close()


async def test_it_reads_over_the_same_connection_again() -> None:
    first = await threads.read_sql(count_users)
    assert await threads.read_sql(count_users) == first


async def test_it_lets_go_of_what_nobody_used_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    first = await threads.read_sql(count_users)
    monkeypatch.setattr(threads, "KEPT_FOR_S", 0.0)
    assert (await threads.read_sql(count_users))[1] is not first[1]


@served
async def test_it_opens_another_after_one_that_died_under_a_read() -> None:
    with pytest.raises(Refused) as refused:
        await threads.read_sql(kill)
    assert refused.value.code == "unavailable"
    assert isinstance(refused.value.__cause__, OperationalError)
    assert (await threads.read_sql(count_users))[0] == 0


@served
async def test_it_finds_out_that_one_died_while_nobody_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _count, kept = await threads.read_sql(count_users)
    await asyncio.to_thread(kill, kept.thread_id())
    monkeypatch.setattr(threads, "PROVEN_FOR_S", 0.0)
    assert (await threads.read_sql(count_users))[0] == 0


async def test_it_refuses_who_waits_too_long_and_who_would_be_one_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "PATIENCE_S", 0.05)
    places = threading.Semaphore(1)
    monkeypatch.setattr(threads, "_places", places)
    is_over = threading.Event()
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await threads.read_sql(is_over.wait)
        assert refused.value.code == "busy"
    is_over.set()
    # Its place is free once the thread has noticed.
    assert await asyncio.to_thread(places.acquire, timeout=30)
    places.release()
    monkeypatch.setattr(threads, "PATIENCE_S", 30.0)
    assert await threads.read_sql(is_over.wait)
