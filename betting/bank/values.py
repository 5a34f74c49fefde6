"""The values of the bank's calls: bets, answers, markets, totals and journal entries."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import msgspec

from betting.models import ACCOUNTS

# What a movement does to the wallet of its user.
_INTO_WALLET = {
    kind: (credit == "wallet") - (debit == "wallet") for kind, (debit, credit) in ACCOUNTS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bet:
    """A command to stake coins.

    `refusal` is what the caller found before (room_ended, forbidden, not_member,
    host_may_not_bet, not_inside); the bank answers with it at its place in the order, so that a
    repeat still gets its first answer.
    """

    user_id: int
    bet_id: str
    outcome_id: int
    stake_coins: int
    expires_at_ms: int
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A bet that stands. A repeat has the figures of the first answer.

    `chain` is the value of its entry; empty for a bet that an earlier version of the bank took.
    """

    outcome_id: int
    stake_coins: int
    epoch: int
    seq: int
    at_ms: int
    coins: int
    position_coins: int
    is_repeat: bool = False
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """A denial: nothing was changed. `figure` is the coins held, the minimum or maximum, by code.

    Beside the codes of the wire: `unknown` (no such market in the bank) and `not_due` (the
    clock asked too early).
    """

    code: str
    figure: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketState:
    """A market as the bank has it. Pools stay after payment; 0 and "" mean not yet."""

    id: int
    room_id: int
    status: str
    version: int
    closes_at_ms: int
    opened_at_ms: int
    locked_at_ms: int
    lock_seq: int
    decision: str
    decision_command: str
    decided_by: int | None
    decide_seq: int
    # An unofficial result: `settle:<winners>@<T0>` or `void:void`; "" when none stands.
    result: str
    result_by: int | None
    official_at_ms: int
    settlement: str
    cursor: int
    paid_coins: int
    final_at_ms: int
    frozen: bool
    bettors: int
    min_bettors: int
    takeout_bp: int
    min_stake_coins: int
    max_stake_coins: int
    hedging: bool
    pools: dict[int, int]
    heads: dict[int, int]

    @property
    def winners(self) -> list[int]:
        """The outcomes that a settlement names; none before it, and of a void."""
        return read_decision(self.decision_command)[0] if self.decision == "settle" else []

    @property
    def happened_at_ms(self) -> int | None:
        """T0 of a settlement, if one was named."""
        return read_decision(self.decision_command)[1] if self.decision == "settle" else None


def read_decision(command: str) -> tuple[list[int], int | None]:
    """The named winners and T0 of a settlement, `<winner>.<winner>@<T0 ms or 0>`."""
    winners, _, happened_at_ms = command.partition("@")
    return [int(winner) for winner in winners.split(".")], int(happened_at_ms) or None


def read_result(command: str) -> tuple[str, int]:
    """The result that a mark names, `<settle or void>:<command>`, and for how many ms.

    These are negative where the mark's time was ahead of the bank's clock.
    """
    result, _, after_ms = command.rpartition(":")
    return result, int(after_ms)


class PlacedIn(NamedTuple):
    """A bet with the room that it comes from, and its market."""

    room_id: int
    market_id: int
    bet: Bet


# The answer to a bet, and its market after the call (None: not in the bank).
BetAnswer = tuple[Accepted | Denied, MarketState | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Answers in the order of the bets, and the market after them (None: not in the bank)."""

    answers: list[Accepted | Denied]
    state: MarketState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A grant or burn that stands: `coins` moved, `coins_after` in the wallet."""

    epoch: int
    seq: int
    at_ms: int
    coins: int
    coins_after: int
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The refill of a club for users who have fewer than `below_coins`, and how often."""

    coins: int
    below_coins: int
    every_ms: int
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refilled(Moved):
    """A refill that stands; the next one is possible from `next_at_ms` on."""

    next_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A step of a market that stands, with the seq of its entry and the market after it."""

    seq: int
    is_repeat: bool
    state: MarketState


@dataclass(frozen=True, slots=True, kw_only=True)
class PayItem:
    """One payout or refund. `coins` go out for `stake_coins` of the position; refunds: equal."""

    kind: Literal["payout", "refund"]
    user_id: int
    outcome_id: int
    coins: int
    stake_coins: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a settlement: `items` begin at item `cursor` of its whole list.

    `settlement` is the sha1 over that list. The last piece has `final` (`settled` or
    `void:<reason>`) and the takeout.
    """

    settlement: str
    cursor: int
    items: Sequence[PayItem]
    final: str = ""
    takeout_coins: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """`cursor` items of the settlement are paid; `seq` is the last entry of the club."""

    cursor: int
    seq: int
    is_repeat: bool
    state: MarketState


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One atomic read. Users without a wallet have 0 coins; markets not in the bank are absent.

    `rubbish` are users whose wallet or position no number can be read from; they have 0 coins.
    """

    epoch: int
    seq: int
    coins: dict[int, int]
    # (market, user) → outcome → (coins, seq of the first bet)
    positions: dict[tuple[int, int], dict[int, tuple[int, int]]]
    states: dict[int, MarketState]
    rubbish: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a club's journal stands, and its totals; conserved: see `is_even`."""

    epoch: int
    seq: int
    chain: str
    at_ms: int
    issued: int
    burned: int
    in_wallets: int
    in_pools: int
    house: int

    @classmethod
    def fresh(cls, epoch: int) -> Self:
        """The head of a club in which nothing has happened yet."""
        figures = dict.fromkeys(("issued", "burned", "in_wallets", "in_pools", "house"), 0)
        return cls(epoch=epoch, seq=0, chain="", at_ms=0, **figures)

    @property
    def is_even(self) -> bool:
        """Coins in wallets, open pools and the house are as many as were issued and not burned."""
        return self.issued - self.burned == self.in_wallets + self.in_pools + self.house


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One decision of the journal. Marks have 0 coins."""

    epoch: int
    seq: int
    kind: str
    market_id: int | None
    user_id: int | None
    outcome_id: int | None
    coins: int
    command: str
    at_ms: int
    wallet_after: int | None
    position_after: int | None
    chain: str

    @property
    def into_wallet(self) -> int:
        """The coins that the wallet of its user got; below zero when it gave them."""
        return self.coins * _INTO_WALLET.get(self.kind, 0)

    def link(self, previous_chain: str) -> str:
        """The chain this entry must carry after an entry that carried `previous_chain`."""
        market_id, user_id, outcome_id, wallet_after, position_after = [
            "" if figure is None else figure
            for figure in (
                self.market_id, self.user_id, self.outcome_id, self.wallet_after,
                self.position_after,
            )
        ]  # fmt: skip
        line = (
            f"{previous_chain} {self.epoch}-{self.seq} {self.kind} {market_id} {user_id}"
            f" {outcome_id} {self.coins or ''} {self.command} {self.at_ms} {wallet_after}"
            f" {position_after}"
        )
        return hashlib.sha1(line.encode(), usedforsecurity=False).hexdigest()
