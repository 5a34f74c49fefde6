"""The answers over HTTP: the own coins and bets, a room's leaderboard, and results."""

from msgspec import UNSET, Struct, UnsetType

from accounts.messages import UserShape
from betting.wire.messages import MarketBoard


class MarketList(Struct):
    """A page of the questions of a room."""

    results: list[MarketBoard]
    next: str | None


class WalletShape(Struct):
    """The own coins in a club."""

    club: str
    coins: int


class MeAnswer(Struct):
    """The own account and its coins."""

    user: UserShape
    wallets: list[WalletShape]


class RefillAnswer(Struct):
    """The coins after a refill, and from when on the next one is possible."""

    coins: int
    next_at_ms: int


class MyBet(Struct):
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


class MyBetsPage(Struct):
    results: list[MyBet]
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
    reason: str | UnsetType = UNSET


class MyLedgerPage(Struct):
    results: list[Movement]
    next: str | None


class Ranked(Struct):
    """A line of a leaderboard."""

    rank: int
    user: int
    nickname: str
    net: int


class Rank(Struct):
    rank: int
    net: int


class LeaderboardAnswer(Struct):
    """The largest winners of a room, and the own rank; null without a decided bet."""

    top: list[Ranked]
    me: Rank | None


class OutcomeOdds(Struct):
    """What one coin on a winner brought, with two decimals at most."""

    outcome: int
    odds: float


class ResultAnswer(Struct):
    """The three largest winners of a market, how many people were paid, what each outcome paid."""

    top: list[Ranked]
    people: int
    odds: list[OutcomeOdds]


class Drafts(Struct):
    """The drafts of a room in their order, and how many of them were added just now."""

    markets: list[MarketBoard]
    added: int
