"""Receipts and anchors as people keep them, and what is said of them."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from web import limits
from web.parsing import Message

Figure = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Word = Annotated[str, Meta(max_length=64)]
Chain = Annotated[str, Meta(max_length=40)]
RECEIPTS_MAX = limits.RECEIPTS_PER_CALL_MAX


class Receipt(Message, frozen=True, kw_only=True):
    """An accepted bet as it was answered, with its club; signed where that was asked for."""

    club: Word = "main"
    bet_id: Word
    market: Figure
    outcome: Figure
    stake: Figure
    coins: Figure
    position: Figure
    epoch: Figure
    seq: Figure
    at_ms: Figure
    chain: Chain
    key: Word | UnsetType = UNSET
    signature: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET


class KeptAnchor(Message, frozen=True, kw_only=True):
    """An anchor that somebody kept."""

    club: Word = "main"
    seq: Figure
    chain: Chain
    at_ms: Figure


class ReceiptLines(Struct):
    """A file that somebody kept, of any length; what else stands in it is not looked at."""

    receipts: list[Receipt] = []
    anchors: list[KeptAnchor] = []


class ReceiptFile(Message, frozen=True, kw_only=True):
    """What somebody kept: the body of POST /api/verify/."""

    receipts: Annotated[list[Receipt], Meta(max_length=RECEIPTS_MAX)] = []
    anchors: Annotated[list[KeptAnchor], Meta(max_length=RECEIPTS_MAX)] = []


class SignedReceipt(Struct, kw_only=True):
    """A receipt with the house's signature over all fields but the last two."""

    club: str
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
    key: str
    signature: str


class AnchorAnswer(Struct, kw_only=True):
    """Where a club's chain stood."""

    club: str
    seq: int
    chain: str
    at_ms: int


class WellKnown(Struct, kw_only=True):
    """The public keys by id, in base64, the one that signs first; anchors, newest first."""

    keys: dict[str, str]
    anchors: list[AnchorAnswer]


class Judged(Struct, kw_only=True):
    """What the ledger says of one receipt or anchor.

    `since_ms`: up to then the ledger is known to be as it was. `signed`: null without a signature.
    """

    club: str
    seq: int
    code: str
    message: str
    since_ms: int | None = None
    signed: bool | None = None


class VerifyAnswer(Struct, kw_only=True):
    """A line for each receipt and anchor, in the order in which they were sent."""

    receipts: list[Judged]
    anchors: list[Judged]
