"""The calls of the bank: one builder for each of its functions.

Pure: client.py sends the calls. Arguments travel as digit strings, answers come as words and digit
strings. A denial comes as a value; the codes are named as “Denied”.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from betting.bank.keys import Keys
from betting.bank.replies import (
    is_number,
    read_denied,
    read_known_state,
    read_position,
    read_state,
)
from betting.bank.values import (
    Allowance,
    Chunk,
    Denied,
    Head,
    Marked,
    MarketState,
    Moved,
    Paid,
    Refilled,
    Snapshot,
)
from betting.models import Market

ITEMS_PER_CALL_MAX = 50

T = TypeVar("T")
Reply = list[Any]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One function call of the bank. `read` turns its reply into a value."""

    function: str
    keys: tuple[str, ...]
    args: tuple[str | int, ...]
    read: Callable[[Reply], T]
    write: bool = True


def grant(
    club_id: int, user_id: int, coins: int, command: str, market_id: int | None = None
) -> Call[Moved | Denied]:
    """Issue coins into a wallet, once per command; a repeated command gets its first answer.

    Denied: key_reused, stake_above_maximum (the club would have issued over 9·10^15).
    """
    return _move("grant_v1", club_id, (user_id, coins, command, market_id or ""))


def burn(
    club_id: int, user_id: int, coins: int, command: str, market_id: int | None = None
) -> Call[Moved | Denied]:
    """Take `coins` out of a wallet, or what it holds if that is less; Moved.coins says how many.

    Denied: key_reused, not_enough_coins (an empty wallet).
    """
    return _move("burn_v1", club_id, (user_id, coins, command, market_id or ""))


def refill(
    club_id: int, user_id: int, market_ids: Sequence[int], allowance: Allowance
) -> Call[Refilled | Denied]:
    """Issue coins to a user who has next to none, and no position on these markets.

    Asked again before any coin has moved it gets the first answer. Denied: too_fast (figure: the
    time in ms from which on it is possible), not_broke, stake_above_maximum.
    """
    keys = Keys(club_id)
    names = [keys.head, keys.wallets, keys.journal, keys.grants, keys.refills]
    for market_id in market_ids:
        names += [keys.market(market_id), keys.positions(market_id)]

    def parse(reply: Reply) -> Refilled | Denied:
        if reply[0] == "refused":
            return read_denied(reply[2:])
        return Refilled(**_moved(reply), next_at_ms=int(reply[8]))

    args = (
        user_id, allowance.coins, allowance.below_coins, allowance.every_ms, allowance.per_day
    )  # fmt: skip
    return Call("refill_v1", tuple(names), args, parse)


def open_market(
    club_id: int, market: Market, outcome_ids: Sequence[int], by: int | None = None
) -> Call[Marked | Denied]:
    """Open a market; its closing time counts from now. Opening again returns the first seq.

    Denied: key_reused (the bank has another market of this number, which SQL has lost).
    """
    keys = Keys(club_id)
    args: tuple[str | int, ...] = (
        market.pk, by or "", market.room_id, (market.closes_in_s or 0) * 1000,
        market.min_stake_coins, market.max_stake_coins or 0, market.min_bettors,
        int(market.hedging), market.takeout_bp, *outcome_ids,
    )  # fmt: skip
    names = (keys.head, keys.journal, keys.market(market.pk))
    return Call("open_market_v3", names, args, _read_marked(market.pk))


def lock(
    club_id: int, market_id: int, by: int | None = None, *, reason: str = ""
) -> Call[Marked | Denied]:
    """Stop bets. Without `by` (the clock) once the deadline has passed, or for a reason (a word).

    Locking again returns the first seq. Denied: not_due.
    """
    keys = Keys(club_id)
    names = (keys.head, keys.journal, keys.market(market_id))
    if reason:
        return Call("lock_v3", names, (market_id, by or "", reason), _read_marked(market_id))
    return Call("lock_v2", names, (market_id, by or ""), _read_marked(market_id))


def decide(
    club_id: int,
    market_id: int,
    *,
    kind: Literal["settle", "void"],
    command: str,
    by: int | None,
    is_operator: bool = False,
) -> Call[Marked | Denied]:
    """Settle (`<winner>.<winner>@<T0 ms or 0>`) or void (a reason code). The first one stands.

    The same decision again returns the same seq. A settle needs a locked market, a void locks an
    open one first. Denied: already_decided (otherwise), not_due (the clock, while a result
    stands), holder_may_not_settle (unless operator or clock), market_not_locked,
    no_such_outcome, malformed.
    """
    return _decide(club_id, market_id, (kind, command, by or "", int(is_operator), 0))


def announce(
    club_id: int,
    market_id: int,
    *,
    result: str,
    by: int,
    is_operator: bool = False,
    after_ms: int,
) -> Call[Marked | Denied]:
    """Name a result, `settle:<winners>@<T0>` or `void:<reason>`, unofficial for `after_ms`.

    0 decides at once, at most a day; so does a void of an empty market. Another result replaces
    it, at most three times, and its time begins anew; the same again returns the same seq. Denied:
    as of `decide`, and changed_too_often.
    """
    kind, _, command = result.partition(":")
    return _decide(club_id, market_id, (kind, command, by, int(is_operator), after_ms))


def make_official(club_id: int, market_id: int) -> Call[Marked | Denied]:
    """Decide a market whose result was unofficial for its time. Denied: not_due."""
    keys = Keys(club_id)
    names = (keys.head, keys.journal, keys.market(market_id))
    return Call("make_official_v2", names, (market_id,), _read_marked(market_id))


def withdraw(
    club_id: int, market_id: int, by: int, is_operator: bool = False
) -> Call[Marked | Denied]:
    """Take an unofficial result back; where none stands on a locked market nothing changes.

    Denied: already_decided, market_not_locked, holder_may_not_settle (unless operator).
    """
    keys = Keys(club_id)
    names = (keys.head, keys.journal, keys.market(market_id), keys.positions(market_id))
    args = (market_id, by, int(is_operator))
    return Call("withdraw_v2", names, args, _read_marked(market_id))


def pay(club_id: int, market_id: int, chunk: Chunk) -> Call[Paid | Denied]:
    """Pay up to 50 items of a settlement, beginning at item `chunk.cursor` of its list.

    `chunk.final` marks the last chunk: it pays the takeout and proves that the pool is paid out
    to the last coin. A chunk that was paid before changes nothing.
    Denied: market_undecided, frozen, key_reused (another settlement), gap (figure: the cursor),
    malformed (an item nobody holds, or sums over the pool).
    """
    assert len(chunk.items) <= ITEMS_PER_CALL_MAX
    keys = Keys(club_id)
    args: list[str | int] = [market_id, chunk.settlement, chunk.final]
    args += [chunk.takeout_coins, chunk.cursor]
    for item in chunk.items:
        args += [item.kind, item.user_id, item.outcome_id, item.coins]
        args += [item.stake_coins, item.reason]

    def parse(reply: Reply) -> Paid | Denied:
        if reply[0] == "refused":
            return read_denied(reply[2:])
        state = read_known_state(market_id, reply[5])
        is_repeat = reply[4] == "1"
        return Paid(cursor=int(reply[3]), seq=int(reply[2]), is_repeat=is_repeat, state=state)

    names = (
        keys.head, keys.wallets, keys.journal, keys.market(market_id), keys.positions(market_id)
    )  # fmt: skip
    return Call("pay_v1", names, tuple(args), parse)


def freeze(club_id: int, market_id: int, on: bool) -> Call[MarketState | Denied]:
    """Put a market on hold, or let it go on: no bets and no payments meanwhile. No entry."""
    keys = Keys(club_id)

    def parse(reply: Reply) -> MarketState | Denied:
        refused = reply[0] == "refused"
        return read_denied(reply[2:]) if refused else read_known_state(market_id, reply[2])

    return Call("freeze_v1", (keys.head, keys.market(market_id)), (market_id, int(on)), parse)


def forget(club_id: int, market_id: int) -> Call[bool]:
    """Remove the keys of a market that is paid in full. False: it is not final, nothing done."""
    keys = Keys(club_id)
    names = (
        keys.head, keys.market(market_id), keys.positions(market_id), keys.bets(market_id)
    )  # fmt: skip
    return Call("forget_v1", names, (market_id,), lambda reply: bool(reply[0] == "done"))


def forget_wallet(club_id: int, user_id: int, commands: Sequence[str]) -> Call[bool]:
    """Remove an empty wallet and the memory of these grants and burns. False: it holds coins."""
    keys = Keys(club_id)
    names = (keys.head, keys.wallets, keys.grants)
    args: tuple[str | int, ...] = (user_id, *commands)
    return Call("forget_wallet_v1", names, args, lambda reply: bool(reply[0] == "done"))


def start_epoch(club_id: int, head: Head) -> Call[bool]:
    """Give an empty bank its head. False: the club has one already, or entries without one."""
    keys = Keys(club_id)
    args = (
        head.epoch, head.seq, head.chain, head.at_ms,
        head.issued, head.burned, head.in_wallets, head.in_pools, head.house,
    )  # fmt: skip
    names = (keys.head, keys.journal)
    return Call("start_epoch_v1", names, args, lambda reply: bool(reply[0] == "done"))


def read(club_id: int, market_ids: Sequence[int], user_ids: Sequence[int]) -> Call[Snapshot]:
    """Read wallets, positions and markets at one moment; works while the gate is shut, too.

    At most 1,000 users and 5,000 positions (users times markets).
    """
    assert len(user_ids) <= 1000 and len(user_ids) * len(market_ids) <= 5000
    keys = Keys(club_id)
    names = [keys.head, keys.wallets]
    for market_id in market_ids:
        names += [keys.market(market_id), keys.positions(market_id)]

    def parse(reply: Reply) -> Snapshot:
        coins, rubbish = dict.fromkeys(user_ids, 0), set()
        for user_id, held in zip(user_ids, reply[4], strict=True):
            if held is None or is_number(held):
                coins[user_id] = int(held or 0)
            else:
                rubbish.add(user_id)
        states, positions = {}, {}
        for market_id, (flat, held_by) in zip(market_ids, reply[5], strict=True):
            state = read_state(market_id, flat)
            if state is not None:
                states[market_id] = state
            for user_id, text in zip(user_ids, held_by, strict=True):
                position = read_position(text or "")
                if position:
                    positions[market_id, user_id] = position
                elif text:
                    rubbish.add(user_id)
        return Snapshot(
            epoch=int(reply[2]),
            seq=int(reply[3]),
            coins=coins,
            positions=positions,
            states=states,
            rubbish=frozenset(rubbish),
        )

    return Call("look_v1", tuple(names), tuple(user_ids), parse, write=False)


def _decide(club_id: int, market_id: int, args: tuple[str | int, ...]) -> Call[Marked | Denied]:
    keys = Keys(club_id)
    names = (keys.head, keys.journal, keys.market(market_id), keys.positions(market_id))
    return Call("decide_v3", names, (market_id, *args), _read_marked(market_id))


def _read_marked(market_id: int) -> Callable[[Reply], Marked | Denied]:
    def parse(reply: Reply) -> Marked | Denied:
        if reply[0] == "refused":
            return read_denied(reply[2:])
        state = read_known_state(market_id, reply[4])
        return Marked(seq=int(reply[2]), is_repeat=reply[3] == "1", state=state)

    return parse


def _move(function: str, club_id: int, args: tuple[str | int, ...]) -> Call[Moved | Denied]:
    def parse(reply: Reply) -> Moved | Denied:
        if reply[0] == "refused":
            return read_denied(reply[2:])
        return Moved(**_moved(reply))

    keys = Keys(club_id)
    return Call(function, (keys.head, keys.wallets, keys.journal, keys.grants), args, parse)


def _moved(reply: Reply) -> dict[str, Any]:
    names = ("epoch", "seq", "at_ms", "coins", "coins_after")
    return dict(zip(names, map(int, reply[2:7]), strict=True)) | {"is_repeat": reply[7] == "1"}
