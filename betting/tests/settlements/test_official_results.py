"""Unofficial results over HTTP: named, shown, changed, withdrawn, official, paid."""

from typing import Any

from django.test import override_settings

from betting import bank, ledger
from betting.models import Market
from betting.tests.evenings import Evening, code_of
from rooms.models import Membership
from rooms.tests.people import Caller, member


class OfficialResultsTests(Evening):
    def room_fields(self) -> dict[str, Any]:
        return {"official_after_s": 30}

    def locked(self, **fields: Any) -> dict[str, Any]:
        """Ana has 30 on the first answer, bo 10 on the second, and nobody bets any more."""
        market = self.market(3, **fields)
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        return market

    def cohost(self) -> Caller:
        return Caller(member(self.room, "Coco", Membership.Role.COHOST))

    def shown(self, market: dict[str, Any], who: Caller | None = None) -> dict[str, Any]:
        return dict((who or self.ana).ask("GET", f"markets/{market['id']}/").json())

    def test_it_shows_everybody_the_result_and_what_it_will_pay_and_pays_nobody(self) -> None:
        market = self.locked()
        answer = self.settle(market, 0)
        assert answer.status_code == 202
        told = answer.json()
        assert (told["status"], told["paying"], told["winners"]) == ("locked", False, None)
        official = told["official"]
        assert official["winners"] == [market["outcomes"][0]["id"]]
        assert official["happened_at_ms"] is None
        assert official["by"] == {"id": self.host_user.pk, "nickname": "Hana"}
        assert 25_000 < official["official_at_ms"] - bank.ask_time_ms() <= 30_000
        assert official["would_be"] == {
            "status": "settled", "reason": None, "people": 1, "paid": 40, "refunded": 0,
        }  # fmt: skip
        assert self.shown(market)["official"] == official
        assert self.coins(self.ana) == 970

    def test_it_says_beforehand_that_a_result_will_refund(self) -> None:
        market = self.locked()
        would_be = self.settle(market, 2).json()["official"]["would_be"]
        assert (would_be["status"], would_be["reason"]) == ("void", "no_winner")
        assert (would_be["paid"], would_be["refunded"]) == (0, 40)

    def test_it_takes_another_result_and_begins_the_time_anew(self) -> None:
        market = self.locked()
        first = self.settle(market, 0).json()["official"]
        self.assertEqual(self.settle(market, 0).json()["official"], first)
        second = self.settle(market, 1).json()
        assert second["official"]["winners"] == [market["outcomes"][1]["id"]]
        assert second["official"]["official_at_ms"] >= first["official_at_ms"]
        assert second["official"]["would_be"]["paid"] == 40
        self.settle(market, 0)
        self.settle(market, 1)
        refused = self.settle(market, 0)
        assert (refused.status_code, code_of(refused)) == (409, "already_decided")
        assert "three times" in refused.json()["error"]["message"]

    def test_it_withdraws_a_result_and_the_question_is_locked_as_before(self) -> None:
        market = self.locked()
        self.settle(market, 0)
        answer = self.step(market, "withdraw", self.cohost())
        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["official"]) == ("locked", None)
        assert self.step(market, "withdraw").status_code == 200
        row = self.row(market)
        assert (row.status, row.official_at_ms, row.decide_seq) == ("locked", None, None)

    def test_it_lets_only_those_who_run_the_room_and_hold_nothing_say_the_result(self) -> None:
        market = self.locked()
        self.settle(market, 0)
        assert code_of(self.step(market, "withdraw", self.bo)) == "forbidden"
        Membership.objects.filter(room=self.room, user=self.users[0]).update(role="cohost")
        assert code_of(self.step(market, "withdraw", self.ana)) == "holder_may_not_settle"
        winners = [market["outcomes"][1]["id"]]
        answer = self.step(market, "settle", self.ana, winners=winners)
        assert code_of(answer) == "holder_may_not_settle"
        assert code_of(self.step(market, "withdraw", Caller())) == "sign_in"

    def test_it_withdraws_nothing_where_nothing_can_stand(self) -> None:
        draft = self.market(open=False)
        assert code_of(self.step(draft, "withdraw")) == "market_not_open"
        market = self.market()
        assert code_of(self.step(market, "withdraw")) == "market_not_locked"
        self.step(market, "void", reason="no")
        assert code_of(self.step(market, "withdraw")) == "already_decided"
        assert code_of(self.step(market, "withdraw", why="so")) == "malformed"

    def test_it_announces_a_void_and_forgets_its_words_with_it(self) -> None:
        market = self.locked()
        answer = self.step(market, "void", reason="It rains.")
        assert answer.status_code == 202
        told = answer.json()
        assert (told["status"], told["reason_text"]) == ("locked", "It rains.")
        assert (told["official"]["winners"], told["official"]["happened_at_ms"]) == ([], None)
        would_be = told["official"]["would_be"]
        assert (would_be["status"], would_be["reason"], would_be["refunded"]) == (
            "void",
            "void",
            40,
        )
        told = self.settle(market, 0).json()
        assert (told["reason_text"], len(told["official"]["winners"])) == ("", 1)

    def test_it_voids_a_question_without_coins_at_once(self) -> None:
        market = self.market()
        answer = self.step(market, "void", reason="Nobody is here.")
        assert (answer.status_code, answer.json()["status"]) == (200, "void")

    def test_it_previews_as_before_while_a_result_stands(self) -> None:
        market = self.locked()
        self.settle(market, 0)
        seq = bank.head(self.room.club_id).seq
        told = self.settle(market, 1, preview=True)
        assert (told.status_code, told.json()["payouts"][0]["payout"]) == (200, 40)
        assert bank.head(self.room.club_id).seq == seq

    def test_it_ends_no_room_with_an_unofficial_result(self) -> None:
        market = self.locked()
        self.settle(market, 0)
        assert code_of(self.host.ask("POST", f"rooms/{self.room.code}/end/")) == "market_undecided"

    def test_it_decides_at_once_in_a_room_that_waits_for_nothing(self) -> None:
        market = self.locked()
        path = f"rooms/{self.room.code}/"
        changed = self.host.ask("PATCH", path, {"official_after_s": 0})
        assert changed.json()["official_after_s"] == 0
        answer = self.settle(market, 0)
        assert (answer.status_code, answer.json()["status"]) == (200, "settled")
        assert answer.json()["official"] is None
        assert code_of(self.step(market, "withdraw")) == "already_decided"

    @override_settings(LIMITS_SCALE=1000)
    def test_it_waits_fifteen_seconds_unless_told_otherwise_and_no_other_time(self) -> None:
        room = {"title": "Evening", "visibility": "public"}
        assert self.host.ask("POST", "rooms/", room).json()["official_after_s"] == 15
        for seconds in (0, 15, 30, 60, 120):
            told = {"title": f"Evening {seconds}", "official_after_s": seconds}
            made = self.host.ask("POST", "rooms/", room | told)
            assert made.json()["official_after_s"] == seconds
        for nonsense in (14, -1, "15", True, 15.0, None):
            made = self.host.ask("POST", "rooms/", room | {"official_after_s": nonsense})
            assert code_of(made) == "malformed", nonsense
        changed = self.ana.ask("PATCH", f"rooms/{self.room.code}/", {"official_after_s": 60})
        assert code_of(changed) == "forbidden"

    def test_it_keeps_what_was_said_when_and_by_whom_in_the_ledger(self) -> None:
        market = self.locked()
        self.settle(market, 0)
        self.step(market, "withdraw")
        self.settle(market, 1)
        ledger.record_all(self.room.club_id)
        row = Market.objects.get(pk=market["id"])
        assert row.official_at_ms is not None
        marks = ledger.read(self.room.club_id, row.version)
        told = [entry.kind for page in marks for entry in page if entry.market_id == row.pk]
        assert told[-4:] == ["lock", "result", "withdraw", "result"]
