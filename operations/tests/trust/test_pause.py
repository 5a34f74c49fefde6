"""What people in a room hear while bets are paused."""

from typing import Any
from unittest import mock

from django.utils import translation

from betting import bank
from betting.bank import pause
from betting.bank.pause import Pause
from betting.tests.room_clients import RoomClient, RoomTestCase


async def notice(client: RoomClient, code: str) -> dict[str, Any]:
    """The next notice with a code; that of the memory may come from the test before."""
    while (told := await client.hear("notice"))["code"] != code:
        pass
    return told


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
        told = await notice(client, "bets_paused")
        assert "A reason" not in told["message"]
        refused = await client.bet(market, red, 10)
        assert (refused["type"], refused["code"]) == ("error", "unavailable")
        late, _ = await self.connect(self.bo)
        await notice(late, "bets_paused")
        await self.act(bank.open_gate)
        for each in (client, late):
            await notice(each, "bets_on")
        assert (await client.bet(market, red, 10))["type"] == "bet.accepted"

    async def test_it_tells_it_also_while_nothing_of_the_bank_can_be_read(self) -> None:
        client, _ = await self.connect(self.ana)
        self.addCleanup(bank.load_library)
        await self.act(bank.each_primary, "FUNCTION", "FLUSH")
        await notice(client, "bets_paused")
        await self.act(bank.load_library)
        await self.act(bank.open_gate)
        await notice(client, "bets_on")

    def test_it_tells_it_in_the_language_of_the_reader(self) -> None:
        paused = Pause()
        paused.note(True)
        with translation.override("ko"):
            assert "베팅" in paused.notice()
