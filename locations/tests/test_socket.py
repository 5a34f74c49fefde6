"""/ws/locations/: one fix, one ack; bad messages cost nothing but themselves."""

import asyncio
import threading
from unittest import mock

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import TransactionTestCase, override_settings
from django.utils import timezone

from accounts.auth import revocation
from accounts.models import SignIn
from accounts.sockets import registry
from locations import clock_steps, live
from locations.consumers import LocationConsumer
from locations.models import UserLocation
from locations.tests.people import SPOT, Line, somebody, visitor, wire_fix
from web import limits, times


def message(n: int, fix_ms: int, **more) -> dict:
    return {"type": "fix", "n": n, **wire_fix(fix_ms, **more)}


class Sockets(TransactionTestCase):
    @pytest.fixture(autouse=True)
    def _hands(self, refills_slowly) -> None:
        self.refills_slowly = refills_slowly

    def setUp(self) -> None:
        self.alice = somebody()
        self.visitor = visitor(self.alice)

    async def line(self) -> Line:
        return await Line.open(LocationConsumer.as_asgi(), {"visitor": self.visitor})

    async def test_it_acks_a_fix_that_is_then_live_and_soon_in_sql(self) -> None:
        line = await self.line()
        now_ms = times.now_ms()
        ack = await line.ask(message(1, now_ms, speed_mps=None, visible=True))
        assert ack == {"type": "ack", "n": 1, "status": "accepted", "next_ms": 10_000}
        await line.hang_up()
        assert await sync_to_async(clock_steps.flush)() == 1
        row = await UserLocation.objects.aget(pk=self.alice.pk)
        assert (row.fix_ms, row.lat_e7, row.source) == (now_ms, round(SPOT[0] * 1e7), 1)

    async def test_it_says_why_a_fix_is_not_the_newest(self) -> None:
        line = await self.line()
        now_ms = times.now_ms()
        await line.ask(message(1, now_ms))
        ack = await line.ask(message(2, now_ms - 1_000))
        assert (ack["n"], ack["status"], ack["reason"]) == (2, "stale", "older")
        ack = await line.ask(message(3, now_ms))
        assert (ack["status"], ack["reason"]) == ("refused", "too_fast")
        assert 0 < ack["next_ms"] <= 3_001
        assert live.counts()["refused.too_fast"] == live.counts()["refused"] == 1
        await line.hang_up()

    async def test_it_asks_a_hidden_page_less_often(self) -> None:
        line = await self.line()
        ack = await line.ask(message(1, times.now_ms(), visible=False))
        assert ack["next_ms"] == 30_000
        await line.hang_up()

    async def test_it_shares_one_rate_among_all_sockets_of_a_user(self) -> None:
        self.refills_slowly("fixes")
        lines = [await self.line() for _ in range(3)]
        now_ms = times.now_ms()
        acks = [await line.ask(message(n, now_ms + n)) for n, line in enumerate(lines)]
        assert [ack["status"] for ack in acks] == ["accepted", "accepted", "refused"]
        for line in lines:
            await line.hang_up()

    async def test_it_lives_on_after_two_messages_that_make_no_sense(self) -> None:
        for nonsense in ("{", b"\x00", '{"type":"bet.place"}', '{"type":"fix","n":1}'):
            line = await self.line()
            error = await line.ask(nonsense)
            assert (error["type"], error["code"], error["re"]) == ("error", "malformed", None)
            await line.ask(nonsense)
            assert (await line.ask({"type": "ping", "t": 5}))["t"] == 5
            await line.ask(nonsense)
            assert (await line.heard())["code"] == 1008
            await line.hang_up()
        assert live.counts() == {"in.malformed": 12}

    async def test_it_closes_on_a_frame_beyond_4_kib(self) -> None:
        line = await self.line()
        await line.say(" " * 4_097)
        assert (await line.heard())["code"] == 1009
        line = await self.line()
        await line.say("\u00e9" * 2_049)
        assert (await line.heard())["code"] == 1009
        assert live.counts() == {"in.too_large": 2}

    async def test_it_tells_a_stranger_why(self) -> None:
        for why in ("missing", "expired", "invalid", "revoked"):
            scope = {"visitor": None, "identity_problem": why}
            line = await Line.open(LocationConsumer.as_asgi(), scope)
            closed = await line.heard()
            assert (closed["code"], closed["reason"]) == (4401, why)

    async def test_it_replaces_the_oldest_of_six_sockets(self) -> None:
        lines = [await self.line() for _ in range(6)]
        assert (await lines[0].heard())["code"] == 4409
        assert (await lines[5].ask({"type": "ping"}))["type"] == "pong"
        for line in lines[1:]:
            await line.hang_up()

    async def test_it_closes_when_the_sign_in_ends(self) -> None:
        line = await self.line()
        await SignIn.objects.filter(user=self.alice).aupdate(
            ended_at_ms=times.now_ms(), seen_at=timezone.now()
        )
        closed = await asyncio.wait_for(line.heard(), 10)
        assert (closed["code"], closed["reason"]) == (4401, "revoked")

    async def test_it_closes_on_those_who_ask_the_time_without_end(self) -> None:
        with mock.patch.dict(limits.LIMITS, messages=(limits.Rate(0.001, 3),)):
            line = await self.line()
        for _ in range(3):
            assert (await line.ask({"type": "ping"}))["type"] == "pong"
        await line.say({"type": "ping"})
        assert (await line.heard())["code"] == 4029

    async def end_sign_in(self) -> None:
        await SignIn.objects.filter(user=self.alice).aupdate(ended_at_ms=times.now_ms())

    async def test_it_lets_nobody_who_reads_nothing_hold_up_the_end_of_others(self) -> None:
        application = LocationConsumer.as_asgi()
        deaf = await Line.open(application, {"visitor": self.visitor}, unread=1)
        await deaf.say({"type": "ping"})
        line = await self.line()
        await self.end_sign_in()
        assert (await line.heard())["code"] == 4401
        assert deaf.outgoing.full()
        assert (await deaf.told())["type"] == "pong"
        assert (await deaf.heard())["code"] == 4401

    async def test_it_misses_no_end_while_the_database_was_away(self) -> None:
        line = await self.line()
        failing = threading.Event()

        def away(_since_ms: int) -> None:
            failing.set()
            raise OperationalError

        with mock.patch.object(registry, "LOOK_BACK_MS", 0):
            with mock.patch.object(revocation, "ended_since", away):
                await self.end_sign_in()
                assert await asyncio.to_thread(failing.wait, 15)
            assert (await line.heard())["code"] == 4401

    async def test_it_says_unavailable_when_live_is_away_and_goes_on(self) -> None:
        line = await self.line()
        with override_settings(REDIS_LIVE_URL="unix:///nobody/listens.sock"):
            error = await line.ask(message(1, times.now_ms()))
        assert (error["type"], error["code"], error["re"]) == ("error", "unavailable", 1)
        ack = await line.ask(message(2, times.now_ms()))
        assert ack["status"] == "accepted"
        await line.hang_up()
