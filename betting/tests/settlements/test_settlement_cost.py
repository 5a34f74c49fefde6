"""What a host's step costs: calls to the bank, and reads of the market's row."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from betting.tests.banking import bank_commands
from betting.tests.evenings import Evening

# Everything that is asked of the bank on these ways; what Lua runs inside a call is not.
CALLS = ("fcall", "fcall_ro", "xrange", "xtrim")


class CostTests(Evening):
    """No clock runs here, so a step records by itself what it needs: the dearest case."""

    def backed(self) -> dict[str, Any]:
        """An open market with coins on both sides."""
        market = self.market()
        self.bet(self.ana, market, 0, 10)
        self.bet(self.bo, market, 1, 30)
        return market

    def cost(self, step: Callable[[], Any]) -> tuple[int, int]:
        """Take a step; its calls to the bank, and its reads of the market's row."""
        before = bank_commands()
        with CaptureQueriesContext(connection) as asked:
            assert step().status_code == 200
        after = bank_commands()
        calls = {name: after.get(name, 0) - before.get(name, 0) for name in CALLS}
        reads = sum(
            statement["sql"].startswith("SELECT") and "question" in statement["sql"]
            for statement in asked.captured_queries
        )
        # Each recording reads the rows that it changes, too.
        return sum(calls.values()), reads - calls["xrange"]

    def test_it_settles_with_four_calls_beside_the_payment(self) -> None:
        market = self.backed()
        self.step(market, "lock")
        calls, reads = self.cost(lambda: self.settle(market, 0))
        payments = 1
        assert calls - payments <= 4
        assert reads <= 2

    def test_it_calls_off_with_four_calls_beside_the_payment(self) -> None:
        market = self.backed()
        calls, reads = self.cost(lambda: self.step(market, "void", reason="Rain."))
        payments = 1
        assert calls - payments <= 4
        assert reads <= 2

    def test_it_locks_with_three_calls(self) -> None:
        market = self.backed()
        calls, reads = self.cost(lambda: self.step(market, "lock"))
        assert (calls, reads) == (3, 1)

    def test_it_opens_with_four_calls(self) -> None:
        draft = self.market(open=False)
        calls, reads = self.cost(lambda: self.step(draft, "open"))
        assert (calls, reads) == (4, 1)
