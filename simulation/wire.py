"""What the server sends, as a client of the protocol reads it; fields nobody needs are left out."""

from typing import Any

import msgspec
from msgspec import Struct, field


class Person(Struct):
    """A user as others see them."""

    id: int
    nickname: str


class OutcomeState(Struct):
    """One answer of a market with its figures."""

    id: int
    label: str = ""
    coins: int = 0
    heads: int = 0
    odds: float | None = None


class MarketView(Struct):
    """A market as the protocol shows it; fields nobody here needs are left out."""

    id: int
    question: str
    status: str
    outcomes: list[OutcomeState]
    version: int
    coins: int = 0
    bettors: int = 0
    min_stake: int = 1
    max_stake: int | None = None
    paying: bool = False
    frozen: bool = False
    reason: str | None = None
    closes_at_ms: int | None = None
    settlement: dict[str, Any] | None = None


class RoomView(Struct):
    """A room as the protocol shows it."""

    code: str
    title: str
    status: str
    host: Person
    here: int = 0
    open_markets: int = 0


class Holding(Struct):
    """Coins of one's own on one outcome."""

    market: int
    outcome: int
    coins: int


class You(Struct):
    """Who the server takes us for."""

    id: int
    nickname: str
    role: str
    muted: bool = False


class Welcome(Struct, tag="welcome"):
    """The snapshot that answers every hello."""

    you: You
    room: RoomView
    markets: list[MarketView]
    mine: list[Holding]
    coins: int
    epoch: int
    seq: int
    now_ms: int
    here: int = 0


class BetAccepted(Struct, tag="bet.accepted"):
    """A bet stands; `coins` is the wallet afterwards."""

    bet_id: str
    market: int
    outcome: int
    stake: int
    coins: int
    position: int
    epoch: int
    seq: int
    at_ms: int


class BetRefused(Struct, tag="bet.refused"):
    """This copy of a bet was not taken, finally."""

    bet_id: str
    code: str
    message: str = ""


class Pools(Struct, tag="pools"):
    """New figures of one market."""

    market: int
    version: int
    outcomes: list[OutcomeState]
    now_ms: int = 0


class MarketChanged(Struct, tag="market"):
    """A market whose status, paying or frozen changed."""

    market: MarketView


class WalletChanged(Struct, tag="wallet"):
    """The own wallet after an entry."""

    coins: int
    seq: int
    why: str = ""


class Trouble(Struct, tag="error"):
    """Something we sent was not understood or is not known yet; `re` names it."""

    code: str
    message: str = ""
    re: str | None = None


class People(Struct, tag="people"):
    """How many are here."""

    here: int


class Said(Struct, tag="chat"):
    """A line of chat."""

    text: str
    at_ms: int
    sender: Person = field(name="from")


class RoomChanged(Struct, tag="room"):
    """The room changed."""

    room: RoomView | None = None


class Notice(Struct, tag="notice"):
    """Something the house wants said."""

    code: str = ""
    message: str = ""


class Pong(Struct, tag="pong"):
    """The answer to a ping."""

    now_ms: int


Event = (
    Welcome | BetAccepted | BetRefused | Pools | MarketChanged | WalletChanged | Trouble
    | People | Said | RoomChanged | Notice | Pong
)  # fmt: skip
read_event = msgspec.json.Decoder(Event).decode
