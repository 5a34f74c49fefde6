"""The questions of a room as programs list them."""

from typing import Any
from unittest import mock

from django.test import Client

from betting import bank
from betting.tests.evenings import Evening, code_of
from betting.wire import market_lists
from rooms.keys import narrow_keys
from rooms.models import Room


class MarketListTests(Evening):
    def listed(self, who: Any, query: str = "") -> list[int]:
        answer = who.ask("GET", f"rooms/{self.room.code}/markets/{query}")
        assert answer.status_code == 200, answer.content
        return [market["id"] for market in answer.json()["results"]]

    def test_it_lists_the_running_ones_the_newest_first_and_others_by_their_status(self) -> None:
        off = self.market()["id"]
        self.step({"id": off}, "void", reason="Fog")
        locked, opened = self.market(min_bettors=2), self.market()
        self.bet(self.ana, locked, 0, 30)
        self.bet(self.bo, locked, 1, 10)
        self.step(locked, "lock")
        self.market(open=False)
        expected = {
            "": [opened["id"], locked["id"]], "?status=running": [opened["id"], locked["id"]],
            "?status=open": [opened["id"]], "?status=locked": [locked["id"]],
            "?status=void": [off], "?status=settled": [],
            f"?before={opened['id']}": [locked["id"]],
        }  # fmt: skip
        for who in (self.host, self.ana, self.stranger):
            assert {query: self.listed(who, query) for query in expected} == expected
        path = f"rooms/{self.room.code}/markets/"
        for query in ("?status=draft", "?status=", "?state=open"):
            said = code_of(self.host.ask("GET", path + query))
            assert said == ("ok" if query == "?status=" else "malformed"), query

    def test_it_tells_what_was_decided_a_moment_ago(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        assert self.listed(self.ana) == [market["id"]]
        self.settle(market, 0)
        assert (self.listed(self.ana), self.listed(self.ana, "?status=settled")) == (
            [], [market["id"]],
        )  # fmt: skip
        bank.run(bank.forget(self.room.club_id, market["id"]))
        [shown] = self.ana.ask("GET", f"rooms/{self.room.code}/markets/?status=settled").json()[
            "results"
        ]
        alone = self.stranger.ask("GET", f"markets/{market['id']}/").json()
        assert shown == alone

    def test_it_goes_on_page_by_page(self) -> None:
        ids = [self.market()["id"] for _ in range(3)]
        for market_id in ids:
            self.step({"id": market_id}, "void", reason="Fog")
        path, seen = f"rooms/{self.room.code}/markets/?status=void", []
        with mock.patch.object(market_lists, "PER_PAGE", 2):
            while path:
                page = self.ana.ask("GET", path.removeprefix("/api/")).json()
                seen.append([market["id"] for market in page["results"]])
                path = page["next"]
        assert seen == [[ids[2], ids[1]], [ids[0]]]

    def test_it_hides_from_a_reader_what_the_question_itself_hides(self) -> None:
        blind = self.market(blind=True)
        self.bet(self.ana, blind, 0, 30)
        told = [
            who.ask("GET", f"rooms/{self.room.code}/markets/").json()["results"][0]
            for who in (self.host, self.ana)
        ]
        assert [market["coins"] for market in told] == [30, None]
        assert told[1]["outcomes"][0]["coins"] is None

    def test_it_is_open_to_a_key_that_reads_and_closed_to_strangers_of_an_unlisted_room(
        self,
    ) -> None:
        market = self.market()
        Room.objects.filter(pk=self.room.pk).update(visibility="unlisted")
        assert code_of(self.stranger.ask("GET", f"rooms/{self.room.code}/markets/")) == "not_found"
        _key, text = narrow_keys.make(
            self.host_user, self.room, name="Bot", rights=["read"], days=1
        )
        program = Client(HTTP_AUTHORIZATION=f"Bearer {text}")
        answer = program.get(f"/api/rooms/{self.room.code}/markets/")
        assert [each["id"] for each in answer.json()["results"]] == [market["id"]]
