"""Many bets at the same moment: one purse, one id, one deadline."""

import asyncio
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.test import override_settings

from betting import bank, ledger
from betting.actions import bets
from betting.audit import rebuild, reconcile
from betting.models import LedgerEntry, Market
from betting.tests.room_clients import RoomTestCase
from betting.wire.messages import Order
from rooms import access
from rooms.tests.people import Caller
from web import limits

UNLIMITED = {"bets": (limits.Rate(10**6, 10**6),)}


def code_of(answer: Any) -> str:
    """What became of a bet that was placed without a socket."""
    return "ok" if isinstance(answer, bets.Placed) else str(getattr(answer, "code", answer))


@override_settings(ROOT_URLCONF="betting.tests.urls")
class AtOnceTests(RoomTestCase):
    def bettor(self, user: Any) -> bets.Bettor:
        return bets.Bettor(user_id=user.pk, club_id=self.room.club_id, room_id=self.room.pk)

    async def place(self, user: Any, market: Market, outcome: int, stake: int) -> str:
        order = Order(bet_id=uuid4(), outcome=outcome, stake=stake)
        try:
            return code_of(await bets.aplace_bet(self.bettor(user), market.pk, order))
        except Exception as refused:  # noqa: BLE001 - counted by its word below.
            return code_of(refused)

    async def test_it_takes_exactly_seven_of_200_bets_of_10_on_a_purse_of_70(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        await self.act(access.enter, self.ana, self.room)
        bank.run(bank.burn(self.room.club_id, self.ana.pk, 930, "burn:1"))
        codes = await asyncio.gather(*(self.place(self.ana, market, red, 10) for _ in range(200)))
        assert (codes.count("ok"), codes.count("not_enough_coins")) == (7, 193)

    async def test_it_answers_50_copies_of_a_bet_alike_for_ever(self) -> None:
        market = await self.market()
        red, blue = await self.outcomes(market)
        bet_id = uuid4()
        with mock.patch.dict(limits.LIMITS, UNLIMITED):
            clients = [(await self.connect(self.ana))[0] for _ in range(5)]
            first = await self.copies(clients, market, red, bet_id)
            assert len(first) == 1
            other, _ = await self.connect(self.bo)
            await other.bet(market, blue, 10)
            await self.act(self.settled, market.pk, red)
            assert await self.copies(clients, market, red, bet_id) == first
            await self.act(rebuild.rebuild, self.room.club_id, progress=reconcile.silent)
            bank.open_gate()
            assert await self.copies(clients, market, red, bet_id) == first
            await self.act(bank.run, bank.forget(self.room.club_id, market.pk))
            assert await self.copies(clients, market, red, bet_id) == first
        await self.act(ledger.record_all, self.room.club_id)
        taken = LedgerEntry.objects.filter(user_id=self.ana.pk, kind="bet")
        assert await taken.acount() == 1
        for client in [*clients, other]:
            await client.leave()

    async def copies(
        self, clients: list[Any], market: Market, outcome: int, bet_id: UUID
    ) -> set[str]:
        """The distinct answers to 25 copies over five sockets and 25 over HTTP."""
        wanted = {"bet_id": str(bet_id), "outcome": outcome, "stake": 30}
        page = await self.act(Caller, self.ana)

        async def by_socket(client: Any) -> list[Any]:
            return [await client.bet(market, outcome, 30, bet_id=str(bet_id)) for _ in range(5)]

        async def by_http() -> list[Any]:
            path = f"markets/{market.pk}/bets/"
            return [(await self.act(page.ask, "POST", path, wanted)).json() for _ in range(25)]

        told = await asyncio.gather(by_http(), *(by_socket(client) for client in clients))
        answers = [answer for some in told for answer in some]
        assert len(answers) == 50
        return {str(sorted((k, v) for k, v in answer.items() if k != "type")) for answer in answers}

    async def test_it_takes_none_of_1000_bets_after_the_deadline(self) -> None:
        market = await self.market(closes_in_s=10)
        red, blue = await self.outcomes(market)
        for user in (self.ana, self.bo):
            await self.act(access.enter, user, self.room)
        closes_at_ms = bank.ask_time_ms() + 1000
        key = bank.Keys(self.room.club_id).market(market.pk)
        bank.command("HSET", key, "closes_at_ms", closes_at_ms)
        people = [(self.ana, red), (self.bo, blue)]

        async def late(number: int) -> str:
            await asyncio.sleep(number / 500)
            user, outcome = people[number % 2]
            return await self.place(user, market, outcome, 1)

        codes = await asyncio.gather(*(late(number) for number in range(1000)))
        assert set(codes) == {"ok", "market_closed"}
        await self.act(ledger.record_all, self.room.club_id)
        entries = [entry async for entry in LedgerEntry.objects.filter(market_id=market.pk)]
        taken = [entry for entry in entries if entry.kind == "bet"]
        (lock,) = [entry for entry in entries if entry.kind == "lock"]
        assert len(taken) == codes.count("ok")
        assert max(entry.at_ms for entry in taken) < closes_at_ms <= lock.at_ms
        assert max(entry.seq for entry in taken) < lock.seq
