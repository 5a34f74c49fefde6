"""Two who share a nickname are told apart wherever betting names them."""

from betting.tests.evenings import Evening
from rooms.tests.people import Caller, member


class TwoOfOneName(Evening):
    def test_it_tells_them_apart_in_previews_and_on_the_board(self) -> None:
        second = member(self.room, "ana")
        market = self.market()
        self.bet(self.ana, market, 0, 40)
        self.bet(Caller(second), market, 0, 30)
        self.bet(self.bo, market, 1, 20)
        self.step(market, "lock")
        previewed = self.settle(market, 0, preview=True).json()["payouts"]
        names = {line["user"]: line["nickname"] for line in previewed}
        assert names == {self.users[0].pk: "ana", second.pk: "ana 2"}
        assert self.settle(market, 0).status_code in (200, 202)
        self.row(market)
        board = self.bo.ask("GET", f"rooms/{self.room.code}/leaderboard/").json()["top"]
        assert {line["nickname"] for line in board} == {"ana", "ana 2", "bo"}
