"""The wire of rooms: the messages of clients and of the server on a room's socket."""

from msgspec import UNSET, Struct, UnsetType, field

from accounts.sockets.frames import Error
from rooms.facts import RoomFacts
from web.contract.fields import ChatText
from web.parsing import Message, given


class Hello(Message, tag="hello", tag_field="type", frozen=True):
    """The first message of a socket; always answered by `welcome`."""


class ChatSay(Message, tag="chat.say", tag_field="type", frozen=True):
    """A line for the room; `id` comes back as `re` when it is refused."""

    text: ChatText
    id: str | UnsetType = UNSET

    @property
    def own_id(self) -> str | None:
        """The id that the client gave this line."""
        return given(self.id)


class Ping(Message, tag="ping", tag_field="type", frozen=True):
    """Answered by `pong` with the same `t` and the server's time."""

    t: int


RoomMessage = Hello | ChatSay | Ping


class Person(Struct):
    """A user as others see them."""

    id: int
    nickname: str


class PlaceShape(Struct):
    """The circle a room is tied to, without its position."""

    radius_m: int
    bets_need_presence: bool
    band: str | UnsetType = UNSET


class RoomShape(Struct):
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


class You(Struct):
    """The reader of a welcome, as a member of the room."""

    id: int
    nickname: str
    role: str
    muted: bool


class Line(Struct):
    """A line of chat."""

    id: str
    sender: Person = field(name="from")
    text: str
    at_ms: int


class RoomWelcome(Struct, kw_only=True, tag="welcome", tag_field="type"):
    """Server → client: the room's part of the answer to hello."""

    you: You
    room: RoomShape
    here: int
    chat: list[Line]
    now_ms: int


class ChatSaid(Line, tag="chat", tag_field="type"):
    """Server → client: somebody said a line."""


class ChatGone(Struct, tag="chat.gone", tag_field="type"):
    """Server → client: a line was deleted."""

    id: str


class Renamed(Struct, tag="renamed", tag_field="type"):
    """Server → client: a member has another name."""

    user: Person


class RoomChanged(Struct, tag="room", tag_field="type"):
    """Server → client: the room, whenever it changes."""

    room: RoomShape


class People(Struct, tag="people", tag_field="type"):
    """Server → client: how many are here."""

    here: int


class Notice(Struct, tag="notice", tag_field="type"):
    """Server → client: a notice for one person or for everybody."""

    code: str
    message: str


class Pong(Struct, tag="pong", tag_field="type"):
    """Server → client: the answer to a ping, with the server's time."""

    t: int
    now_ms: int


# The messages of the server on a room's socket, without the welcome.
RoomEvent = ChatSaid | ChatGone | Renamed | RoomChanged | People | Notice | Pong | Error


def room_shape(facts: RoomFacts, here: int, band: str | None = None) -> RoomShape:
    """Show a room; `band` is how far away it is from the reader."""
    place = None
    if facts.place:
        place = PlaceShape(facts.place.radius_m, facts.bets_need_presence, band or UNSET)
    return RoomShape(
        code=facts.code,
        title=facts.title,
        club=facts.club,
        visibility=facts.visibility,
        status="live" if facts.is_live else "ended",
        host=Person(facts.host_id, facts.host_nickname),
        capacity=facts.capacity,
        hosts_may_bet=facts.hosts_may_bet,
        official_after_s=facts.official_after_s,
        unattended_after_s=facts.unattended_after_s,
        open_at_most_s=facts.open_at_most_s,
        stream_delay_s=facts.stream_delay_s,
        chat_mode=facts.chat_mode,
        evening_public=facts.evening_public,
        here=here,
        open_markets=facts.open_markets,
        place=place,
        created_at_ms=facts.created_at_ms,
    )
