"""What the auditor does when bank, ledger and SQL differ."""

from betting import bank
from betting.tests.room_clients import RoomTestCase
from operations.clock import auditor


class RoomTests(RoomTestCase):
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
