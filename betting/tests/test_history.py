"""What somebody sees of their coins: wallets, bets, the ledger, the leaderboard."""

from betting import bank
from betting.models import Correction, LedgerEntry
from betting.tests.evenings import Evening, code_of
from betting.wire.past import history


class HistoryTests(Evening):
    def play(self) -> dict[str, object]:
        """Ana wins 10 from bo with two bets."""
        market = self.market()
        self.bet(self.ana, market, 0, 10)
        self.bet(self.ana, market, 0, 5)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        self.settle(market, 0)
        return market

    def test_it_tells_who_one_is_and_what_one_has(self) -> None:
        me = self.ana.ask("GET", "auth/me/").json()
        user = {"id": self.users[0].pk, "nickname": "ana", "is_guest": True}
        assert me == {"user": user, "wallets": [{"club": "main", "coins": 1000}]}

    def test_it_lists_bets_with_what_each_brought(self) -> None:
        self.play()
        answer = self.ana.ask("GET", "me/bets/").json()
        assert answer["next"] is None
        newest, oldest = answer["results"]
        assert (newest["stake"], newest["payout"]) == (5, 8)
        assert (oldest["stake"], oldest["payout"]) == (10, 17)
        assert (oldest["status"], oldest["question"]) == ("settled", "What happens next?")
        (lost,) = self.bo.ask("GET", "me/bets/").json()["results"]
        assert lost["payout"] == 0
        market = self.market()
        self.bet(self.bo, market, 0, 1)
        assert self.bo.ask("GET", "me/bets/").json()["results"][0]["payout"] is None

    def test_it_lists_every_movement_signed_with_the_wallet_after(self) -> None:
        market = self.play()
        told = self.ana.ask("GET", "me/ledger/").json()["results"]
        figures = [(line["kind"], line["coins"], line["after"]) for line in told]
        assert figures == [
            ("payout", 25, 1010), ("bet", -5, 985), ("bet", -10, 990), ("grant", 1000, 1000),
        ]  # fmt: skip
        assert told[0]["market"] == market["id"] and told[-1]["reason"] == "welcome"
        off = self.market()
        self.bet(self.bo, off, 0, 1)
        self.step(off, "void", reason="Rain.")
        assert self.bo.ask("GET", "me/ledger/").json()["results"][0]["reason"] == "void"

    def test_it_cuts_pages_that_new_entries_do_not_shift(self) -> None:
        market = self.market()
        with self.settings(LIMITS_SCALE=1000):
            for stake in range(1, 56):
                bet = bank.Bet(
                    user_id=self.users[2].pk,
                    bet_id=f"b{stake}",
                    outcome_id=market["outcomes"][0]["id"],
                    stake_coins=stake % 3 + 1,
                    expires_at_ms=bank.ask_time_ms() + 5000,
                )
                call = bank.place_bets(self.room.club_id, self.room.pk, market["id"], [bet])
                bank.run(call)
        first = self.cy.ask("GET", "me/bets/").json()
        self.bet(self.cy, market, 0, 1)
        second = self.cy.ask("GET", first["next"].removeprefix("/api/")).json()
        ids = [line["bet_id"] for line in first["results"] + second["results"]]
        assert ids == [f"b{stake}" for stake in range(55, 0, -1)]
        assert second["next"] is None
        assert code_of(self.cy.ask("GET", "me/bets/?before=x")) == "malformed"

    def test_it_ranks_by_what_was_won_in_decided_markets(self) -> None:
        self.play()
        undecided = self.market()
        self.bet(self.cy, undecided, 0, 900)
        board = self.bo.ask("GET", f"rooms/{self.room.code}/leaderboard/").json()
        nets = [(line["rank"], line["nickname"], line["net"]) for line in board["top"]]
        assert nets == [(1, "ana", 10), (2, "bo", -10)]
        assert board["me"] == {"rank": 2, "net": -10}
        board = self.cy.ask("GET", f"rooms/{self.room.code}/leaderboard/").json()
        assert board["me"] is None

    def test_it_shares_a_positions_payout_to_the_last_coin(self) -> None:
        bets = [LedgerEntry(pk=number, coins=coins) for number, coins in ((1, 3), (2, 3), (3, 4))]
        assert history._shared(bets, 17) == {1: 6, 2: 5, 3: 6}

    def test_it_shows_an_operators_reason(self) -> None:
        club = self.room.club
        Correction.objects.create(
            command="correction:1", club=club, user=self.users[0], kind="burn", coins=7,
            reason="A double payout.", at_ms=1, seq=1,
        )  # fmt: skip
        bank.run(bank.burn(club.pk, self.users[0].pk, 7, "correction:1"))
        line = self.ana.ask("GET", "me/ledger/").json()["results"][0]
        assert (line["kind"], line["coins"], line["reason"]) == ("burn", -7, "A double payout.")
