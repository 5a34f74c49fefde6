"""The evening of a room: standings, podium and rounds, and who may see them."""

import csv
import io
from typing import Any

from betting.tests.evenings import Evening, code_of
from rooms import opening
from rooms.models import Membership
from rooms.tests.people import Caller, member, somebody

FIGURES = ("rank", "nickname", "net")


class EveningTests(Evening):
    @property
    def path(self) -> str:
        return f"rooms/{self.room.code}/evening/"

    def told(self, who: Caller | None = None) -> dict[str, Any]:
        answer = (who or self.ana).ask("GET", self.path)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def play(self, *, stakes: tuple[int, int, int], winner: int, question: str) -> dict[str, Any]:
        """Ana and bo bet on the first answer, cy on the second."""
        market = self.market(question=question)
        for who, place, coins in zip((self.ana, self.bo, self.cy), (0, 0, 1), stakes, strict=True):
            self.bet(who, market, place, coins)
        self.step(market, "lock")
        self.settle(market, winner)
        return market

    def test_it_tells_standings_podium_and_rounds(self) -> None:
        first = self.play(stakes=(10, 30, 80), winner=0, question="One?")
        second = self.play(stakes=(20, 30, 50), winner=1, question="Two?")
        off = self.market(question="Off?")
        self.bet(self.ana, off, 0, 5)
        self.step(off, "void", reason="Rain.")
        told = self.told()
        lines = [tuple(line[name] for name in FIGURES) for line in told["standings"]]
        assert lines == [(1, "bo", 30), (2, "ana", 0), (3, "cy", -30)]
        assert told["people"] == 3 and told["code"] == self.room.code
        podium = told["podium"]
        assert [line["nickname"] for line in podium["first"]] == ["bo"]
        won, lost = podium["biggest_win"], podium["unluckiest"]
        assert (won["nickname"], won["net"], won["market"]) == ("bo", 60, first["id"])
        assert (lost["nickname"], lost["net"], lost["question"]) == ("cy", -80, "One?")
        shot = podium["longest_odds"]
        assert (shot["nickname"], shot["answer"], shot["odds"]) == ("bo", "answer 1", 3.0)
        rounds = [(one["market"], one["winners"], one["coins"]) for one in told["rounds"]]
        assert rounds == [
            (off["id"], [], 5), (second["id"], ["answer 2"], 100), (first["id"], ["answer 1"], 120),
        ]  # fmt: skip

    def test_it_is_empty_before_the_first_result(self) -> None:
        self.market(open=False, question="Secret?")
        blind = self.market(blind=True, question="Blind?")
        self.bet(self.ana, blind, 0, 617)
        for who in (self.ana, self.host):
            told = self.told(who)
            assert told["standings"] == told["rounds"] == [] and told["people"] == 0
            nobody = {"biggest_win": None, "longest_odds": None, "unluckiest": None}
            assert told["podium"] == {"first": [], **nobody}

    def test_it_shows_members_and_refuses_all_others_unless_it_is_public(self) -> None:
        banned = member(self.room, "dora")
        Membership.objects.filter(user=banned).update(state="banned")
        gone = Caller(member(self.room, "emil"))
        gone.ask("POST", f"rooms/{self.room.code}/leave/")
        operator = somebody("Opa")
        operator.is_staff = operator.is_superuser = True
        operator.save()
        refused = {
            "sign_in": Caller(), "not_member": self.stranger, "forbidden": Caller(banned),
        }  # fmt: skip
        for code, who in refused.items():
            assert code_of(who.ask("GET", self.path)) == code
            assert code_of(who.ask("GET", self.path + "?format=csv")) == code
        assert code_of(gone.ask("GET", self.path)) == "not_member"
        for who in (self.host, self.ana, Caller(operator)):
            assert self.told(who)["rounds"] == []
        room = f"rooms/{self.room.code}/"
        assert code_of(self.ana.ask("PATCH", room, {"evening_public": True})) == "forbidden"
        assert code_of(self.host.ask("PATCH", room, {"evening_public": "yes"})) == "malformed"
        assert self.host.ask("PATCH", room, {"evening_public": True}).json()["evening_public"]
        for who in (*refused.values(), gone):
            assert self.told(who)["rounds"] == []
        self.host.ask("PATCH", room, {"evening_public": False})
        assert code_of(self.stranger.ask("GET", self.path)) == "not_member"

    def test_it_stays_when_the_room_has_ended(self) -> None:
        self.play(stakes=(10, 30, 80), winner=0, question="One?")
        self.told()
        opening.end_room(self.room)
        told = self.told()
        change = {"evening_public": True}
        assert code_of(self.host.ask("PATCH", f"rooms/{self.room.code}/", change)) == "ok"
        both = change | {"title": "Too late"}
        assert code_of(self.host.ask("PATCH", f"rooms/{self.room.code}/", both)) == "room_ended"
        assert self.told(Caller())["people"] == 3
        self.host.ask("PATCH", f"rooms/{self.room.code}/", {"evening_public": False})
        assert (told["status"], told["standings"][0]["nickname"]) == ("ended", "bo")
        with self.assertNumQueries(3):
            self.told()

    def test_it_hides_an_unlisted_room_unless_its_evening_is_public(self) -> None:
        opening.change_room(self.room, visibility="unlisted")
        assert code_of(Caller().ask("GET", self.path)) == "not_found"
        opening.change_room(self.room, evening_public=True)
        assert self.told(Caller())["title"] == "Snail Derby"

    def test_it_is_a_file_that_no_spreadsheet_takes_for_a_formula(self) -> None:
        self.play(stakes=(10, 30, 80), winner=0, question="=1+1")
        answer = self.ana.ask("GET", self.path + "?format=csv")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert f"{self.room.code}-evening.csv" in answer["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        parts = ["standing"] * 3 + ["biggest_win", "unluckiest", "longest_odds", "round"]
        assert [row["part"] for row in rows] == parts
        assert (rows[0]["name"], rows[0]["net"], rows[2]["net"]) == ("bo", "60", "-80")
        assert (rows[-1]["question"], rows[-1]["coins"]) == ("'=1+1", "120")
        assert code_of(self.ana.ask("GET", self.path + "?format=pdf")) == "malformed"
        assert code_of(Caller().ask("GET", self.path + "?format=csv")) == "sign_in"
