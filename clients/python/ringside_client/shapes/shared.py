"""What goes over the wire about shared.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct, field


class Holding(Struct, kw_only=True):
    """All coins of one user on one outcome."""

    outcome: int
    coins: int


class Ranked(Struct, kw_only=True):
    """A line of a leaderboard."""

    rank: int
    user: int
    nickname: str
    net: int


class Rank(Struct, kw_only=True):
    rank: int
    net: int


class LeaderboardAnswer(Struct, kw_only=True):
    """The largest winners of a room, and the own rank; null without a decided bet."""

    top: list[Ranked]
    me: Rank | None


class Person(Struct, kw_only=True):
    """A user as others see them."""

    id: int
    nickname: str


class Line(Struct, kw_only=True):
    """A line of chat."""

    id: str
    from_: Person = field(name="from")
    text: str
    at_ms: int


class OutcomeBoard(Struct, kw_only=True):
    """One answer of a market with its figures; null where a blind market hides them."""

    id: int
    label: str
    coins: int | None
    heads: int | None
    odds: float | None


class WouldBe(Struct, kw_only=True):
    """A settlement that is not made: coins that `people` winners would be paid, and refunds."""

    status: str
    reason: str | None
    people: int
    paid: int
    refunded: int


class Official(Struct, kw_only=True):
    """A result that is unofficial until `official_at_ms`; a void names no winners."""

    winners: list[int]
    happened_at_ms: int | None
    by: Person | None
    official_at_ms: int
    would_be: WouldBe


class Settlement(Struct, kw_only=True):
    """How a market ended. `coins` were staked in time; refunds are coins by reason."""

    winners: list[int]
    happened_at_ms: int | None
    coins: int
    takeout: int
    paid: int
    refunded: dict[str, int]
    by: Person | None
    at_ms: int | None


class Mine(Struct, kw_only=True):
    """The reader's positions on a market; the payout includes refunds, and is set at its end."""

    positions: list[Holding]
    payout: int | None


class MarketBoard(Struct, kw_only=True):
    """A market as a reader may see it; `position` and `open_next` are of drafts."""

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


class PlaceShape(Struct, kw_only=True):
    """The circle a room is tied to, without its position."""

    radius_m: int
    bets_need_presence: bool
    band: str | None = None


class RoomShape(Struct, kw_only=True):
    """A room as the protocol shows it."""

    code: str
    title: str
    club: str
    visibility: str
    status: str
    host: Person
    capacity: int
    hosts_may_bet: bool
    official_after_s: int
    unattended_after_s: int
    open_at_most_s: int
    stream_delay_s: int
    chat_mode: str
    evening_public: bool
    here: int
    open_markets: int
    place: PlaceShape | None
    created_at_ms: int
