"""The moving figures of a market, as the bank has them or as SQL shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from betting.bank.values import MarketState
from betting.models import Market, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A market's moving figures. `pools` and `heads` are coins and people by outcome.

    A market that is decided and not yet paid in full is `locked` and `paying`.
    """

    status: str
    paying: bool
    frozen: bool
    reason: str | None
    winners: list[int] | None
    bettors: int
    closes_at_ms: int | None
    opened_at_ms: int | None
    locked_at_ms: int | None
    pools: Mapping[int, int]
    heads: Mapping[int, int]

    @classmethod
    def from_bank(cls, state: MarketState) -> Self:
        """The figures of a market that SQL does not know as final."""
        decided = bool(state.decision)
        return cls(
            status=Market.Status.LOCKED.value if decided else state.status,
            paying=decided,
            frozen=state.frozen,
            reason=state.decision_command if state.decision == "void" else None,
            winners=state.winners or None,
            bettors=state.bettors,
            closes_at_ms=state.closes_at_ms or None,
            opened_at_ms=state.opened_at_ms or None,
            locked_at_ms=state.locked_at_ms or None,
            pools=state.pools,
            heads=state.heads,
        )

    @classmethod
    def from_sql(cls, market: Market, outcomes: Sequence[Outcome]) -> Self:
        """The figures as they were last recorded; outcomes are the market's."""
        return cls(
            status=str(market.status),
            paying=market.is_paying,
            frozen=market.frozen,
            reason=market.reason or None,
            winners=[outcome.id for outcome in outcomes if outcome.won] or None,
            bettors=market.bettors,
            closes_at_ms=market.closes_at_ms,
            opened_at_ms=market.opened_at_ms,
            locked_at_ms=market.locked_at_ms,
            pools={outcome.id: outcome.coins for outcome in outcomes},
            heads={outcome.id: outcome.heads for outcome in outcomes},
        )
