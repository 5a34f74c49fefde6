"""Pool arithmetic: the shares of all stakes when a market is decided, to the last coin.

Pure and in whole numbers only; it reads neither clocks nor stores. The rules it follows are the
pool rules in docs/ledger.md, and their numbers are used here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from math import lcm

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """The coins of one user on one outcome, split by rule 7.

    `coins` count, and `first_seq` is the seq of the first bet among them (0 when none counts);
    `late_coins` were accepted when it had already happened.
    """

    user_id: int
    outcome_id: int
    coins: int
    first_seq: int
    late_coins: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One item of a settlement: coins that go back to a wallet for the stake they stand for."""

    kind: str  # "payout" or "refund"
    user_id: int
    outcome_id: int
    coins: int
    stake_coins: int
    reason: str = ""  # of a refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The whole result of a market; shares and takeout together are every coin staked on it."""

    status: str  # "settled" or "void"
    reason: str  # the reason of a void, else empty
    takeout_coins: int
    items: list[Share]


def settle(
    stakes: Iterable[Stake], *, winners: Collection[int], takeout_bp: int, min_bettors: int
) -> Settlement:
    """Share the pool among the winners, or give every stake back where rule 5 says so.

    Stakes may come in any order; the items are ordered by first bet, so that the same stakes
    always make the same list. Late stakes are refunded as past_post and otherwise never were.
    """
    ordered = _by_first_bet(stakes)
    late = [_refund(stake, stake.late_coins, "past_post") for stake in ordered if stake.late_coins]
    counting = [stake for stake in ordered if stake.coins]
    pools = _pools(counting)
    reason = reason_to_refund(
        pools, bettors=len({stake.user_id for stake in counting}), min_bettors=min_bettors
    )
    won = {outcome: pools[outcome] for outcome in winners if outcome in pools}
    reason = reason or ("" if won else "no_winner")
    if reason:
        refunds = [_refund(stake, stake.coins, reason) for stake in counting]
        return Settlement(status="void", reason=reason, takeout_coins=0, items=late + refunds)
    total, staked = sum(pools.values()), sum(won.values())
    takeout = _takeout(total, staked, takeout_bp)
    holders = [stake for stake in counting if stake.outcome_id in won]
    payouts = _share_profit(holders, won, total - takeout - staked)
    return Settlement(status="settled", reason="", takeout_coins=takeout, items=late + payouts)


def call_off(stakes: Iterable[Stake], *, reason: str) -> Settlement:
    """Give every stake back, whenever it was made: void and unresolved, and rule 5 at the lock."""
    items = [
        _refund(stake, stake.coins + stake.late_coins, reason) for stake in _by_first_bet(stakes)
    ]
    return Settlement(status="void", reason=reason, takeout_coins=0, items=items)


def reason_to_refund(pools: Mapping[int, int], *, bettors: int, min_bettors: int) -> str:
    """The reason to refund everything (too_small, one_sided), or empty. Judged at the lock, too."""
    backed = sum(coins > 0 for coins in pools.values())
    if not backed or bettors < min_bettors:
        return "too_small"
    return "one_sided" if backed == 1 else ""


def odds(pools: Mapping[int, int], takeout_bp: int) -> dict[int, int | None]:
    """What each outcome would pay for one coin if it won alone now, in hundredths (rule 9).

    An outcome without coins shows none.
    """
    total = sum(pools.values())
    return {
        outcome: 100 * (total - _takeout(total, coins, takeout_bp)) // coins if coins else None
        for outcome, coins in pools.items()
    }


def settlement_id(items: Sequence[Share]) -> str:
    """The name of a list of items, as 40 hexadecimal digits: another list has another name."""
    lines = (
        f"{item.kind} {item.user_id} {item.outcome_id} {item.coins} {item.stake_coins}"
        f" {item.reason}\n"
        for item in items
    )
    return sha1("".join(lines).encode(), usedforsecurity=False).hexdigest()


def _by_first_bet(stakes: Iterable[Stake]) -> list[Stake]:
    return sorted(stakes, key=lambda stake: (stake.first_seq, stake.user_id, stake.outcome_id))


def _refund(stake: Stake, coins: int, reason: str) -> Share:
    return Share(
        kind="refund",
        user_id=stake.user_id,
        outcome_id=stake.outcome_id,
        coins=coins,
        stake_coins=coins,
        reason=reason,
    )


def _pools(stakes: Iterable[Stake]) -> dict[int, int]:
    pools: dict[int, int] = {}
    for stake in stakes:
        pools[stake.outcome_id] = pools.get(stake.outcome_id, 0) + stake.coins
    return pools


def _takeout(total: int, staked: int, takeout_bp: int) -> int:
    """Rule 1: the takeout comes from what the winners win, never from what they staked."""
    return min(total * takeout_bp // BASIS_POINTS, total - staked)


def _share_profit(holders: Sequence[Stake], won: Mapping[int, int], profit: int) -> list[Share]:
    """Rules 2 to 4: each winning outcome gets an equal part of the profit, shared by position.

    With one winner the stake and its part of the profit are its part of the net pool. Fractions
    are compared as whole numbers over the common multiple of their denominators.
    """
    parts = {outcome: len(won) * coins for outcome, coins in won.items()}
    common = lcm(*parts.values())
    whole: list[int] = []
    fractions: list[int] = []
    for stake in holders:
        part = parts[stake.outcome_id]
        coins, rest = divmod(stake.coins * profit, part)
        whole.append(coins)
        fractions.append(rest * (common // part))
    left = profit - sum(whole)
    first = sorted(range(len(holders)), key=lambda n: (-fractions[n], holders[n].first_seq))
    for n in first[:left]:
        whole[n] += 1
    return [
        Share(
            kind="payout",
            user_id=stake.user_id,
            outcome_id=stake.outcome_id,
            coins=stake.coins + coins,
            stake_coins=stake.coins,
        )
        for stake, coins in zip(holders, whole, strict=True)
    ]
