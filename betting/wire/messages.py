"""The wire of betting: messages of clients and servers about markets, bets and coins.

Shapes only. docs/protocol.md shows an example of each; a test compares the two.
"""

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from rooms.messages import Person, RoomEvent, RoomMessage, RoomWelcome
from web import limits
from web.parsing import Message

# Identifiers and figures that a JavaScript client can hold exactly; what else an id may be is
# said by the rules (not_found, no_such_outcome), not by the shape.
Id = Annotated[int, Meta(ge=-(2**53), le=2**53)]
TimeMs = Annotated[int, Meta(ge=-(2**53), le=2**53)]
StakeCoins = Annotated[int, Meta(ge=1, le=limits.STAKE_COINS_MAX)]


class Order(Message, frozen=True, kw_only=True):
    """The body of POST /api/markets/{id}/bets/."""

    bet_id: UUID
    outcome: Id
    stake: StakeCoins
    expires_at_ms: TimeMs | UnsetType = UNSET


class BetPlace(Order, frozen=True, kw_only=True, tag="bet.place", tag_field="type"):
    """Client → server: stake coins on an outcome."""

    market: Id

    @property
    def own_id(self) -> str:
        """The bet_id."""
        return str(self.bet_id)


# The messages that a client may send on a room's socket.
BettingMessage = RoomMessage | BetPlace


class OutcomeFigures(Struct):
    """The moving figures of one outcome; null where a blind market hides them."""

    id: int
    coins: int | None
    heads: int | None
    odds: float | None


class OutcomeBoard(Struct):
    """One answer of a market with its figures; null where a blind market hides them."""

    id: int
    label: str
    coins: int | None
    heads: int | None
    odds: float | None


class Holding(Struct):
    """All coins of one user on one outcome."""

    outcome: int
    coins: int


class MarketHolding(Struct):
    """A holding in `welcome`, where several markets are told."""

    market: int
    outcome: int
    coins: int


class Mine(Struct):
    """The reader's positions on a market; the payout includes refunds, and is set at its end."""

    positions: list[Holding]
    payout: int | None


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
    mine: Mine | UnsetType = UNSET


class PayoutLine(Struct):
    """The coins that a user would get back for a stake on an outcome."""

    user: int
    nickname: str
    outcome: int
    stake: int
    payout: int


class MarketPreview(MarketBoard, kw_only=True):
    """A market with what a decision would pay, the largest payouts first."""

    payouts: list[PayoutLine]
    would_be: WouldBe


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
    # Of the entry; empty for a bet that an earlier version of the bank took.
    chain: str


class BetAccepted(Accepted, tag="bet.accepted", tag_field="type", kw_only=True):
    """Server → client: the bet stands."""


class BetRefused(Struct, tag="bet.refused", tag_field="type", kw_only=True):
    """Server → client: this copy of the bet was not taken, finally."""

    bet_id: str
    market: int
    code: str
    message: str
    detail: dict[str, Any]


class Pools(Struct, tag="pools", tag_field="type", kw_only=True):
    """Server → client: the figures of a market; the largest version counts."""

    market: int
    version: int
    bettors: int
    outcomes: list[OutcomeFigures]
    now_ms: int


class MarketChanged(Struct, tag="market", tag_field="type", kw_only=True):
    """Server → client: the whole market, when its status, paying or frozen changed."""

    market: MarketBoard
    now_ms: int


class DraftsChanged(Struct, tag="drafts", tag_field="type", kw_only=True):
    """Server → those who run the room: all its drafts, in their order, when one changed."""

    markets: list[MarketBoard]
    now_ms: int


class Coming(Struct, tag="coming", tag_field="type", kw_only=True):
    """Server → everybody else: whether anything is prepared; nothing more is told of drafts."""

    coming: bool
    now_ms: int


class WalletChanged(Struct, tag="wallet", tag_field="type", kw_only=True):
    """Server → client: the reader's coins in a club; the largest seq counts.

    `mine` are the reader's positions on the market that `why` is about.
    """

    club: str
    coins: int
    why: str
    epoch: int
    seq: int
    market: int | UnsetType = UNSET
    mine: list[Holding] | UnsetType = UNSET


class Welcome(RoomWelcome, tag="welcome", tag_field="type", kw_only=True):
    """Server → client: everything at one moment, in answer to every hello."""

    markets: list[MarketBoard]
    mine: list[MarketHolding]
    coming: bool
    coins: int
    epoch: int
    seq: int


# The messages that the server sends on a room's socket.
BettingEvent = (
    Welcome
    | BetAccepted
    | BetRefused
    | Pools
    | MarketChanged
    | DraftsChanged
    | Coming
    | WalletChanged
    | RoomEvent
)
