"""What a room has prepared: who knows of it, how it is changed, and when it opens by itself."""

from typing import Any
from uuid import uuid4

from betting import bank, ledger
from betting.actions import drafts
from betting.models import Market
from betting.tests.evenings import Evening, code_of
from betting.tests.scenario import FAR_MS
from rooms.models import Membership, Room
from rooms.tests.people import Caller, somebody

SECRET = "Who is let go tonight?"


class DraftCase(Evening):
    """A room whose results are official at once."""

    def room_fields(self) -> dict[str, Any]:
        return {"official_after_s": 0}

    def draft(self, question: str = SECRET, **fields: Any) -> dict[str, Any]:
        return self.market(question=question, open=False, **fields)

    def path(self, end: str = "") -> str:
        return f"rooms/{self.room.code}/drafts/{end}"

    def order(self) -> list[str]:
        listed = self.host.ask("GET", self.path()).json()["markets"]
        return [draft["question"] for draft in listed]

    def paid(self, market: dict[str, Any]) -> None:
        """Lock and settle, and let the journal be recorded and the clock look."""
        self.bet(self.ana, market, 0, 10)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        assert self.settle(market, 0).status_code == 200
        ledger.record_all(self.room.club_id)
        drafts.open_due()
        ledger.record_all(self.room.club_id)

    def status(self, market: dict[str, Any]) -> str:
        return str(Market.objects.get(pk=market["id"]).status)


class SightTests(DraftCase):
    def test_it_shows_a_draft_to_those_alone_who_run_the_room(self) -> None:
        draft = self.draft()
        cohost, moderator = self.users[1], self.users[2]
        members = Membership.objects.filter(room=self.room)
        members.filter(user=cohost).update(role=Membership.Role.COHOST)
        members.filter(user=moderator).update(role=Membership.Role.MODERATOR)
        staff = somebody("staff")
        staff.is_staff = True
        staff.save()
        path = f"markets/{draft['id']}/"
        for who in (self.host, Caller(cohost)):
            assert who.ask("GET", path).json()["question"] == SECRET
        for who in (self.ana, self.cy, self.stranger, Caller(staff)):
            for method, end in (("GET", ""), ("GET", "odds/"), ("GET", "result/"),
                                ("PATCH", ""), ("DELETE", ""), ("POST", "open/"),
                                ("POST", "duplicate/"), ("POST", "lock/")):  # fmt: skip
                assert code_of(who.ask(method, path + end)) == "not_found", (method, end)
            assert code_of(who.ask("GET", self.path())) == "forbidden"
            assert code_of(who.ask("GET", self.path("csv/"))) == "forbidden"

    def test_it_hides_an_unlisted_room_from_staff_without_the_permission(self) -> None:
        market = self.market()
        Room.objects.filter(pk=self.room.pk).update(visibility=Room.Visibility.UNLISTED)
        staff = somebody("staff")
        staff.is_staff = True
        staff.save()
        assert code_of(Caller(staff).ask("GET", f"markets/{market['id']}/")) == "not_found"


class ChangeTests(DraftCase):
    def test_it_changes_what_is_given_and_keeps_the_rest(self) -> None:
        draft = self.draft(closes_in_s=60, max_stake=50)
        path = f"markets/{draft['id']}/"
        body = {"question": "Who stays?", "outcomes": ["Ana", "Bo", "Cy"], "max_stake": None,
                "blind": True}  # fmt: skip
        changed = self.host.ask("PATCH", path, body).json()
        assert (changed["question"], changed["max_stake"]) == ("Who stays?", None)
        assert [outcome["label"] for outcome in changed["outcomes"]] == ["Ana", "Bo", "Cy"]
        assert changed["blind"] and changed["closes_in_s"] == 60
        opened = self.step(draft, "open").json()
        assert opened["question"] == "Who stays?" and opened["closes_at_ms"]

    def test_it_refuses_what_would_be_refused_at_the_making(self) -> None:
        path = f"markets/{self.draft(min_stake=10)['id']}/"
        for body in ({"question": ""}, {"outcomes": ["one"]}, {"outcomes": ["a", "A"]},
                     {"max_stake": 5}, {"blind": None}, {"key": str(uuid4())}):  # fmt: skip
            assert code_of(self.host.ask("PATCH", path, body)) == "malformed", body

    def test_it_changes_and_removes_nothing_that_was_opened(self) -> None:
        draft = self.draft()
        self.step(draft, "open")
        for method in ("PATCH", "DELETE"):
            assert code_of(self.host.ask(method, f"markets/{draft['id']}/")) == "market_closed"

    def test_it_removes_a_draft_once(self) -> None:
        draft = self.draft()
        path = f"markets/{draft['id']}/"
        assert self.host.ask("DELETE", path).status_code == 204
        assert code_of(self.host.ask("DELETE", path)) == "not_found"
        assert code_of(self.step(draft, "open")) == "not_found"

    def test_it_keeps_an_order_and_passes_over_what_is_gone(self) -> None:
        one, two, three = (self.draft(name) for name in ("one", "two", "three"))
        wanted = {"markets": [three["id"], 987_654, one["id"]]}
        assert self.host.ask("POST", self.path("order/"), wanted).status_code == 200
        assert self.order() == ["three", "one", "two"]
        twice = {"markets": [two["id"], two["id"]]}
        assert code_of(self.host.ask("POST", self.path("order/"), twice)) == "malformed"

    def test_it_duplicates_a_question_once_for_one_key(self) -> None:
        draft, key = self.draft("Heads?"), str(uuid4())
        first, again = (self.step(draft, "duplicate", key=key).json() for _ in range(2))
        assert first["id"] == again["id"]
        assert self.order() == ["Heads?", "Heads? (2)"]

    def test_it_prepares_no_two_questions_that_look_the_same(self) -> None:
        self.draft("Red?")
        other = self.draft("Blue?")
        body = {"question": "R\u0435d?", "outcomes": ["yes", "no"], "open": False}
        path = f"rooms/{self.room.code}/markets/"
        assert code_of(self.host.ask("POST", path, body)) == "malformed"
        change = {"question": "RED?"}
        assert code_of(self.host.ask("PATCH", f"markets/{other['id']}/", change)) == "malformed"
        assert self.order() == ["Red?", "Blue?"]

    def test_it_takes_no_two_answers_that_look_the_same(self) -> None:
        path = f"rooms/{self.room.code}/markets/"
        for pair in (["Red", "R\u0435d"], ["Paypal", "PaypaI"], ["❤", "❤\ufe0f"], ["O", "0"]):
            body = {"question": "Which?", "outcomes": pair, "open": False}
            assert code_of(self.host.ask("POST", path, body)) == "malformed", pair
        body = {"question": "Which?", "outcomes": ["Tail", "Tall"], "open": False}
        assert self.host.ask("POST", path, body).status_code == 201

    def test_it_copies_the_questions_of_an_earlier_room_of_mine(self) -> None:
        self.draft("one", blind=True)
        self.market(question="two")
        ledger.record_all(self.room.club_id)
        other = self.host.ask("POST", "rooms/", {"title": "Next", "visibility": "public"}).json()
        path = f"rooms/{other['code']}/drafts/copy/"
        told = self.host.ask("POST", path, {"room": self.room.code}).json()
        assert [(one["question"], one["blind"]) for one in told["markets"]] == [
            ("two", False), ("one", True),
        ]  # fmt: skip
        assert self.host.ask("POST", path, {"room": self.room.code}).json()["added"] == 0
        mine = self.ana.ask("POST", "rooms/", {"title": "Hers", "visibility": "public"}).json()
        hers = f"rooms/{mine['code']}/drafts/copy/"
        assert code_of(self.ana.ask("POST", hers, {"room": self.room.code})) == "not_found"


class FileTests(DraftCase):
    def test_it_reads_what_it_wrote(self) -> None:
        body = {"question": "=1+1?", "outcomes": ["+2", "너무, 많이"], "blind": True}
        body |= {"closes_in_s": 60, "open": False}
        self.host.ask("POST", f"rooms/{self.room.code}/markets/", body)
        text = self.host.ask("GET", self.path("csv/")).content.decode()
        assert "'=1+1?" in text
        other = self.host.ask("POST", "rooms/", {"title": "Next", "visibility": "public"}).json()
        told = self.host.ask("POST", f"rooms/{other['code']}/drafts/csv/", {"csv": text})
        assert told.status_code == 201, told.content
        (draft,) = told.json()["markets"]
        assert (draft["question"], draft["blind"], draft["closes_in_s"]) == ("=1+1?", True, 60)
        assert [outcome["label"] for outcome in draft["outcomes"]] == ["+2", "너무, 많이"]

    def test_it_names_each_wrong_line_and_takes_none(self) -> None:
        text = (
            "question,answer_1,answer_2,min_stake,blind\n"
            "Good?,yes,no,,\nBad?,yes,,,\n\nWorse?,a,b,ten,\nOdd?,a,a,,perhaps\nSame?,a,A,,\n"
        )
        told = self.host.ask("POST", self.path("csv/"), {"csv": text})
        lines = told.json()["error"]["detail"]["lines"]
        assert [(line["line"], line["field"]) for line in lines] == [
            (3, "answer_2"), (5, "min_stake"), (6, "blind"), (7, "outcomes"),
        ]  # fmt: skip
        assert self.order() == []
        for wrong in ("", "a,b\n1,2", "question,answer_1,answer_2,colour\n"):
            answer = self.host.ask("POST", self.path("csv/"), {"csv": wrong})
            assert code_of(answer) == "malformed", wrong


class OpenNextTests(DraftCase):
    def test_it_opens_the_next_once_the_one_before_is_final(self) -> None:
        first = self.market()
        second, third = self.draft("two", open_next=True), self.draft("three", open_next=True)
        drafts.open_due()
        assert self.status(second) == "draft"
        self.paid(first)
        assert (self.status(second), self.status(third)) == ("open", "draft")
        drafts.open_due()
        self.paid(second)
        assert self.status(third) == "open"

    def test_it_opens_none_because_one_was_removed_or_moved(self) -> None:
        first = self.market()
        second, third = self.draft("two"), self.draft("three", open_next=True)
        fourth = self.draft("four", open_next=True)
        self.paid(first)
        self.host.ask("DELETE", f"markets/{second['id']}/")
        drafts.open_due()
        assert self.status(third) == "draft"
        self.host.ask("POST", self.path("order/"), {"markets": [fourth["id"], third["id"]]})
        drafts.open_due()
        assert (self.status(third), self.status(fourth)) == ("draft", "draft")

    def test_it_opens_nothing_in_a_room_that_has_ended(self) -> None:
        first, second = self.market(), self.draft(open_next=True)
        self.step(first, "void", reason="Rain.")
        ledger.record_all(self.room.club_id)
        assert self.host.ask("POST", f"rooms/{self.room.code}/end/").status_code == 200
        drafts.open_due()
        assert self.status(second) == "draft"

    def test_it_waits_while_three_run(self) -> None:
        others = [self.market() for _ in range(2)]
        last, second = self.market(), self.draft(open_next=True)
        self.step(last, "void", reason="Rain.")
        ledger.record_all(self.room.club_id)
        extra = self.market()
        Market.objects.filter(pk=extra["id"]).update(opened_at_ms=1)
        drafts.open_due()
        assert self.status(second) == "draft"
        self.step(others[0], "void", reason="Rain.")
        ledger.record_all(self.room.club_id)
        Market.objects.filter(pk=extra["id"]).update(opened_at_ms=1)
        drafts.open_due()
        ledger.record_all(self.room.club_id)
        assert self.status(second) == "open"


class OddsTests(DraftCase):
    def test_it_tells_how_shares_moved(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 60)
        self.bet(self.ana, market, 0, 90)
        ledger.record_all(self.room.club_id)
        points = self.stranger.ask("GET", f"markets/{market['id']}/odds/").json()["points"]
        assert [point["shares"] for point in points] == [[10000, 0], [3333, 6666], [6666, 3333]]

    def test_it_thins_evenly_and_keeps_both_ends(self) -> None:
        market = self.market()
        for _ in range(203):
            bet = bank.Bet(
                user_id=self.users[0].pk, bet_id=str(uuid4()), stake_coins=1, expires_at_ms=FAR_MS,
                outcome_id=market["outcomes"][0]["id"],
            )  # fmt: skip
            bank.run(bank.place_bets(self.room.club_id, self.room.pk, market["id"], [bet]))
        self.bet(self.bo, market, 1, 203)
        ledger.record_all(self.room.club_id)
        points = self.host.ask("GET", f"markets/{market['id']}/odds/").json()["points"]
        assert len(points) == 200
        assert (points[0]["shares"], points[-1]["shares"]) == ([10000, 0], [5000, 5000])

    def test_it_tells_no_shares_of_a_blind_market_until_its_lock(self) -> None:
        market = self.market(blind=True)
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 60)
        ledger.record_all(self.room.club_id)
        path = f"markets/{market['id']}/odds/"
        assert len(self.host.ask("GET", path).json()["points"]) == 2
        assert self.ana.ask("GET", path).json()["points"] == []
        seen = self.ana.ask("GET", f"markets/{market['id']}/").json()
        assert (seen["coins"], seen["bettors"]) == (None, 2)
        assert {
            str(one[name]) for one in seen["outcomes"] for name in ("coins", "heads", "odds")
        } == {"None"}
        assert seen["mine"]["positions"][0]["coins"] == 30
        self.step(market, "lock")
        assert self.ana.ask("GET", f"markets/{market['id']}/").json()["coins"] == 90
        assert len(self.ana.ask("GET", path).json()["points"]) == 2
