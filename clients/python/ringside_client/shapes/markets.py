"""What goes over the wire about markets.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct

from ringside_client.shapes.shared import Mine, Official, OutcomeBoard, Ranked, Settlement, WouldBe


class Accepted(Struct, kw_only=True):
    """The first answer to a bet, and so every later one; over HTTP it is the body itself."""

    bet_id: str
    market: int
    outcome: int
    stake: int
    coins: int
    position: int
    epoch: int
    seq: int
    at_ms: int
    chain: str


class PayoutLine(Struct, kw_only=True):
    """The coins that a user would get back for a stake on an outcome."""

    user: int
    nickname: str
    outcome: int
    stake: int
    payout: int


class MarketPreview(Struct, kw_only=True):
    """A market with what a decision would pay, the largest payouts first."""

    id: int
    room: str
    question: str
    status: str
    paying: bool
    frozen: bool
    reason: str | None
    reason_text: str
    outcomes: list[OutcomeBoard]
    coins: int | None
    bettors: int
    min_stake: int
    max_stake: int | None
    min_bettors: int
    takeout_bp: int
    hedging: bool
    blind: bool
    closes_in_s: int | None
    position: int | None
    open_next: bool
    version: int
    closes_at_ms: int | None
    opened_at_ms: int | None
    locked_at_ms: int | None
    settled_at_ms: int | None
    unresolved_at_ms: int | None
    stream_delay_s: int
    winners: list[int] | None
    official: Official | None
    settlement: Settlement | None
    mine: Mine | None = None
    payouts: list[PayoutLine]
    would_be: WouldBe


class OddsPoint(Struct, kw_only=True):
    """What part of all coins was on each answer after a bet, in basis points, floored."""

    at_ms: int
    shares: list[int]


class OddsAnswer(Struct, kw_only=True):
    """At most 200 points, the first and the last bet among them; answers in their order."""

    points: list[OddsPoint]


class OutcomeOdds(Struct, kw_only=True):
    """What one coin on a winner brought, with two decimals at most."""

    outcome: int
    odds: float


class ResultAnswer(Struct, kw_only=True):
    """The three largest winners of a market, how many people were paid, what each outcome paid."""

    top: list[Ranked]
    people: int
    odds: list[OutcomeOdds]
