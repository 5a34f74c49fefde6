"""The life of a market over HTTP: who may, each refusal, twice, and what is paid."""

from unittest import mock
from uuid import uuid4

from betting import bank
from betting.models import Market
from betting.tests.evenings import Evening, code_of
from rooms.models import Membership, Room


class LifeTests(Evening):
    def test_it_opens_takes_bets_locks_and_pays_the_winners(self) -> None:
        market = self.market(3)
        assert market["status"] == "open" and market["version"] > 0
        for who, outcome, stake in ((self.ana, 0, 100), (self.bo, 0, 50), (self.cy, 1, 217)):
            assert self.bet(who, market, outcome, stake).status_code == 201
        locked = self.step(market, "lock").json()
        assert (locked["status"], locked["coins"], locked["bettors"]) == ("locked", 367, 3)
        assert [outcome["odds"] for outcome in locked["outcomes"]] == [2.44, 1.69, None]
        answer = self.settle(market, 0)
        assert answer.status_code == 200
        settled = answer.json()
        assert (settled["status"], settled["paying"]) == ("settled", False)
        assert settled["winners"] == [market["outcomes"][0]["id"]]
        settlement = settled["settlement"]
        assert (settlement["coins"], settlement["paid"], settlement["takeout"]) == (367, 367, 0)
        assert settlement["by"] == {"id": self.host_user.pk, "nickname": "Hana"}
        assert [self.coins(who) for who in (self.ana, self.bo, self.cy)] == [1145, 1072, 783]

    def test_it_tells_a_member_what_is_theirs(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        path = f"markets/{market['id']}/"
        mine = self.ana.ask("GET", path).json()["mine"]
        first = market["outcomes"][0]["id"]
        assert mine == {"positions": [{"outcome": first, "coins": 30}], "payout": None}
        assert "mine" not in self.stranger.ask("GET", path).json()
        self.step(market, "lock")
        self.settle(market, 0)
        assert self.ana.ask("GET", path).json()["mine"]["payout"] == 40
        bank.run(bank.forget(self.room.club_id, market["id"]))
        forgotten = self.ana.ask("GET", path).json()
        assert forgotten["mine"] == mine | {"payout": 40}
        assert (forgotten["coins"], forgotten["status"]) == (40, "settled")

    def test_it_gives_a_repeat_its_first_answer_though_the_right_has_gone(self) -> None:
        key, fresh = {"key": str(uuid4())}, {"key": str(uuid4())}
        membership = Membership.objects.filter(room=self.room, user=self.users[0])
        membership.update(role="cohost")
        path = f"rooms/{self.room.code}/markets/"
        body = {"question": "Rain?", "outcomes": ["Yes", "No"]}
        first = self.ana.ask("POST", path, body | key)
        assert first.status_code == 201
        membership.update(role="player")
        again = self.ana.ask("POST", path, body | key)
        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        assert code_of(self.ana.ask("POST", path, body | fresh)) == "forbidden"

    def test_it_keeps_the_rooms_count_of_undecided_questions(self) -> None:
        market = self.market()
        assert Room.objects.get(pk=self.room.pk).open_markets == 1
        refused = self.host.ask("POST", f"rooms/{self.room.code}/end/")
        assert code_of(refused) == "market_undecided"
        self.step(market, "void", reason="Rain.")
        assert Room.objects.get(pk=self.room.pk).open_markets == 0
        assert self.host.ask("POST", f"rooms/{self.room.code}/end/").status_code == 200

    def test_it_counts_a_question_whose_opening_was_cut_off(self) -> None:
        draft = self.market(open=False)
        with (
            mock.patch("rooms.access.set_open_markets", side_effect=[SystemExit]),
            self.assertRaises(SystemExit),
        ):
            self.step(draft, "open")
        assert Room.objects.get(pk=self.room.pk).open_markets == 0
        assert self.step(draft, "open").json()["status"] == "open"
        assert Room.objects.get(pk=self.room.pk).open_markets == 1

    def test_it_keeps_a_draft_until_it_is_opened(self) -> None:
        market = self.market(open=False)
        assert (market["status"], market["version"]) == ("draft", 0)
        assert code_of(self.bet(self.ana, market, 0, 10)) == "market_not_open"
        assert code_of(self.step(market, "lock")) == "market_not_open"
        assert code_of(self.settle(market, 0)) == "market_not_open"
        assert code_of(self.step(market, "void", reason="No.")) == "market_not_open"
        opened = self.step(market, "open").json()
        assert opened["status"] == "open"
        again = self.step(market, "open").json()
        assert again["opened_at_ms"] == opened["opened_at_ms"]
        assert self.bet(self.ana, market, 0, 10).status_code == 201

    def test_it_opens_three_questions_and_no_fourth(self) -> None:
        markets = [self.market() for _ in range(3)]
        body = {"question": "And now?", "outcomes": ["yes", "no"]}
        path = f"rooms/{self.room.code}/markets/"
        assert code_of(self.host.ask("POST", path, body)) == "too_many_markets"
        draft = self.market(open=False)
        assert code_of(self.step(draft, "open")) == "too_many_markets"
        self.step(markets[0], "lock")
        assert self.step(draft, "open").status_code == 200

    def test_it_makes_one_market_for_one_key(self) -> None:
        key = str(uuid4())
        first, again = self.market(key=key), self.market(key=key)
        assert first["id"] == again["id"]
        assert Market.objects.count() == 1

    def test_it_gives_everything_back_when_too_few_or_one_side_have_bet(self) -> None:
        alone, sided = self.market(), self.market()
        self.bet(self.ana, alone, 0, 10)
        self.bet(self.ana, sided, 1, 10)
        self.bet(self.bo, sided, 1, 10)
        for market, reason in ((alone, "too_small"), (sided, "one_sided")):
            answer = self.step(market, "lock").json()
            assert (answer["status"], answer["reason"]) == ("void", reason)
            assert code_of(self.settle(market, 0)) == "already_decided"
        assert self.coins(self.ana) == self.coins(self.bo) == 1000

    def test_it_calls_a_market_off_with_the_hosts_words(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 10)
        answer = self.step(market, "void", reason="  The snail   slept. ")
        assert answer.status_code == 200
        voided = answer.json()
        assert (voided["status"], voided["reason"]) == ("void", "void")
        assert voided["reason_text"] == "The snail slept."
        assert voided["settlement"]["refunded"] == {"void": 10}
        assert (
            self.step(market, "void", reason="Again.").json()["reason_text"] == "The snail slept."
        )
        assert code_of(self.settle(market, 0)) == "already_decided"
        assert self.coins(self.ana) == 1000


class DecisionTests(Evening):
    def locked(self) -> dict[str, object]:
        market = self.market(3)
        self.bet(self.ana, market, 0, 10)
        self.bet(self.bo, market, 1, 30)
        self.step(market, "lock")
        return market

    def test_it_needs_a_locked_market(self) -> None:
        assert code_of(self.settle(self.market(), 0)) == "market_not_locked"

    def test_it_lets_the_first_decision_stand(self) -> None:
        market = self.locked()
        first = self.settle(market, 0).json()
        assert self.settle(market, 0).json() == first
        assert code_of(self.settle(market, 1)) == "already_decided"
        assert code_of(self.step(market, "void", reason="No.")) == "already_decided"
        bank.run(bank.forget(self.room.club_id, market["id"]))
        assert self.settle(market, 0).json()["settlement"] == first["settlement"]
        assert code_of(self.settle(market, 1)) == "already_decided"
        assert code_of(self.step(market, "void", reason="No.")) == "already_decided"

    def test_it_refuses_nonsense(self) -> None:
        market = self.locked()
        first, stranger = market["outcomes"][0]["id"], self.market()["outcomes"][0]["id"]
        for winners in ([], [first, first], ["1"], [1.0], [True], None):
            assert code_of(self.step(market, "settle", winners=winners)) == "malformed"
        assert code_of(self.step(market, "settle", winners=[stranger])) == "no_such_outcome"
        for never_ms in (-1, 0, 5):
            assert code_of(self.settle(market, 0, happened_at_ms=never_ms)) == "malformed"
        assert code_of(self.settle(market, 0, happened_at_ms=9 * 10**12)) == "malformed"
        assert code_of(self.settle(market, 0, why="because")) == "malformed"

    def test_it_shows_what_a_decision_would_pay_and_changes_nothing(self) -> None:
        market = self.locked()
        shown = self.settle(market, 1, preview=True).json()
        assert shown["payouts"] == [
            {
                "user": self.users[1].pk,
                "nickname": "bo",
                "outcome": market["outcomes"][1]["id"],
                "stake": 30,
                "payout": 40,
            }
        ]
        assert shown["status"] == "locked" and not shown["paying"]
        assert self.settle(market, 0).status_code == 200

    def test_it_refunds_what_was_staked_after_it_happened(self) -> None:
        market = self.market(2, min_bettors=2)
        self.bet(self.ana, market, 0, 10)
        self.bet(self.bo, market, 1, 30)
        late = self.bet(self.cy, market, 1, 20).json()["at_ms"]
        self.step(market, "lock")
        happened = max(late, market["opened_at_ms"])
        answer = self.settle(market, 0, happened_at_ms=happened).json()
        assert answer["settlement"]["happened_at_ms"] == happened
        assert answer["settlement"]["refunded"].get("past_post", 0) >= 20
        assert self.coins(self.cy) == 1000

    def test_it_shows_winners_and_not_what_was_staked_too_late(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 5)
        honest = self.bet(self.bo, market, 1, 5).json()["at_ms"]
        while bank.ask_time_ms() <= honest + 1:
            pass
        for who in (self.ana, self.cy):
            late = self.bet(who, market, 0, 500).json()["at_ms"]
        assert late > honest + 1
        self.step(market, "lock")
        shown = self.settle(market, 0, happened_at_ms=honest + 1, preview=True).json()
        told = [(each["user"], each["stake"], each["payout"]) for each in shown["payouts"]]
        assert told == [(self.users[0].pk, 5, 10)]
        assert shown["would_be"]["refunded"] == 1000
        nobody = self.settle(market, 1, happened_at_ms=market["opened_at_ms"], preview=True).json()
        assert nobody["would_be"]["status"] == "void"
        assert sum(each["payout"] for each in nobody["payouts"]) == 1010

    def test_it_binds_whoever_holds_a_position(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 10)
        self.bet(self.bo, market, 1, 10)
        Membership.objects.filter(room=self.room, user=self.users[0]).update(role="cohost")
        self.step(market, "lock", self.ana)
        winners = [market["outcomes"][0]["id"]]
        for preview in (True, False):
            refused = self.step(market, "settle", self.ana, winners=winners, preview=preview)
            assert code_of(refused) == "holder_may_not_settle"
        refused = self.step(market, "void", self.ana, reason="No.")
        assert code_of(refused) == "holder_may_not_settle"


class PermissionTests(Evening):
    def test_it_lets_only_host_and_cohosts_run_markets(self) -> None:
        market = self.market()
        body = {"question": "Mine?", "outcomes": ["yes", "no"]}
        for who in (self.ana, self.stranger):
            made = who.ask("POST", f"rooms/{self.room.code}/markets/", body)
            assert code_of(made) == "forbidden"
            for step in ("open", "lock"):
                assert code_of(self.step(market, step, who)) == "forbidden"
            winners = [market["outcomes"][0]["id"]]
            assert code_of(self.step(market, "settle", who, winners=winners)) == "forbidden"
            assert code_of(self.step(market, "void", who, reason="No.")) == "forbidden"
        Membership.objects.filter(room=self.room, user=self.users[0]).update(role="cohost")
        assert self.step(market, "lock", self.ana).status_code == 200

    def test_it_hides_markets_of_an_unlisted_room_from_strangers(self) -> None:
        market = self.market()
        Room.objects.filter(pk=self.room.pk).update(visibility="unlisted")
        path = f"markets/{market['id']}/"
        assert code_of(self.stranger.ask("GET", path)) == "not_found"
        assert code_of(self.step(market, "lock", self.stranger)) == "not_found"
        assert code_of(self.bet(self.stranger, market, 0, 10)) == "not_found"
        assert code_of(self.ana.ask("GET", path)) == "ok"
        assert code_of(self.ana.ask("GET", "markets/999999/")) == "not_found"

    def test_it_refuses_what_no_market_can_be(self) -> None:
        path = f"rooms/{self.room.code}/markets/"
        good = {"question": "Who?", "outcomes": ["a", "b"]}
        for field, value in {
            "question": " ", "outcomes": ["a"], "closes_in_s": 9, "min_stake": 0,
            "max_stake": 10**12 + 1, "min_bettors": 0, "takeout_bp": 1001, "hedging": 1,
            "unresolved_after_s": 59, "open": "yes", "key": "k", "colour": "red",
        }.items():  # fmt: skip
            assert code_of(self.host.ask("POST", path, good | {field: value})) == "malformed", field
        for wrong in (
            {"question": "x" * 141}, {"outcomes": ["a"] * 2}, {"outcomes": ["a", "A"]},
            {"outcomes": [f"{n}" for n in range(11)]}, {"outcomes": ["a", "x" * 61]},
            {"min_stake": 10, "max_stake": 9}, {"closes_in_s": None}, {"key": None},
            {"min_bettors": None},
        ):  # fmt: skip
            assert code_of(self.host.ask("POST", path, good | wrong)) == "malformed", wrong
        assert self.host.ask("POST", path, good | {"max_stake": None}).json()["max_stake"] is None
