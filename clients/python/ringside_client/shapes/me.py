"""What goes over the wire about me.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import UNSET, Struct, UnsetType

from ringside_client.shapes.shared import Person, PlaceShape


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


class KeptAnchor(Struct, kw_only=True):
    """An anchor that somebody kept."""

    club: str | UnsetType = UNSET
    seq: int
    chain: str
    at_ms: int


class Movement(Struct, kw_only=True):
    """Coins that came (positive) or went, and the wallet afterwards."""

    epoch: int
    seq: int
    kind: str
    coins: int
    after: int
    market: int | None
    at_ms: int
    reason: str | None = None


class MyBet(Struct, kw_only=True):
    """An own bet; the payout includes refunds, and is set once its market is final."""

    bet_id: str
    market: int
    question: str
    outcome: int
    stake: int
    at_ms: int
    epoch: int
    seq: int
    status: str
    payout: int | None
    club: str


class MyBetsPage(Struct, kw_only=True):
    results: list[MyBet]
    next: str | None


class MyLedgerPage(Struct, kw_only=True):
    results: list[Movement]
    next: str | None


class MyRoom(Struct, kw_only=True):
    """A room, and the own role in it."""

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
    role: str


class MyRooms(Struct, kw_only=True):
    results: list[MyRoom]
    next: str | None


class Receipt(Struct, kw_only=True):
    """An accepted bet as it was answered, with its club; signed where that was asked for."""

    club: str | UnsetType = UNSET
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
    key: str | UnsetType = UNSET
    signature: str | UnsetType = UNSET


class RefillAnswer(Struct, kw_only=True):
    """The coins after a refill, and from when on the next one is possible."""

    coins: int
    next_at_ms: int


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


class VerifyAnswer(Struct, kw_only=True):
    """A line for each receipt and anchor, in the order in which they were sent."""

    receipts: list[Judged]
    anchors: list[Judged]
