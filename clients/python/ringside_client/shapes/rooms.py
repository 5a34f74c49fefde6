"""What goes over the wire about rooms.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct

from ringside_client.shapes.shared import MarketBoard, Ranked, RoomShape


class CellShape(Struct, kw_only=True):
    """The middle of the area in which a person was lately, and the size of the area."""

    user: int
    lat: float
    lon: float
    size_m: int


class CountShape(Struct, kw_only=True):
    """People of the room: here now, and sharing."""

    here: int
    sharing: int


class Entered(Struct, kw_only=True):
    """A room, and the own membership in it."""

    room: RoomShape
    role: str
    muted: bool


class OneRound(Struct, kw_only=True):
    """What one person won or lost on one question: all coins back less all that were staked."""

    user: int
    nickname: str
    market: int
    question: str
    net: int


class LongShot(Struct, kw_only=True):
    """The winning answer with the highest odds, and who had most on it."""

    user: int
    nickname: str
    market: int
    question: str
    answer: str
    odds: float


class Podium(Struct, kw_only=True):
    """The best of the evening; null where nobody won, or lost."""

    first: list[Ranked]
    biggest_win: OneRound | None
    longest_odds: LongShot | None
    unluckiest: OneRound | None


class Round(Struct, kw_only=True):
    """A decided question; without winners its stakes were given back."""

    market: int
    question: str
    status: str
    winners: list[str]
    coins: int
    people: int
    decided_at_ms: int | None


class EveningAnswer(Struct, kw_only=True):
    """At most 500 people, the best first, of `people`; at most 200 rounds, the newest first."""

    code: str
    title: str
    status: str
    people: int
    standings: list[Ranked]
    podium: Podium
    rounds: list[Round]


class MapPlaceShape(Struct, kw_only=True):
    """The circle of a room, and whether its bets are taken from within only."""

    lat: float
    lon: float
    radius_m: int
    bets_need_presence: bool


class PersonShape(Struct, kw_only=True):
    """A person who shares with the room."""

    user: int
    nickname: str
    level: str


class PointShape(Struct, kw_only=True):
    """A person's position, as far as their phone knows."""

    user: int
    lat: float
    lon: float
    accuracy_m: float | None
    age_s: int


class MapAnswer(Struct, kw_only=True):
    """The map of a room as one of its members may see it."""

    place: MapPlaceShape | None
    people: list[PersonShape]
    cells: list[CellShape]
    points: list[PointShape]
    counts: CountShape


class MarketList(Struct, kw_only=True):
    """A page of the questions of a room."""

    results: list[MarketBoard]
    next: str | None


class PlaceAsk(Struct, kw_only=True):
    """A circle on the earth."""

    lat: float
    lon: float
    radius_m: int
    bets_need_presence: bool


class RoomList(Struct, kw_only=True):
    results: list[RoomShape]
    next: str | None


class SeatOffer(Struct, kw_only=True):
    """The link to the seat, a drawing of it as a data: address, and until when it is good."""

    link: str
    qr: str
    expires_at_ms: int
