"""A user who is sent away with open bets is paid as everybody is; the log tells their stakes."""

from betting import ledger
from betting.actions import wallets
from betting.tests.room_clients import RoomTestCase
from betting.wire.past.history import staked
from rooms import access
from rooms.people import moderation


class SentAway(RoomTestCase):
    async def test_it_pays_somebody_who_was_removed_or_banned_meanwhile(self) -> None:
        market = await self.market()
        red, blue = await self.outcomes(market)
        for user, outcome, coins in ((self.ana, red, 30), (self.bo, red, 10), (self.cy, blue, 40)):
            client, _ = await self.connect(user)
            await client.bet(market, outcome, coins)
            await client.leave()
        for user, until_ms in ((self.ana, 0), (self.bo, None)):
            present = await self.act(access.member, self.room, user)
            await self.act(moderation.send_away, self.host, present, until_ms=until_ms)
        await self.act(self.settled, market.pk, red)
        paid = await self.act(ledger.totals, self.room.club_id)
        assert paid.in_wallets == 4000
        stakes = await self.act(staked, self.room.pk, [self.ana.pk, self.bo.pk, self.host.pk])
        assert stakes == {self.ana.pk: 30, self.bo.pk: 10}
        client, _ = await self.connect(self.cy)
        await client.leave()
        coins = await self.act(_coins, self.ana.pk)
        assert coins == 1030


def _coins(user_id: int) -> int:
    [wallet] = wallets.coins_of(user_id)
    return wallet.coins
