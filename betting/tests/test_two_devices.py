"""A host with two devices, or a co-host beside: two acts at once, one clear answer each."""

from typing import Any
from uuid import uuid4

from django.test import TransactionTestCase, override_settings

from accounts.tests.crowds import each_at_once
from betting.models import Market
from betting.tests.evenings import Story, code_of
from rooms.models import Membership, Room, RoomAct
from rooms.tests.people import Caller, member

Asked = tuple[str, str, dict[str, Any]]
# Which of two acts comes first is chance; each is tried so often.
ROUNDS = 3


@override_settings(ROOT_URLCONF="betting.tests.urls", LIMITS_SCALE=1000)
class TwoDevices(Story, TransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cohost = Caller(member(self.room, "Coco", Membership.Role.COHOST))
        self.at = f"rooms/{self.room.code}/"

    def both(self, one: Asked, other: Asked) -> tuple[str, str]:
        """Ask the one as host and the other as co-host at the same moment."""
        first, second = each_at_once(lambda: self.host.ask(*one), lambda: self.cohost.ask(*other))
        return code_of(first), code_of(second)

    def later(self, seconds: int) -> None:
        """A result becomes official after so many seconds."""
        Room.objects.filter(pk=self.room.pk).update(official_after_s=seconds)

    def locked(self) -> tuple[str, list[int]]:
        """A question with a bet on either side that takes no more; its path and its outcomes."""
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        return f"markets/{market['id']}/", [outcome["id"] for outcome in market["outcomes"]]

    def draft(self) -> str:
        question = f"What comes next? {uuid4()}"
        return f"markets/{self.market(question=question, open=False)['id']}/"

    def done(self, path: str) -> None:
        """Call a question off, so that the next may run."""
        assert code_of(self.host.ask("POST", f"{path}void/", {"reason": "Rain."})) == "ok"

    def test_it_opens_a_question_once(self) -> None:
        for _round in range(ROUNDS):
            path = self.draft()
            opening = ("POST", f"{path}open/", {})
            assert self.both(opening, opening) == ("ok", "ok")
            self.done(path)
        body = {"question": "Rain?", "outcomes": ["yes", "no"], "key": str(uuid4())}
        for answer in each_at_once(
            *[lambda: self.host.ask("POST", f"{self.at}markets/", body)] * 3
        ):
            assert answer.status_code == 201
        assert Market.objects.filter(question="Rain?").count() == 1

    def test_it_opens_or_removes_or_changes_what_is_prepared(self) -> None:
        for _round in range(ROUNDS):
            path = self.draft()
            told = self.both(("POST", f"{path}open/", {}), ("DELETE", path, {}))
            assert told in {("ok", "market_closed"), ("not_found", "ok")}, told
            if told[0] == "ok":
                self.done(path)
            path = self.draft()
            change = {"outcomes": [f"one {uuid4()}", "two"]}
            told = self.both(("POST", f"{path}open/", {}), ("PATCH", path, change))
            assert told in {("ok", "ok"), ("ok", "market_closed")}, told
            labels = [one["label"] for one in self.host.ask("GET", path).json()["outcomes"]]
            assert (labels == change["outcomes"]) == (told[1] == "ok")
            self.done(path)

    def test_it_locks_once(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        lock = ("POST", f"markets/{market['id']}/lock/", {})
        assert self.both(lock, lock) == ("ok", "ok")

    def test_it_pays_one_of_two_results_and_refuses_the_other(self) -> None:
        for _round in range(ROUNDS):
            path, (red, blue) = self.locked()
            told = self.both(
                ("POST", f"{path}settle/", {"winners": [red]}),
                ("POST", f"{path}settle/", {"winners": [blue]}),
            )
            assert sorted(told) == ["already_decided", "ok"], told
            paid = self.host.ask("GET", path).json()
            assert paid["winners"] == [(red, blue)[told.index("ok")]]
            path, (red, _blue) = self.locked()
            told = self.both(
                ("POST", f"{path}settle/", {"winners": [red]}),
                ("POST", f"{path}void/", {"reason": "Rain."}),
            )
            assert sorted(told) == ["already_decided", "ok"], told

    def test_it_pays_one_result_once_however_often_it_is_pressed(self) -> None:
        path, (red, _blue) = self.locked()
        settle = ("POST", f"{path}settle/", {"winners": [red]})
        assert self.both(settle, settle) == ("ok", "ok")
        assert self.coins(self.ana) == 1010

    def test_it_settles_while_another_withdraws(self) -> None:
        self.later(120)
        for _round in range(ROUNDS):
            path, (red, blue) = self.locked()
            self.host.ask("POST", f"{path}settle/", {"winners": [red]})
            change = ("POST", f"{path}settle/", {"winners": [blue]})
            assert self.both(change, ("POST", f"{path}withdraw/", {})) == ("ok", "ok")
            stands = self.host.ask("GET", path).json()
            assert stands["status"] == "locked"
            assert stands["official"] is None or stands["official"]["winners"] == [blue]
            # Nobody is stuck: the next says what holds.
            assert code_of(self.host.ask("POST", f"{path}settle/", {"winners": [red]})) == "ok"
            self.later(0)
            assert code_of(self.host.ask("POST", f"{path}withdraw/", {})) == "ok"
            self.done(path)
            self.later(120)

    def test_it_ends_the_room_or_opens_a_question(self) -> None:
        path = self.draft()
        told = self.both(("POST", f"{self.at}end/", {}), ("POST", f"{path}open/", {}))
        assert told in {("ok", "room_ended"), ("market_undecided", "ok")}, told
        if told[1] == "ok":
            self.done(path)
        end = ("POST", f"{self.at}end/", {})
        assert self.both(end, end) == ("ok", "ok")

    def test_it_ends_no_room_while_a_result_is_named(self) -> None:
        self.later(120)
        path, (red, _blue) = self.locked()
        settle = ("POST", f"{path}settle/", {"winners": [red]})
        assert self.both(("POST", f"{self.at}end/", {}), settle) == ("market_undecided", "ok")

    def test_it_sends_away_or_promotes_somebody(self) -> None:
        for user in self.users:
            at = f"{self.at}members/{user.pk}/"
            told = [
                code_of(answer)
                for answer in each_at_once(
                    lambda at=at: self.cohost.ask("POST", at, {"action": "remove"}),
                    lambda at=at: self.host.ask("POST", at, {"action": "make_cohost"}),
                )
            ]
            present = Membership.objects.get(room=self.room, user=user)
            # A co-host sends no co-host away.
            if told == ["forbidden", "ok"]:
                assert (present.state, present.role) == ("in", "cohost")
            else:
                assert told == ["ok", "not_member"], told
                assert (present.state, present.role) == ("removed", "player")
        assert RoomAct.objects.filter(room=self.room, what="remove").count() <= len(self.users)

    def test_it_pays_somebody_who_was_removed_with_an_open_bet(self) -> None:
        path, (red, _blue) = self.locked()
        at = f"{self.at}members/{self.users[0].pk}/"
        told = self.both(
            ("POST", at, {"action": "remove"}), ("POST", f"{path}settle/", {"winners": [red]})
        )
        assert told == ("ok", "ok")
        assert self.coins(self.ana) == 1010
