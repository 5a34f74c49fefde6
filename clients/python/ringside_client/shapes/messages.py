"""What goes over the wire about messages.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from ringside_client.shapes.shared import Holding, Line, MarketBoard, Person, RoomShape


class Ack(Struct, kw_only=True, tag="ack", tag_field="type"):
    """Server → client: the verdict on the fix `n` of a socket."""

    n: int
    status: str
    next_ms: int
    reason: str | None = None


class BetAccepted(Struct, kw_only=True, tag="bet.accepted", tag_field="type"):
    """Server → client: the bet stands."""

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


class BetPlace(Struct, kw_only=True, tag="bet.place", tag_field="type"):
    """Client → server: stake coins on an outcome."""

    bet_id: str
    outcome: int
    stake: int
    expires_at_ms: int | UnsetType = UNSET
    market: int


class BetRefused(Struct, kw_only=True, tag="bet.refused", tag_field="type"):
    """Server → client: this copy of the bet was not taken, finally."""

    bet_id: str
    market: int
    code: str
    message: str
    detail: dict[str, Any]


class ChatGone(Struct, kw_only=True, tag="chat.gone", tag_field="type"):
    """Server → client: a line was deleted."""

    id: str


class ChatSaid(Struct, kw_only=True, tag="chat", tag_field="type"):
    """Server → client: somebody said a line."""

    id: str
    from_: Person = field(name="from")
    text: str
    at_ms: int


class ChatSay(Struct, kw_only=True, tag="chat.say", tag_field="type"):
    """A line for the room; `id` comes back as `re` when it is refused."""

    text: str
    id: str | UnsetType = UNSET


class Coming(Struct, kw_only=True, tag="coming", tag_field="type"):
    """Server → everybody else: whether anything is prepared; nothing more is told of drafts."""

    coming: bool
    now_ms: int


class DraftsChanged(Struct, kw_only=True, tag="drafts", tag_field="type"):
    """Server → those who run the room: all its drafts, in their order, when one changed."""

    markets: list[MarketBoard]
    now_ms: int


class Error(Struct, kw_only=True, tag="error", tag_field="type"):
    """Server → client: a refusal; `re` is the id of the message it answers."""

    code: str
    message: str
    re: int | str | None
    detail: dict[str, Any] | None = None


class FixMessage(Struct, kw_only=True, tag="fix", tag_field="type"):
    """A fix on the socket; `n` comes back in its ack."""

    fix_ms: int
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float | None | UnsetType = UNSET
    course_deg: float | None | UnsetType = UNSET
    visible: bool | UnsetType = UNSET
    n: int


class Hello(Struct, kw_only=True, tag="hello", tag_field="type"):
    """The first message of a socket; always answered by `welcome`."""


class LocationPing(Struct, kw_only=True, tag="ping", tag_field="type"):
    """Are you there; `t` comes back."""

    t: int | float | str | None | UnsetType = UNSET


class LocationPong(Struct, kw_only=True, tag="pong", tag_field="type"):
    """Server → client: the answer to a ping."""

    t: int | float | str | None
    now_ms: int


class MarketChanged(Struct, kw_only=True, tag="market", tag_field="type"):
    """Server → client: the whole market, when its status, paying or frozen changed."""

    market: MarketBoard
    now_ms: int


class MarketHolding(Struct, kw_only=True):
    """A holding in `welcome`, where several markets are told."""

    market: int
    outcome: int
    coins: int


class Notice(Struct, kw_only=True, tag="notice", tag_field="type"):
    """Server → client: a notice for one person or for everybody."""

    code: str
    message: str


class OutcomeFigures(Struct, kw_only=True):
    """The moving figures of one outcome; null where a blind market hides them."""

    id: int
    coins: int | None
    heads: int | None
    odds: float | None


class Pass(Struct, kw_only=True, tag="screen", tag_field="type"):
    """Server → screen: what it asks with over HTTP.

    It comes behind `welcome`, and before the close of an ended room.
    """

    pass_: str = field(name="pass")


class People(Struct, kw_only=True, tag="people", tag_field="type"):
    """Server → client: how many are here."""

    here: int


class Ping(Struct, kw_only=True, tag="ping", tag_field="type"):
    """Answered by `pong` with the same `t` and the server's time."""

    t: int


class Pong(Struct, kw_only=True, tag="pong", tag_field="type"):
    """Server → client: the answer to a ping, with the server's time."""

    t: int
    now_ms: int


class Pools(Struct, kw_only=True, tag="pools", tag_field="type"):
    """Server → client: the figures of a market; the largest version counts."""

    market: int
    version: int
    bettors: int
    outcomes: list[OutcomeFigures]
    now_ms: int


class Renamed(Struct, kw_only=True, tag="renamed", tag_field="type"):
    """Server → client: a member has another name."""

    user: Person


class RoomChanged(Struct, kw_only=True, tag="room", tag_field="type"):
    """Server → client: the room, whenever it changes."""

    room: RoomShape


class WalletChanged(Struct, kw_only=True, tag="wallet", tag_field="type"):
    """Server → client: the reader's coins in a club; the largest seq counts.

    `mine` are the reader's positions on the market that `why` is about.
    """

    club: str
    coins: int
    why: str
    epoch: int
    seq: int
    market: int | None = None
    mine: list[Holding] | None = None


class You(Struct, kw_only=True):
    """The reader of a welcome, as a member of the room."""

    id: int
    nickname: str
    role: str
    muted: bool


class Welcome(Struct, kw_only=True, tag="welcome", tag_field="type"):
    """Server → client: everything at one moment, in answer to every hello."""

    you: You
    room: RoomShape
    here: int
    chat: list[Line]
    now_ms: int
    markets: list[MarketBoard]
    mine: list[MarketHolding]
    coming: bool
    coins: int
    epoch: int
    seq: int


RoomAsked = Hello | ChatSay | Ping | BetPlace
RoomTold = (
    Welcome
    | BetAccepted
    | BetRefused
    | Pools
    | MarketChanged
    | DraftsChanged
    | Coming
    | WalletChanged
    | ChatSaid
    | ChatGone
    | Renamed
    | RoomChanged
    | People
    | Notice
    | Pong
    | Error
)

ScreenAsked = Hello | Ping
ScreenTold = (
    Pass
    | Welcome
    | Pools
    | MarketChanged
    | Coming
    | Renamed
    | RoomChanged
    | People
    | Notice
    | Pong
    | Error
)

LocationAsked = FixMessage | LocationPing
LocationTold = Ack | LocationPong | Error
