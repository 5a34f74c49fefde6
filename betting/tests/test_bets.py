"""Bets over HTTP: repeats, every refusal, and which refusal goes first."""

from typing import Any
from unittest import mock
from uuid import uuid4

from betting import bank
from betting.models import Market
from betting.tests.evenings import Evening, code_of
from rooms import inside, live
from rooms.models import Membership, Room
from rooms.tests.people import Caller
from web import limits


class RepeatTests(Evening):
    def test_it_answers_a_repeat_with_the_first_body(self) -> None:
        market = self.market()
        bet_id = str(uuid4())
        first = self.bet(self.ana, market, 0, 30, bet_id=bet_id)
        assert first.status_code == 201
        body = first.json()
        assert (body["coins"], body["position"], body["stake"]) == (970, 30, 30)
        self.bet(self.ana, market, 0, 5)
        self.bet(self.bo, market, 1, 5)
        again = self.bet(self.ana, market, 0, 30, bet_id=bet_id)
        assert (again.status_code, again.json()) == (200, body)
        assert code_of(self.bet(self.ana, market, 0, 31, bet_id=bet_id)) == "key_reused"
        assert code_of(self.bet(self.ana, market, 1, 30, bet_id=bet_id)) == "key_reused"

    def test_it_answers_a_repeat_after_leaving_lock_payment_and_forgetting(self) -> None:
        market = self.market()
        bet_id = str(uuid4())
        body = self.bet(self.ana, market, 0, 30, bet_id=bet_id).json()
        self.bet(self.bo, market, 1, 30)

        def repeat() -> object:
            answer = self.bet(self.ana, market, 0, 30, bet_id=bet_id, expires_at_ms=1)
            return (answer.status_code, answer.json())

        self.ana.ask("POST", f"rooms/{self.room.code}/leave/")
        assert repeat() == (200, body)
        self.step(market, "lock")
        assert repeat() == (200, body)
        self.settle(market, 0)
        assert repeat() == (200, body)
        Room.objects.filter(pk=self.room.pk).update(visibility="unlisted")
        bank.run(bank.forget(self.room.club_id, market["id"]))
        assert repeat() == (200, body)
        assert code_of(self.bet(self.ana, market, 0, 31, bet_id=bet_id)) == "key_reused"

    def test_it_says_closed_of_a_market_that_is_forgotten(self) -> None:
        market = self.market()
        self.step(market, "void", reason="Rain.")
        self.row(market)
        bank.run(bank.forget(self.room.club_id, market["id"]))
        assert code_of(self.bet(self.ana, market, 0, 30)) == "market_closed"
        for long_ago_ms in (1, 0, -1):
            late = self.bet(self.ana, market, 0, 30, expires_at_ms=long_ago_ms)
            assert code_of(late) == "expired"
        assert code_of(self.bet(self.stranger, market, 0, 30)) == "not_member"


class RefusalTests(Evening):
    def test_it_refuses_malformed_bodies_and_changes_nothing(self) -> None:
        market = self.market()
        before = bank.head(self.room.club_id)
        wrong = [
            {"stake": stake} for stake in (0, -5, 1.5, 10.0, "10", True, None, 10**12 + 1, [1])
        ]
        wrong += [{"bet_id": "x"}, {"outcome": "1"}, {"outcome": None}, {"expires_at_ms": "soon"}]
        wrong += [{"market": market["id"]}, {"expires_at_ms": None}]
        for fields in wrong:
            answer = self.ana.ask(
                "POST",
                f"markets/{market['id']}/bets/",
                {"bet_id": str(uuid4()), "outcome": 1, "stake": 10} | fields,
            )
            assert (answer.status_code, code_of(answer)) == (400, "malformed"), fields
        raw = f'{{"bet_id": "{uuid4()}", "outcome": 1, "stake": NaN}}'
        answer = self.ana.generic(
            "POST", f"/api/markets/{market['id']}/bets/", raw, content_type="application/json"
        )
        assert code_of(answer) == "malformed"
        assert bank.head(self.room.club_id) == before

    def test_it_tells_figures(self) -> None:
        market = self.market(min_stake=5, max_stake=600)
        answer = self.bet(self.ana, market, 0, 4).json()["error"]
        assert answer["detail"] == {"min_stake": 5} and "5" in answer["message"]
        answer = self.bet(self.ana, market, 0, 601).json()["error"]
        assert answer["detail"] == {"max_stake": 600} and "600" in answer["message"]
        self.bet(self.ana, market, 0, 600)
        other = self.market()
        answer = self.bet(self.ana, other, 0, 500).json()["error"]
        assert answer["detail"] == {"coins": 400}
        assert answer["message"] == "Not enough coins: you have 400."

    def test_it_tells_the_first_refusal_in_the_order_of_the_protocol(self) -> None:
        """Each step takes one reason away, from the first to the last."""
        market = self.market(min_stake=5, max_stake=50)
        other = self.market()
        mine = Caller(self.users[0])
        self.bet(mine, market, 0, 10)
        self.bet(mine, other, 0, 950)
        nobody = Caller()
        wrong = {"outcome": 0, "stake": 4, "expires_at_ms": 1}
        assert code_of(self.bet(nobody, market, 1, 4)) == "sign_in"
        assert code_of(self.bet(mine, market, 1, 4, outcome="x")) == "malformed"
        nowhere = market | {"id": 10**6}
        assert code_of(self.bet(mine, nowhere, 1, 4, **wrong)) == "not_found"
        Room.objects.filter(pk=self.room.pk).update(status="ended")
        client = Membership.objects.filter(room=self.room, user=self.users[0])
        client.update(state="banned")
        assert code_of(self.bet(mine, market, 1, 4, **wrong)) == "expired"
        del wrong["expires_at_ms"]
        assert code_of(self.bet(mine, market, 1, 4, **wrong)) == "room_ended"
        Room.objects.filter(pk=self.room.pk).update(status="live")
        assert code_of(self.bet(mine, market, 1, 4, **wrong)) == "forbidden"
        client.update(state="left", role="host")
        assert code_of(self.bet(mine, market, 1, 4, **wrong)) == "not_member"
        client.update(state="in")
        draft = self.market(open=False)
        assert code_of(self.bet(mine, draft, 1, 4, **wrong)) == "market_not_open"
        self.step(other, "lock")
        assert code_of(self.bet(mine, other, 1, 4, **wrong)) == "market_closed"
        assert code_of(self.bet(mine, market, 1, 4, **wrong)) == "host_may_not_bet"
        client.update(role="player")
        assert code_of(self.bet(mine, market, 1, 4, **wrong)) == "no_such_outcome"
        del wrong["outcome"]
        assert code_of(self.bet(mine, market, 1, 4, **wrong)) == "other_outcome_taken"
        assert code_of(self.bet(mine, market, 0, 4, **wrong)) == "stake_below_minimum"
        assert code_of(self.bet(mine, market, 0, 999)) == "stake_above_maximum"

    def test_it_is_too_fast_beyond_a_burst(self) -> None:
        market = self.market()
        with mock.patch.dict(limits.LIMITS, bets=(limits.Rate(0.001, 3),)):
            codes = [code_of(self.bet(self.ana, market, 0, 1)) for _ in range(5)]
        assert codes == ["ok"] * 3 + ["too_fast"] * 2

    def test_it_lets_the_host_bet_where_the_room_allows_it(self) -> None:
        market = self.market()
        assert code_of(self.bet(self.host, market, 0, 1)) == "host_may_not_bet"
        Room.objects.filter(pk=self.room.pk).update(hosts_may_bet=True)
        assert code_of(self.bet(self.host, market, 0, 1)) == "ok"

    def test_it_takes_nothing_after_the_deadline(self) -> None:
        market = self.market(closes_in_s=10)
        key = bank.Keys(self.room.club_id).market(market["id"])
        self.bet(self.ana, market, 0, 1)
        bank.command("HSET", key, "closes_at_ms", bank.ask_time_ms() - 1000)
        assert code_of(self.bet(self.bo, market, 1, 1)) == "market_closed"
        assert self.row(market).status == Market.Status.LOCKED

    def test_it_takes_nothing_on_a_market_on_hold(self) -> None:
        market = self.market()
        bank.run(bank.freeze(self.room.club_id, market["id"], True))
        assert code_of(self.bet(self.ana, market, 0, 1)) == "frozen"

    def test_it_reads_sql_once_beside_the_sign_in(self) -> None:
        market = self.market()
        # The sign-in with its bans, and the membership with its room.
        with self.assertNumQueries(2):
            assert self.bet(self.ana, market, 0, 1).status_code == 201


class PresenceTests(Evening):
    """A room that takes bets only from people who are there."""

    def room_fields(self) -> dict[str, Any]:
        return {
            "place_lat": 50.9413,
            "place_lon": 6.9583,
            "place_radius_m": 100,
            "bets_need_presence": True,
        }

    def be(self, who: int, **mark: Any) -> None:
        """Find somebody at a place."""
        now_ms = bank.ask_time_ms()
        found = inside.Mark(**{"fix_ms": now_ms, "received_ms": now_ms} | mark)
        live.ask(inside.note(self.room.pk, self.users[who].pk, found))

    def test_it_takes_bets_from_people_who_are_there(self) -> None:
        market = self.market()
        self.be(0, where="inside", is_sure=True)
        assert code_of(self.bet(self.ana, market, 0, 10)) == "ok"
        self.be(1, where="edge", is_sure=False, why="too_close_to_the_edge")
        refused = self.bet(self.bo, market, 0, 10)
        assert code_of(refused) == "not_inside"
        assert refused.json()["error"]["detail"] == {"why": "too_close_to_the_edge"}
        assert code_of(self.bet(self.cy, market, 0, 10)) == "not_inside"

    def test_it_answers_a_repeat_from_outside_and_tells_the_place_before_the_purse(self) -> None:
        market = self.market()
        bet_id = str(uuid4())
        self.be(0, where="inside", is_sure=True)
        body = self.bet(self.ana, market, 0, 10, bet_id=bet_id).json()
        self.be(0, where="outside", is_sure=False, why="outside")
        assert self.bet(self.ana, market, 0, 10, bet_id=bet_id).json() == body
        assert code_of(self.bet(self.ana, market, 0, 5000)) == "not_inside"
        assert code_of(self.bet(self.ana, market, 1, 5000)) == "other_outcome_taken"
