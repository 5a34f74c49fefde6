"""What people in a room hear while bets rest: all of them, or those on one question."""

from unittest import mock

from django.utils import translation

from betting import bank
from betting.bank import pause
from betting.bank.pause import Pause
from betting.tests.room_clients import RoomTestCase
from operations import auditor


class RoomTests(RoomTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mock.patch.object(pause, "here", Pause()))
        self.addCleanup(bank.open_gate)

    async def test_it_tells_a_room_that_bets_are_paused_and_that_they_go_on(self) -> None:
        market = await self.market()
        red, _ = await self.outcomes(market)
        client, _ = await self.connect(self.ana)
        await self.act(bank.shut_gate, "A reason for operators.")
        told = await client.hear("notice")
        assert told["code"] == "bets_paused" and "A reason" not in told["message"]
        refused = await client.bet(market, red, 10)
        assert (refused["type"], refused["code"]) == ("error", "unavailable")
        late, _ = await self.connect(self.bo)
        assert (await late.hear("notice"))["code"] == "bets_paused"
        await self.act(bank.open_gate)
        for each in (client, late):
            assert (await each.hear("notice"))["code"] == "bets_on"
        assert (await client.bet(market, red, 10))["type"] == "bet.accepted"

    async def test_it_tells_it_also_while_nothing_of_the_bank_can_be_read(self) -> None:
        client, _ = await self.connect(self.ana)
        self.addCleanup(bank.load_library)
        await self.act(bank.each_primary, "FUNCTION", "FLUSH")
        assert (await client.hear("notice"))["code"] == "bets_paused"
        await self.act(bank.load_library)
        await self.act(bank.open_gate)
        assert (await client.hear("notice"))["code"] == "bets_on"

    async def test_it_puts_a_market_that_differs_on_hold_and_tells_its_room(self) -> None:
        market, other = await self.market(), await self.market()
        red, _ = await self.outcomes(market)
        blue, _ = await self.outcomes(other)
        client, _ = await self.connect(self.ana)
        await client.bet(market, red, 30)
        key = bank.Keys(self.room.club_id).market(market.pk)
        await self.act(bank.command, "HSET", key, f"pool:{red}", "31")
        await self.act(auditor.compare, {self.room.club_id}, is_deep=False)
        while not (told := (await client.hear("market"))["market"])["frozen"]:
            pass
        assert told["id"] == market.pk
        assert (await client.bet(market, red, 5))["code"] == "frozen"
        assert (await client.bet(other, blue, 5))["type"] == "bet.accepted"
        await self.act(bank.command, "HSET", key, f"pool:{red}", "30")

    def test_it_tells_it_in_the_language_of_the_reader(self) -> None:
        paused = Pause()
        paused.note(True)
        with translation.override("ko"):
            assert "베팅" in paused.notice()
