"""Bets over the socket: what is answered, what is told to whom, and at which cost."""

import asyncio
from unittest import mock
from uuid import uuid4

from django.db.backends.utils import CursorWrapper

from betting import bank
from betting.actions import decisions, markets, payments
from betting.actions.markets import Author
from betting.tests.banking import bank_commands
from betting.tests.room_clients import RoomTestCase
from betting.wire.requests import Decision
from rooms import access
from rooms.fanout import hub
from rooms.models import Room
from web import limits


class ConsumerTests(RoomTestCase):
    async def test_it_welcomes_with_markets_coins_and_positions(self) -> None:
        market = await self.market()
        red, blue = await self.outcomes(market)
        client, welcome = await self.connect(self.ana)
        assert welcome["coins"] == 1000
        (told,) = welcome["markets"]
        assert (told["id"], told["status"], told["room"]) == (market.pk, "open", self.room.code)
        assert [outcome["id"] for outcome in told["outcomes"]] == [red, blue]
        assert welcome["mine"] == [] and welcome["epoch"] == 1
        await client.bet(market, red, 30)
        again, welcome = await self.connect(self.ana)
        assert welcome["mine"] == [{"market": market.pk, "outcome": red, "coins": 30}]
        assert (welcome["coins"], welcome["seq"]) == (970, bank.head(self.room.club_id).seq)
        await client.leave()
        await again.leave()

    async def test_it_welcomes_while_a_result_is_unofficial_and_after(self) -> None:
        room = Room.objects.filter(pk=self.room.pk)
        await self.act(room.update, official_after_s=60)
        market = await self.market()
        red, blue = await self.outcomes(market)
        for user, outcome in ((self.ana, red), (self.bo, blue)):
            client, _ = await self.connect(user)
            await client.bet(market, outcome, 30)
            await client.leave()
        by = Author(self.host, is_operator=False)
        await self.act(lambda: decisions.lock(by, markets.find(market.pk)))
        await self.act(
            lambda: decisions.settle(by, markets.find(market.pk), Decision(winners=[red]))
        )
        unofficial, welcome = await self.connect(self.ana)
        assert welcome["markets"][0]["official"]["by"]["nickname"] == "Hana"
        await unofficial.leave()
        await self.act(decisions.withdraw, by, await self.act(markets.find, market.pk))
        await self.act(room.update, official_after_s=0)
        await self.act(self.settled, market.pk, red)
        ended, welcome = await self.connect(self.ana)
        mine = {"positions": [{"outcome": red, "coins": 30}], "payout": 60}
        assert (welcome["markets"][0]["mine"], welcome["mine"]) == (mine, [])
        await ended.leave()

    async def test_it_answers_a_bet_and_tells_the_room_and_other_tabs(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        ana, _ = await self.connect(self.ana)
        tab, _ = await self.connect(self.ana)
        bo, _ = await self.connect(self.bo)
        bet_id = str(uuid4())
        answer = await ana.bet(market, red, 30, bet_id=bet_id)
        assert answer["type"] == "bet.accepted"
        assert (answer["coins"], answer["position"], answer["bet_id"]) == (970, 30, bet_id)
        assert await ana.bet(market, red, 30, bet_id=bet_id) == answer
        pools = await bo.hear("pools")
        # The figures of the question without bets may have been on their way still.
        while pools["version"] < answer["seq"]:
            pools = await bo.hear("pools")
        assert pools["outcomes"][0] == {"id": red, "coins": 30, "heads": 1, "odds": 1.0}
        wallet = await tab.hear("wallet")
        assert (wallet["coins"], wallet["why"], wallet["market"]) == (970, "bet", market.pk)
        assert (wallet["club"], wallet["mine"]) == ("main", [{"outcome": red, "coins": 30}])
        for client in (ana, tab, bo):
            await client.leave()

    async def test_it_tells_a_bettor_once_who_has_one_socket(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        ana, _ = await self.connect(self.ana)
        bo, _ = await self.connect(self.bo)
        tab, _ = await self.connect(self.bo)
        await ana.bet(market, red, 30)
        await bo.bet(market, red, 20)
        # Told in the order of the bets, or together.
        assert (await tab.hear("wallet"))["coins"] == 980
        assert (await bo.hear("wallet"))["coins"] == 980
        await ana.say({"type": "ping", "t": 1})
        await ana.hear("pong")
        assert "wallet" not in [told["type"] for told in ana._kept]
        for client in (ana, bo, tab):
            await client.leave()

    async def test_it_tells_lock_payment_and_coins(self) -> None:
        market = await self.market()
        red, blue = await self.outcomes(market)
        ana, _ = await self.connect(self.ana)
        bo, _ = await self.connect(self.bo)
        await ana.bet(market, red, 30)
        await bo.bet(market, blue, 10)
        by = Author(self.host, is_operator=False)
        found = await self.act(markets.find, market.pk)
        await self.act(decisions.lock, by, found)
        await ana.see("locked")
        await self.act(decisions.settle, by, found, Decision(winners=[red]))
        await ana.see("locked", paying=True)
        assert await self.act(payments.finish, market.pk)
        wallet = await ana.hear("wallet")
        while wallet["why"] == "bet":
            wallet = await ana.hear("wallet")
        assert (wallet["coins"], wallet["why"]) == (1010, "payout")
        assert (await bo.see("settled"))["settlement"]["paid"] == 40
        await ana.leave()
        await bo.leave()

    async def test_it_needs_one_call_to_the_bank_and_no_sql_for_a_bet(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        client, _ = await self.connect(self.ana)
        await client.bet(market, red, 1)
        await self.stop_hub()
        statements = mock.Mock(side_effect=AssertionError("SQL on the way of a bet"))
        before = bank_commands()
        with (
            mock.patch.object(CursorWrapper, "execute", statements),
            mock.patch.object(CursorWrapper, "executemany", statements),
        ):
            for _ in range(10):
                assert (await client.bet(market, red, 1))["type"] == "bet.accepted"
        after = bank_commands()
        ran = {name: after[name] - before.get(name, 0) for name in after}
        ran = {
            name: count
            for name, count in ran.items()
            if count and name not in ("info", "client|setinfo")
        }
        # What Lua runs inside the one call is counted as well.
        inside = {"time", "hmget", "hgetall", "hget", "xadd", "hset", "hlen"}
        assert ran["fcall"] == 10
        assert set(ran) - {"fcall"} <= inside, ran
        assert not statements.called, statements.call_args_list
        await client.leave()

    async def test_it_refuses_in_the_rooms_words_and_lives_on(self) -> None:
        market = await self.market(min_stake=5, max_stake=500)
        red, blue = await self.outcomes(market)
        client, _ = await self.connect(self.ana)
        host, _ = await self.connect(self.host)
        await client.bet(market, red, 10)
        refused = await client.bet(market, red, 4)
        assert (refused["type"], refused["code"]) == ("bet.refused", "stake_below_minimum")
        assert refused["detail"] == {"min_stake": 5} and "5" in refused["message"]
        assert (await client.bet(market, blue, 10))["code"] == "other_outcome_taken"
        assert (await client.bet(market, 0, 10))["code"] == "no_such_outcome"
        assert (await client.bet(market, red, 491))["code"] == "stake_above_maximum"
        assert (await host.bet(market, red, 10))["code"] == "host_may_not_bet"
        market.pk += 1000
        assert (await client.bet(market, red, 10))["code"] == "not_found"
        await client.leave()
        await host.leave()

    async def test_it_says_malformed_without_a_change_and_lives_on(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        await self.act(access.enter, self.ana, self.room)
        before = bank.head(self.room.club_id)
        for stake in (0, -1, 1.5, "10", True, None, 10**12 + 1, 1e3):
            client, _ = await self.connect(self.ana)
            bet_id = str(uuid4())
            error = await client.bet(market, red, stake, bet_id=bet_id)
            assert (error["type"], error["code"], error["re"]) == ("error", "malformed", bet_id)
            await client.leave()
        assert bank.head(self.room.club_id) == before

    async def test_it_is_too_fast_beyond_a_burst(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        with mock.patch.dict(limits.LIMITS, bets=(limits.Rate(0.001, 3),)):
            client, _ = await self.connect(self.ana)
            answers = [await client.bet(market, red, 1) for _ in range(5)]
        assert [answer["type"] for answer in answers] == ["bet.accepted"] * 3 + ["bet.refused"] * 2
        assert answers[-1]["code"] == "too_fast"
        await client.leave()

    async def test_it_takes_exactly_what_a_wallet_can_pay(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        burn = bank.burn(self.room.club_id, self.ana.pk, 930, "burn:1")
        clients = [(await self.connect(self.ana))[0] for _ in range(4)]
        bank.run(burn)
        bets = [client.bet(market, red, 10) for client in clients for _ in range(1)]
        answers = await asyncio.gather(*bets)
        for client in clients:
            for _ in range(4):
                answers.append(await client.bet(market, red, 10))
        taken = [answer for answer in answers if answer["type"] == "bet.accepted"]
        assert len(taken) == 7
        refused = next(answer for answer in answers if answer["type"] == "bet.refused")
        assert (refused["code"], refused["detail"]) == ("not_enough_coins", {"coins": 0})
        for client in clients:
            await client.leave()

    async def test_it_makes_a_lost_message_good(self) -> None:
        market = await self.market()
        red, _blue = await self.outcomes(market)
        client, _ = await self.connect(self.bo)
        bet = bank.Bet(
            user_id=self.host.pk, bet_id="b", outcome_id=red, stake_coins=7,
            expires_at_ms=bank.ask_time_ms() + 5000,
        )  # fmt: skip
        # Behind everybody's back, as if the telling had been lost.
        call = bank.place_bets(self.room.club_id, self.room.pk, market.pk, [bet])
        assert isinstance(bank.run(call).answers[0], bank.Accepted)
        with mock.patch.object(hub, "CATCH_UP_S", 0.05):
            pools = await client.hear("pools")
            while not pools["outcomes"][0]["coins"]:
                pools = await client.hear("pools")
        assert pools["outcomes"][0]["coins"] == 7
        await client.leave()
