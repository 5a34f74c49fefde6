"""Everything that goes over the wire, as the server's two schemas have it.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field


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


class Ack(Struct, kw_only=True, tag="ack", tag_field="type"):
    """Server → client: the verdict on the fix `n` of a socket."""

    n: int
    status: str
    next_ms: int
    reason: str | None = None


class Person(Struct, kw_only=True):
    """A user as others see them."""

    id: int
    nickname: str


class ActShape(Struct, kw_only=True):
    """An act; names are those of that moment, null is nobody or an erased user.

    `words` are `what` in the reader's language.
    """

    id: int
    what: str
    words: str
    by: Person | None
    of: Person | None
    detail: str
    reason: str
    at_ms: int


class ActList(Struct, kw_only=True):
    results: list[ActShape]
    next: str | None


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


class CellShape(Struct, kw_only=True):
    """The middle of the area in which a person was lately, and the size of the area."""

    user: int
    lat: float
    lon: float
    size_m: int


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


class ClubMember(Struct, kw_only=True):
    """A member; their coins, as last recorded, are shown to those who run the club."""

    user: Person
    role: str
    since_ms: int
    coins: int | None = None


class ClubMembers(Struct, kw_only=True):
    results: list[ClubMember]
    next: str | None


class ClubShape(Struct, kw_only=True):
    """A club; `role` is the reader's own, null for strangers and in the main club."""

    slug: str
    title: str
    role: str | None
    members_may_open_rooms: bool
    may_open_rooms: bool


class CodeAnswer(Struct, kw_only=True):
    """The code that the screen shows now, and when it changes."""

    code: str
    changes_in_ms: int


class Coming(Struct, kw_only=True, tag="coming", tag_field="type"):
    """Server → everybody else: whether anything is prepared; nothing more is told of drafts."""

    coming: bool
    now_ms: int


class CountShape(Struct, kw_only=True):
    """People of the room: here now, and sharing."""

    here: int
    sharing: int


class CsrfAnswer(Struct, kw_only=True):
    csrf: str


class DeliveryShape(Struct, kw_only=True):
    """One event for a webhook. `status` is 0 where `why` says that there was no answer.

    `due_at_ms` is the next try, null once it was taken.
    """

    id: int
    event: str
    market: int | None
    question: str | None
    made_at_ms: int
    tries: int
    status: int
    why: str
    due_at_ms: int | None
    taken_at_ms: int | None


class DeliveryList(Struct, kw_only=True):
    results: list[DeliveryShape]


class MissedShape(Struct, kw_only=True):
    """How many reports of a device were not taken lately for one reason of docs/locations.md."""

    reason: str
    reports: int


class DeviceShape(Struct, kw_only=True):
    """A device as its user sees it; `missed` is left out while everything was taken."""

    id: int
    name: str
    created_at_ms: int
    seen_at_ms: int | None
    missed: list[MissedShape] | None = None


class DevicesAnswer(Struct, kw_only=True):
    """All devices of a user, newest first; there are ten at most."""

    results: list[DeviceShape]
    next: str | None = None


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


class Holding(Struct, kw_only=True):
    """All coins of one user on one outcome."""

    outcome: int
    coins: int


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


class Drafts(Struct, kw_only=True):
    """The drafts of a room in their order, and how many of them were added just now."""

    markets: list[MarketBoard]
    added: int


class DraftsChanged(Struct, kw_only=True, tag="drafts", tag_field="type"):
    """Server → those who run the room: all its drafts, in their order, when one changed."""

    markets: list[MarketBoard]
    now_ms: int


class EmailAnswer(Struct, kw_only=True):
    """The own e-mail, null for a guest, and whether its owner was seen to read it."""

    email: str | None
    is_verified: bool


class EndedAnswer(Struct, kw_only=True):
    ended: int


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


class Entered(Struct, kw_only=True):
    """A room, and the own membership in it."""

    room: RoomShape
    role: str
    muted: bool


class ErasedAnswer(Struct, kw_only=True):
    """The data that was erased, and what was not and why."""

    erased_at_ms: int
    position: bool
    history: int
    waiting: int
    devices: int
    sharing: int
    kept: list[str]


class Error(Struct, kw_only=True, tag="error", tag_field="type"):
    """Server → client: a refusal; `re` is the id of the message it answers."""

    code: str
    message: str
    re: int | str | None
    detail: dict[str, Any] | None = None


class Ranked(Struct, kw_only=True):
    """A line of a leaderboard."""

    rank: int
    user: int
    nickname: str
    net: int


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


class ForgettingAnswer(Struct, kw_only=True):
    """Since when the user is to be forgotten; null: not at all."""

    asked_at_ms: int | None


class Hello(Struct, kw_only=True, tag="hello", tag_field="type"):
    """The first message of a socket; always answered by `welcome`."""


class History(Struct, kw_only=True):
    """How much of the past is kept, and from when to when."""

    fixes: int
    from_ms: int | None
    to_ms: int | None


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


class KeyShape(Struct, kw_only=True):
    """A key as its room lists it; `used_at_ms` is 0 until its first use."""

    id: int
    name: str
    rights: list[str]
    made_at_ms: int
    expires_at_ms: int
    used_at_ms: int


class KeyList(Struct, kw_only=True):
    results: list[KeyShape]


class KeyOffer(Struct, kw_only=True):
    """A key, and its text, which is told this once."""

    id: int
    key: str


class Rank(Struct, kw_only=True):
    rank: int
    net: int


class LeaderboardAnswer(Struct, kw_only=True):
    """The largest winners of a room, and the own rank; null without a decided bet."""

    top: list[Ranked]
    me: Rank | None


class Line(Struct, kw_only=True):
    """A line of chat."""

    id: str
    from_: Person = field(name="from")
    text: str
    at_ms: int


class Lines(Struct, kw_only=True):
    results: list[Line]
    next: str | None


class LocationPing(Struct, kw_only=True, tag="ping", tag_field="type"):
    """Are you there; `t` comes back."""

    t: int | float | str | None | UnsetType = UNSET


class LocationPong(Struct, kw_only=True, tag="pong", tag_field="type"):
    """Server → client: the answer to a ping."""

    t: int | float | str | None
    now_ms: int


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


class MarketChanged(Struct, kw_only=True, tag="market", tag_field="type"):
    """Server → client: the whole market, when its status, paying or frozen changed."""

    market: MarketBoard
    now_ms: int


class MarketHolding(Struct, kw_only=True):
    """A holding in `welcome`, where several markets are told."""

    market: int
    outcome: int
    coins: int


class MarketList(Struct, kw_only=True):
    """A page of the questions of a room."""

    results: list[MarketBoard]
    next: str | None


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


class UserShape(Struct, kw_only=True):
    id: int
    nickname: str
    is_guest: bool


class WalletShape(Struct, kw_only=True):
    """The own coins in a club."""

    club: str
    coins: int


class MeAnswer(Struct, kw_only=True):
    """The own account and its coins."""

    user: UserShape
    wallets: list[WalletShape]


class MemberShape(Struct, kw_only=True):
    """A member; the fields behind `state` are shown to those who may moderate."""

    user: Person
    role: str
    muted: bool
    state: str
    muted_until_ms: int | None = None
    since_ms: int | None = None
    staked: int | None = None
    reason: str | None = None


class MemberList(Struct, kw_only=True):
    results: list[MemberShape]
    next: str | None


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


class Position(Struct, kw_only=True):
    """A position as its own user sees it; unknown figures are null."""

    fix_ms: int
    received_ms: int
    lat: float
    lon: float
    accuracy_m: float | None
    speed_mps: float | None
    course_deg: float | None
    source: str
    age_s: int
    live: bool
    flags: list[str]


class SharingShape(Struct, kw_only=True):
    """The level that a user shares with a room, and until when."""

    room: str
    level: str
    until_ms: int


class MyLocation(Struct, kw_only=True):
    """Everything that is known of the own positions."""

    position: Position | None
    history: History
    devices: list[DeviceShape]
    sharing: list[SharingShape]


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


class NewcomerList(Struct, kw_only=True):
    """Names of members, the one who came last first."""

    names: list[str]


class NicknameAnswer(Struct, kw_only=True):
    """A friendly name that a newcomer may take."""

    nickname: str


class Notice(Struct, kw_only=True, tag="notice", tag_field="type"):
    """Server → client: a notice for one person or for everybody."""

    code: str
    message: str


class OddsPoint(Struct, kw_only=True):
    """What part of all coins was on each answer after a bet, in basis points, floored."""

    at_ms: int
    shares: list[int]


class OddsAnswer(Struct, kw_only=True):
    """At most 200 points, the first and the last bet among them; answers in their order."""

    points: list[OddsPoint]


class OutcomeFigures(Struct, kw_only=True):
    """The moving figures of one outcome; null where a blind market hides them."""

    id: int
    coins: int | None
    heads: int | None
    odds: float | None


class OutcomeOdds(Struct, kw_only=True):
    """What one coin on a winner brought, with two decimals at most."""

    outcome: int
    odds: float


class OwnClubs(Struct, kw_only=True):
    """The own clubs, and whether the reader may make one."""

    results: list[ClubShape]
    next: str | None
    may_make: bool


class OwntracksSetup(Struct, kw_only=True):
    """The set-up of OwnTracks: the address, a link that does it all, and its QR image."""

    url: str
    link: str
    qr: str


class TraccarSetup(Struct, kw_only=True):
    """The set-up of Traccar Client: an address to scan, its QR image, and a link to tap."""

    url: str
    qr: str
    link: str


class PairedAnswer(Struct, kw_only=True):
    """A new device; the token is shown once."""

    id: int
    name: str
    token: str
    owntracks: OwntracksSetup
    traccar: TraccarSetup


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


class PlaceAsk(Struct, kw_only=True):
    """A circle on the earth."""

    lat: float
    lon: float
    radius_m: int
    bets_need_presence: bool


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


class PresenceAnswer(Struct, kw_only=True):
    """Whether bets of this user are taken in a room with a place, and why not."""

    may_bet: bool
    why: str
    where: str
    proof: str | None


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


class RefreshedAnswer(Struct, kw_only=True):
    access_expires_at_ms: int


class Renamed(Struct, kw_only=True, tag="renamed", tag_field="type"):
    """Server → client: a member has another name."""

    user: Person


class Result(Struct, kw_only=True):
    """The verdict on one fix."""

    status: str
    reason: str | None = None


class ReportAnswer(Struct, kw_only=True):
    """The verdicts on a report, and in how many milliseconds the next is wanted."""

    results: list[Result]
    next_ms: int


class ReportedFix(Struct, kw_only=True):
    """One fix of a client that speaks our own protocol; degrees, metres, m/s, Unix ms."""

    fix_ms: int
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float | None | UnsetType = UNSET
    course_deg: float | None | UnsetType = UNSET
    visible: bool | UnsetType = UNSET


class ResetAnswer(Struct, kw_only=True):
    """How long a link is good, if one was sent."""

    valid_for_s: int


class ResultAnswer(Struct, kw_only=True):
    """The three largest winners of a market, how many people were paid, what each outcome paid."""

    top: list[Ranked]
    people: int
    odds: list[OutcomeOdds]


class RoomChanged(Struct, kw_only=True, tag="room", tag_field="type"):
    """Server → client: the room, whenever it changes."""

    room: RoomShape


class RoomList(Struct, kw_only=True):
    results: list[RoomShape]
    next: str | None


class ScreenShape(Struct, kw_only=True):
    id: int
    made_at_ms: int


class ScreenList(Struct, kw_only=True):
    results: list[ScreenShape]


class ScreenOffer(Struct, kw_only=True):
    """A screen, and its link, which is told this once; `overlay` is the same without a ground."""

    id: int
    link: str
    overlay: str


class SeatOffer(Struct, kw_only=True):
    """The link to the seat, a drawing of it as a data: address, and until when it is good."""

    link: str
    qr: str
    expires_at_ms: int


class SharingAnswer(Struct, kw_only=True):
    """Everything that a user shares now."""

    sharing: list[SharingShape]


class SignInShape(Struct, kw_only=True):
    """One of the own sign-ins."""

    id: str
    browser: str
    address: str
    created_at_ms: int
    seen_at_ms: int
    is_this: bool


class SignInsAnswer(Struct, kw_only=True):
    results: list[SignInShape]
    next: str | None = None


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


class TicketAnswer(Struct, kw_only=True):
    ticket: str
    expires_in_s: int


class TokenAnswer(Struct, kw_only=True):
    """Tokens for clients without cookies."""

    access: str
    refresh: str
    access_expires_at_ms: int


class UserAnswer(Struct, kw_only=True):
    """The user after the call; tokens come along only where Authorization was used."""

    user: UserShape
    access: str | None = None
    refresh: str | None = None


class VerifyAnswer(Struct, kw_only=True):
    """A line for each receipt and anchor, in the order in which they were sent."""

    receipts: list[Judged]
    anchors: list[Judged]


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


class WebhookShape(Struct, kw_only=True):
    """A webhook as its room lists it; `paused_at_ms` is null while it is served."""

    id: int
    url: str
    made_at_ms: int
    paused_at_ms: int | None
    waiting: int


class WebhookList(Struct, kw_only=True):
    results: list[WebhookShape]


class WebhookOffer(Struct, kw_only=True):
    """A webhook, and the secret that signs for it, which is told this once."""

    id: int
    secret: str


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
