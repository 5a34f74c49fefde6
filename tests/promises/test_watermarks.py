"""The marks on the bank's memory, with a bank that is really filled, and emptied again."""

import json
from collections.abc import Iterator
from unittest import mock
from uuid import uuid4

import pytest
from django.test import SimpleTestCase

from betting import bank
from betting.actions import decisions
from betting.bank import capacity, notices
from betting.bank.capacity import Capacity, Level, next_level
from betting.tests.evenings import Evening, code_of
from betting.tests.room_clients import RoomClient, RoomTestCase
from operations.clock import schedule
from operations.metrics import Installation
from rooms.fanout.hub import get_hub

FILLER = "{c1}:filler"
PIECE = "x" * 16_000
SPACE_BYTES = 8 * 2**20
# Two readings differ by what connections hold at the moment, far less than this part.
MARGIN = 0.01


@pytest.fixture(autouse=True)
def _fresh_marks() -> Iterator[None]:
    """Each test begins roomy, reads at every look, and leaves the bank as large as it was."""
    (memory,) = bank.each_primary("INFO", "memory")
    # Else connections are ended, too, for their part of what little there is.
    bank.each_primary("CONFIG", "SET", "maxmemory-clients", 0)
    with (
        mock.patch.object(capacity, "here", Capacity()),
        mock.patch.object(notices, "READ_EVERY_S", 0.0),
    ):
        yield
    bank.each_primary("CONFIG", "SET", "maxmemory", memory["maxmemory"])
    bank.each_primary("CONFIG", "SET", "maxmemory-clients", "25%")
    bank.command("UNLINK", FILLER)


def shrink() -> None:
    """Give the bank so little memory that a test can fill it."""
    used = bank.each_primary("INFO", "memory")[0]["used_memory"]
    bank.each_primary("CONFIG", "SET", "maxmemory", used + SPACE_BYTES)


def fill(fullness: float) -> None:
    """Put rows into the bank, or take them out, until every reading is over this."""
    while bank.fullness() < fullness + MARGIN:
        bank.command("RPUSH", FILLER, PIECE)
    while bank.fullness() > fullness + 2 * MARGIN:
        bank.command("LTRIM", FILLER, 3, -1)
    assert capacity.level(1) == next_level(capacity.here.level, fullness + MARGIN)


class LevelTests(SimpleTestCase):
    def test_it_rises_at_each_mark(self) -> None:
        for fullness, level in [
            (0.0, Level.ROOMY), (0.699, Level.ROOMY), (0.70, Level.FILLING),
            (0.85, Level.NEARLY_FULL), (0.95, Level.FULL), (1.4, Level.FULL),
        ]:  # fmt: skip
            assert next_level(Level.ROOMY, fullness) == level, fullness

    def test_it_falls_only_well_below_a_mark(self) -> None:
        for level, fullness, after in [
            (Level.FULL, 0.91, Level.FULL), (Level.FULL, 0.89, Level.NEARLY_FULL),
            (Level.NEARLY_FULL, 0.81, Level.NEARLY_FULL), (Level.NEARLY_FULL, 0.79, Level.FILLING),
            (Level.FILLING, 0.66, Level.FILLING), (Level.FULL, 0.1, Level.ROOMY),
        ]:  # fmt: skip
            assert next_level(level, fullness) == after, (level, fullness)


class RequestTests(Evening):
    def words(self, answer: object) -> str:
        return str(json.loads(answer.content)["error"]["message"])  # type: ignore[attr-defined]

    def test_it_warns_at_seventy_and_refuses_nothing(self) -> None:
        shrink()
        fill(0.70)
        assert capacity.here.level == Level.FILLING
        self.bet(self.ana, self.market(), 0, 10)
        assert self.say() == "ok"

    def say(self) -> str:
        path = f"rooms/{self.room.code}/chat/"
        return code_of(self.ana.ask("POST", path, {"text": "Hello."}))

    def test_it_takes_nothing_new_at_eighty_five_and_everything_after(self) -> None:
        key = str(uuid4())
        room = {"title": "Another", "visibility": "public", "key": key}
        question = {"question": "And now?", "outcomes": ["a", "b"]}
        first = self.host.ask("POST", "rooms/", room).json()
        market, draft = self.market(), self.market(open=False)
        shrink()
        fill(0.85)
        refused = self.host.ask("POST", "rooms/", room | {"key": str(uuid4())})
        assert (refused.status_code, code_of(refused)) == (503, "busy")
        assert refused["Retry-After"] == "10" and "No new rooms" in self.words(refused)
        refused = self.host.ask("POST", f"rooms/{self.room.code}/markets/", question)
        assert code_of(refused) == "busy" and "No new questions" in self.words(refused)
        assert code_of(self.step(draft, "open")) == "busy"
        assert self.say() == "busy"
        # What was done before is answered as before, and bets go on.
        assert self.host.ask("POST", "rooms/", room).json()["code"] == first["code"]
        assert self.step(market, "open").status_code == 200
        assert self.bet(self.ana, market, 0, 10).status_code == 201
        fill(0.5)
        assert self.step(draft, "open").status_code == 200
        assert self.say() == "ok"

    def test_it_takes_no_bets_at_ninety_five_but_answers_pays_and_refunds(self) -> None:
        paid, refunded = self.market(), self.market()
        bet_id = str(uuid4())
        first = self.bet(self.ana, paid, 0, 30, bet_id=bet_id)
        self.bet(self.bo, paid, 1, 10)
        self.bet(self.cy, refunded, 0, 500)
        shrink()
        fill(0.95)
        seq = bank.head(self.room.club_id).seq
        refused = self.bet(self.cy, paid, 0, 10)
        assert (refused.status_code, code_of(refused)) == (503, "busy")
        assert "No new bets" in self.words(refused)
        assert bank.head(self.room.club_id).seq == seq and self.coins(self.cy) == 500
        again = self.bet(self.ana, paid, 0, 30, bet_id=bet_id)
        assert (again.status_code, again.json()) == (200, first.json())
        assert code_of(self.bet(self.ana, paid, 0, 31, bet_id=bet_id)) == "key_reused"
        assert self.step(paid, "lock").status_code == 200
        assert self.settle(paid, 0).status_code in (200, 202)
        assert self.step(refunded, "void", reason="Rain.").status_code in (200, 202)
        schedule.record()
        schedule.pay()
        assert (self.coins(self.ana), self.coins(self.bo), self.coins(self.cy)) == (1010, 990, 1000)
        fill(0.5)
        assert self.bet(self.cy, self.market(), 0, 10).status_code == 201

    def test_a_bank_that_has_no_byte_left_refuses_whole_and_still_pays(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        bank.each_primary("CONFIG", "SET", "maxmemory", 1)
        with mock.patch.object(Capacity, "probe", return_value=Level.ROOMY):
            refused = self.bet(self.cy, market, 0, 10)
        assert (refused.status_code, code_of(refused)) == (503, "busy")
        self.step(market, "lock")
        self.settle(market, 0)
        schedule.record()
        schedule.pay()
        assert (self.coins(self.ana), self.coins(self.cy)) == (1010, 1000)

    def test_it_keeps_the_level_while_the_bank_does_not_answer(self) -> None:
        shrink()
        fill(0.85)
        with mock.patch.object(bank, "fullness", side_effect=bank.BankAway):
            assert capacity.level(1) == Level.NEARLY_FULL

    def test_it_shows_operators_how_full_both_engines_are(self) -> None:
        shrink()
        fill(0.70)
        with self.assertLogs("betting.bank.capacity", "INFO") as told:
            fill(0.86)
            fill(0.5)
        assert "8" in told.output[0] and "no new rooms" in told.output[0]
        (figures,) = [m for m in Installation().collect() if m.name == "ringside_memory_fullness"]
        shown = {sample.labels["role"]: sample.value for sample in figures.samples}
        assert 0.5 <= shown["bank"] < 0.55 and 0 < shown["live"] < 1


class RoomTests(RoomTestCase):
    async def notice(self, client: RoomClient) -> str:
        """The next notice of memory; others may come at any time."""
        while not (code := str((await client.hear("notice"))["code"])).startswith("memory_"):
            continue
        return code

    async def check(self) -> None:
        """What the hub does every two seconds."""
        get_hub()._behind.set()

    async def test_it_tells_the_room_each_level_once_and_the_return(self) -> None:
        await self.act(shrink)
        client, _ = await self.connect(self.ana)
        for fullness, code in [
            (0.70, "memory_filling"), (0.85, "memory_nearly_full"), (0.95, "memory_full"),
            (0.5, "memory_roomy"),
        ]:  # fmt: skip
            await self.act(fill, fullness)
            for _ in range(3):
                await self.check()
            assert await self.notice(client) == code
        kept = [told for told in client._kept if told["type"] == "notice"]
        assert not any(told["code"].startswith("memory_") for told in kept)
        await client.leave()

    async def test_it_tells_who_comes_in_while_it_is_full(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        await self.act(shrink)
        await self.act(fill, 0.95)
        client, _ = await self.connect(self.ana)
        assert await self.notice(client) == "memory_full"
        refused = await client.bet(market, red, 10)
        assert (refused["type"], refused["code"]) == ("bet.refused", "busy")
        await client.say({"type": "chat.say", "text": "Hello?", "id": "1"})
        assert (await client.hear("error"))["code"] == "busy"
        await self.act(fill, 0.5)
        await self.check()
        while await self.notice(client) != "memory_roomy":
            continue
        assert (await client.bet(market, red, 10))["type"] == "bet.accepted"
        assert await self.act(decisions._holds, market, self.ana.pk)
        await client.leave()
