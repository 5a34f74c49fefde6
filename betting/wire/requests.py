"""The bodies of HTTP calls about markets, bets and coins; shapes only."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from betting.wire.messages import Id, StakeCoins
from web import limits
from web.contract.fields import Label, Question, Reason, RoomCode
from web.parsing import Message

# No two of them look the same.
Labels = Annotated[
    list[Label],
    Meta(
        min_length=limits.OUTCOMES_MIN,
        max_length=limits.OUTCOMES_MAX,
        extra_json_schema={"uniqueItems": True},
    ),
]


class NewMarket(Message, frozen=True, kw_only=True):
    """The body of POST /api/rooms/{code}/markets/; the texts are cleaned by markets.py."""

    question: Question
    outcomes: Labels
    closes_in_s: Annotated[int, Meta(ge=10, le=86_400)] | UnsetType = UNSET
    min_stake: StakeCoins = 1
    max_stake: StakeCoins | None = None
    min_bettors: Annotated[int, Meta(ge=1, le=10_000)] = 2
    takeout_bp: Annotated[int, Meta(ge=0, le=1_000)] = 0
    hedging: bool = False
    unresolved_after_s: Annotated[int, Meta(ge=60, le=86_400)] = 3_600
    blind: bool = False
    open_next: bool = False
    open: bool = True
    key: UUID | UnsetType = UNSET


class DraftChange(Message, frozen=True, kw_only=True):
    """The body of PATCH /api/markets/{id}/: what is left out stays."""

    question: Question | UnsetType = UNSET
    outcomes: Labels | UnsetType = UNSET
    closes_in_s: Annotated[int, Meta(ge=10, le=86_400)] | None | UnsetType = UNSET
    min_stake: StakeCoins | UnsetType = UNSET
    max_stake: StakeCoins | None | UnsetType = UNSET
    min_bettors: Annotated[int, Meta(ge=1, le=10_000)] | UnsetType = UNSET
    takeout_bp: Annotated[int, Meta(ge=0, le=1_000)] | UnsetType = UNSET
    hedging: bool | UnsetType = UNSET
    unresolved_after_s: Annotated[int, Meta(ge=60, le=86_400)] | UnsetType = UNSET
    blind: bool | UnsetType = UNSET
    open_next: bool | UnsetType = UNSET


class DraftOrder(Message, frozen=True, kw_only=True):
    """The body of POST /api/rooms/{code}/drafts/order/."""

    markets: Annotated[list[Id], Meta(max_length=200, extra_json_schema={"uniqueItems": True})]


class DraftFile(Message, frozen=True, kw_only=True):
    """The body of POST /api/rooms/{code}/drafts/csv/: the text of a CSV file."""

    csv: str


class DraftSource(Message, frozen=True, kw_only=True):
    """The body of POST /api/rooms/{code}/drafts/copy/: the code of an earlier room."""

    room: RoomCode


class Again(Message, frozen=True, kw_only=True):
    """The body of POST /api/markets/{id}/duplicate/."""

    key: UUID | UnsetType = UNSET


class Decision(Message, frozen=True, kw_only=True):
    """The body of POST /api/markets/{id}/settle/."""

    winners: Annotated[
        list[Id],
        Meta(
            min_length=1,
            max_length=limits.OUTCOMES_MAX,
            extra_json_schema={"uniqueItems": True},
        ),
    ]
    happened_at_ms: Annotated[int, Meta(ge=1, le=2**53)] | None = None
    preview: bool = False


class CallOff(Message, frozen=True, kw_only=True):
    """The body of POST /api/markets/{id}/void/."""

    reason: Reason


class RefillAsk(Message, frozen=True, kw_only=True):
    """The body of POST /api/me/refill/."""

    club: Annotated[str, Meta(max_length=40)] = "main"
