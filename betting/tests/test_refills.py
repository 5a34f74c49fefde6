"""Refills: for those who have next to nothing and nothing at stake, and not too often."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from betting import bank, ledger
from betting.audit.reconcile import reconcile
from betting.models import LedgerEntry
from betting.tests.evenings import Evening, code_of
from rooms.models import Club
from rooms.tests.people import Caller

DAY_MS = 86_400_000


class RefillTests(Evening):
    def refill(self, who: Caller | None = None, **body: Any) -> Any:
        return (who or self.ana).ask("POST", "me/refill/", body)

    def lose(self, coins: int, outcome: int = 1) -> None:
        """Ana loses coins to bo, who bets less than she does."""
        market = self.market()
        self.bet(self.ana, market, 0, coins)
        self.bet(self.bo, market, 1, 1)
        self.step(market, "lock")
        self.settle(market, outcome)

    def move_back(self, by_ms: int) -> None:
        """Let the refills of ana have been earlier."""
        key, ana = bank.Keys(self.room.club_id).refills, self.users[0].pk
        count, *times = bank.command("HGET", key, ana).split()
        earlier = [str(int(at_ms) - by_ms) for at_ms in times]
        bank.command("HSET", key, ana, " ".join([count, *earlier]))

    def test_it_gives_somebody_broke_200_coins_as_a_grant_of_the_journal(self) -> None:
        self.lose(995)
        answer = self.refill()
        assert answer.status_code == 200
        assert answer.json()["coins"] == self.coins(self.ana) == 205
        assert 890_000 < answer.json()["next_at_ms"] - bank.ask_time_ms() <= 900_000
        ledger.record_all(self.room.club_id)
        entry = LedgerEntry.objects.filter(user_id=self.users[0].pk, kind="grant").latest("seq")
        assert (entry.coins, entry.wallet_after) == (200, 205)
        assert entry.command == f"refill:{self.users[0].pk}:1"
        assert self.ana.ask("GET", "me/ledger/").json()["results"][0]["reason"] == "refill"

    def test_it_answers_the_same_when_it_is_asked_again(self) -> None:
        self.lose(1000)
        first, again = self.refill(), self.refill()
        assert (again.status_code, again.json()) == (200, first.json())
        assert self.coins(self.ana) == 200

    def test_it_gives_once_when_it_is_asked_twice_at_once(self) -> None:
        self.lose(1000)
        club, ana = self.room.club_id, self.users[0].pk
        given = bank.Allowance(coins=200, below_coins=10, every_ms=900_000, per_day=5)
        call = bank.refill(club, ana, [], given)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: bank.run(call), range(2)))
        assert [isinstance(answer, bank.Refilled) for answer in answers] == [True, True]
        assert self.coins(self.ana) == 200

    def test_it_gives_nothing_to_those_who_can_play(self) -> None:
        answer = self.refill()
        assert (answer.status_code, code_of(answer)) == (409, "not_broke")
        self.lose(990)
        assert code_of(self.refill()) == "not_broke"
        self.lose(1)
        assert self.refill().status_code == 200

    def test_it_gives_nothing_while_coins_are_on_a_question_that_is_not_paid(self) -> None:
        market = self.market()
        self.bet(self.ana, market, 0, 1000)
        self.bet(self.bo, market, 1, 1)
        assert code_of(self.refill()) == "not_broke"
        self.step(market, "lock")
        assert code_of(self.refill()) == "not_broke"
        self.settle(market, 1)
        assert self.refill().status_code == 200

    def test_it_gives_the_next_after_a_quarter_of_an_hour(self) -> None:
        self.lose(1000)
        next_at_ms = self.refill().json()["next_at_ms"]
        self.lose(200)
        early = self.refill()
        assert (early.status_code, code_of(early)) == (429, "too_fast")
        assert 890 <= int(early["Retry-After"]) <= 900
        assert early.json()["error"]["detail"] == {"next_at_ms": next_at_ms}
        self.move_back(900_000)
        assert self.refill().status_code == 200

    def test_it_gives_five_in_a_day_and_no_sixth(self) -> None:
        self.lose(1000)
        for _ in range(5):
            last = self.refill()
            assert last.status_code == 200
            self.lose(200)
            self.move_back(900_000)
        sixth = self.refill()
        assert code_of(sixth) == "too_fast"
        assert int(sixth["Retry-After"]) > 900
        self.move_back(DAY_MS)
        assert self.refill().status_code == 200

    def test_it_follows_what_the_club_says(self) -> None:
        Club.objects.filter(pk=self.room.club_id).update(
            refill_below_coins=501, refill_coins=7, refill_every_s=0, refills_per_day=2
        )
        self.lose(500)
        assert self.refill().json()["coins"] == 507
        self.lose(7)
        assert self.refill(club="main").json()["coins"] == 507

    def test_it_knows_no_other_club_and_no_stranger(self) -> None:
        assert code_of(self.refill(club="nowhere")) == "not_found"
        assert code_of(self.refill(club=1)) == "malformed"
        assert code_of(self.refill(coins=10)) == "malformed"
        assert code_of(self.refill(Caller())) == "sign_in"

    def test_it_lifts_nobody_on_the_leaderboard(self) -> None:
        self.lose(1000)
        before = self.ana.ask("GET", f"rooms/{self.room.code}/leaderboard/").json()["me"]
        self.refill()
        after = self.ana.ask("GET", f"rooms/{self.room.code}/leaderboard/").json()["me"]
        assert before == after
        assert reconcile(self.room.club_id, deep=True).is_green
