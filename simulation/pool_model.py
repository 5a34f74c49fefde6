"""A plain reading of the pool rules, to hold the bank and the payouts against.

Written from the rules alone: fractions instead of whole numbers, nothing shared with the product.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

Stakes = dict[tuple[int, int], int]

# Who bets, on which outcome, how much, and when.
Bet = tuple[int, int, int, int]


def split_late(bets: Iterable[Bet], happened_at_ms: int, delay_s: int = 0) -> tuple[Stakes, Stakes]:
    """The stakes that count, and those that came when it had happened (rule 7).

    Whoever saw it on a stream saw it `delay_s` late: who was there could bet on it all the while.
    """
    counting: Stakes = {}
    late: Stakes = {}
    for user, outcome, coins, at_ms in bets:
        is_late = happened_at_ms and at_ms + 1000 * delay_s >= happened_at_ms
        stakes = late if is_late else counting
        stakes[user, outcome] = stakes.get((user, outcome), 0) + coins
    return counting, late


@dataclass
class PoolMarket:
    """A question as the rules know it; `stakes` in the order of each position's first bet."""

    outcomes: list[int]
    min_stake: int
    max_stake: int
    hedging: bool
    takeout_bp: int
    min_bettors: int
    status: str = "open"
    is_held: bool = False
    stakes: Stakes = field(default_factory=dict)
    result: tuple[str, tuple[int, ...]] | None = None
    namings: int = 0
    decision: tuple[str, tuple[int, ...]] | None = None

    @property
    def pool(self) -> int:
        return sum(self.stakes.values())

    def on(self, outcome: int) -> int:
        return sum(coins for (_, on), coins in self.stakes.items() if on == outcome)

    def of(self, user: int) -> dict[int, int]:
        return {on: coins for (who, on), coins in self.stakes.items() if who == user}

    @property
    def bettors(self) -> set[int]:
        return {user for user, _ in self.stakes}

    def why_not(self, user: int, outcome: int, stake: int, coins: int) -> str:
        """The refusal of a bet on a market that the bank knows, or "" (rules 6 and 8)."""
        held = self.of(user)
        if self.status != "open":
            return "market_closed"
        if self.is_held:
            return "frozen"
        if outcome not in self.outcomes:
            return "no_such_outcome"
        if held and outcome not in held and not self.hedging:
            return "other_outcome_taken"
        if stake < self.min_stake:
            return "stake_below_minimum"
        if self.max_stake and sum(held.values()) + stake > self.max_stake:
            return "stake_above_maximum"
        return "not_enough_coins" if coins < stake else ""

    def coins_back(self) -> tuple[str, dict[tuple[int, int], int]]:
        """How the decided market ends, and what each position gets (rules 1 to 5)."""
        assert self.decision
        kind, winners = self.decision
        if kind == "void":
            return "void", dict(self.stakes)
        if len(self.bettors) < max(self.min_bettors, 1) or len({on for _, on in self.stakes}) < 2:
            return "void", dict(self.stakes)
        won = [outcome for outcome in winners if self.on(outcome)]
        if not won:
            return "void", dict(self.stakes)
        staked = sum(map(self.on, won))
        takeout = min(self.pool * self.takeout_bp // 10_000, self.pool - staked)
        profit = self.pool - takeout - staked
        exact = {
            (user, on): coins + Fraction(coins * profit, len(won) * self.on(on))
            for (user, on), coins in self.stakes.items()
            if on in won
        }
        paid = {place: int(share) for place, share in exact.items()}
        left = self.pool - takeout - sum(paid.values())
        # A stable sort keeps the order of first bets among equal fractions.
        for place in sorted(exact, key=lambda at: int(exact[at]) - exact[at])[:left]:
            paid[place] += 1
        return "settled", paid
