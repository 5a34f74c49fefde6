"""How a paid market ended: who won most, how many were paid, what winners paid."""

from typing import Any

from django.core.cache import cache

from betting.tests.evenings import Evening, code_of
from betting.wire.past import results
from rooms.models import Room
from rooms.tests.people import Caller, member


class ResultTests(Evening):
    def result(self, market: dict[str, Any], who: Caller | None = None) -> Any:
        """What everybody is told of it, now."""
        cache.clear()
        return (who or self.bo).ask("GET", f"markets/{market['id']}/result/").json()

    def wins(self, market: dict[str, Any]) -> list[tuple[int, str, int]]:
        top = self.result(market)["top"]
        return [(line["rank"], line["nickname"], line["net"]) for line in top]

    def odds(self, market: dict[str, Any]) -> dict[str, float]:
        labels = {outcome["id"]: outcome["label"] for outcome in market["outcomes"]}
        told = self.result(market)["odds"]
        return {labels[line["outcome"]]: line["odds"] for line in told}

    def test_it_names_the_three_who_won_most_and_counts_all_who_were_paid(self) -> None:
        crowd = [Caller(member(self.room, name)) for name in ("Mika", "Ren", "Noor", "Eve")]
        market = self.market()
        for who, coins in zip(crowd, (300, 150, 100, 50), strict=True):
            self.bet(who, market, 1, coins)
        self.bet(crowd[0], market, 1, 100)
        self.bet(self.ana, market, 0, 650)
        self.step(market, "lock")
        self.settle(market, 1)
        assert self.wins(market) == [(1, "Mika", 372), (2, "Ren", 139), (3, "Noor", 93)]
        told = self.result(market, self.stranger)
        assert (told["people"], self.odds(market)) == (4, {"answer 2": 1.92})

    def test_it_counts_what_was_staked_on_other_answers_too(self) -> None:
        market = self.market(hedging=True)
        self.bet(self.ana, market, 0, 100)
        self.bet(self.ana, market, 1, 90)
        self.bet(self.bo, market, 1, 60)
        self.bet(self.cy, market, 0, 50)
        self.step(market, "lock")
        self.settle(market, 0)
        assert self.wins(market) == [(1, "cy", 50), (2, "ana", 10)]

    def test_it_tells_what_each_of_several_winners_paid(self) -> None:
        market = self.market(3)
        self.bet(self.ana, market, 0, 300)
        self.bet(self.bo, market, 1, 100)
        self.bet(self.cy, market, 2, 400)
        self.step(market, "lock")
        self.settle(market, 0, 1)
        assert self.wins(market) == [(1, "ana", 200), (1, "bo", 200)]
        assert self.odds(market) == {"answer 1": 1.66, "answer 2": 3.0}

    def test_it_leaves_late_stakes_out_of_the_odds(self) -> None:
        market = self.market()
        first = self.bet(self.ana, market, 0, 100).json()
        self.bet(self.bo, market, 1, 100)
        late = self.bet(self.cy, market, 0, 500).json()
        self.step(market, "lock")
        assert late["at_ms"] > first["at_ms"]
        self.settle(market, 0, happened_at_ms=late["at_ms"])
        assert self.wins(market) == [(1, "ana", 100)]
        assert self.odds(market) == {"answer 1": 2.0}
        assert self.result(market)["people"] == 1

    def test_it_lists_nobody_where_nobody_gained(self) -> None:
        even = self.market()
        self.bet(self.ana, even, 0, 100)
        self.bet(self.bo, even, 1, 50)
        self.step(even, "lock")
        self.settle(even, 0, 1)
        assert self.wins(even) == []
        assert self.result(even)["people"] == 2
        assert self.odds(even) == {"answer 1": 1.0, "answer 2": 1.0}
        off = self.market()
        self.bet(self.ana, off, 0, 100)
        self.step(off, "void", reason="Rain.")
        assert self.result(off) == {"top": [], "people": 0, "odds": []}

    def test_it_reads_as_often_for_many_as_for_few(self) -> None:
        crowd = [Caller(member(self.room, f"Eve {number}")) for number in range(9)]
        market = self.market()
        for number, who in enumerate(crowd):
            self.bet(who, market, 0, 10 + number)
        self.bet(self.ana, market, 1, 100)
        self.step(market, "lock")
        self.settle(market, 0)
        row = self.row(market)
        # The largest, their names, the sums by answer, the answers.
        with self.assertNumQueries(4):
            told = results.result_of(row)
        assert (len(told.top), told.people) == (3, 9)

    def test_it_says_nothing_before_the_end_nor_to_strangers_of_an_unlisted_room(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 100)
        self.bet(self.bo, market, 1, 100)
        path = f"markets/{market['id']}/result/"
        assert code_of(self.bo.ask("GET", path)) == "not_found"
        self.step(market, "lock")
        self.settle(market, 0)
        Room.objects.filter(pk=self.room.pk).update(visibility=Room.Visibility.UNLISTED)
        assert code_of(self.stranger.ask("GET", path)) == "not_found"
        assert self.bo.ask("GET", path).status_code == 200
