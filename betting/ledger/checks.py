"""Checks that entries of the journal may be recorded: they follow from what the ledger holds.

Called by recorder.py before it writes, while the watermark of the club is locked.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Case, F, Sum, Value, When

from betting.bank.values import Entry
from betting.models import ACCOUNTS, Kind, LedgerEntry, Market, Position, Wallet, Watermark

# The effect of a movement on the wallet of its user.
SIGNED = Case(
    When(credit="wallet", then=F("coins")),
    When(debit="wallet", then=-F("coins")),
    default=Value(0),
)


class JournalBroken(Exception):
    """The journal of a club does not go on where the ledger ends; nothing was recorded."""

    def __init__(self, club_id: int, seq: int, reason: str) -> None:
        super().__init__(f"The journal of club {club_id} is broken at {seq}: {reason}.")
        self.club_id = club_id
        self.seq = seq
        self.reason = reason


def check(mark: Watermark, entries: Sequence[Entry]) -> None:
    """Check these entries. Raises JournalBroken at the first that must not follow the watermark."""
    _check_watermark(mark)
    _check_order(mark, entries)
    _check_wallets(mark.club_id, entries)
    _check_bets(mark.club_id, entries)


def duplicate(club_id: int, entries: Sequence[Entry]) -> Entry | None:
    """The first of these entries whose bet id or command another entry of the club has."""
    seen = set()
    for entry in entries:
        if entry.kind == Kind.BET:
            once: dict[str, Any] = {"market_id": entry.market_id, "user_id": entry.user_id}
            once["kind"] = Kind.BET
        elif entry.kind in (Kind.GRANT, Kind.BURN):
            once = {"club": club_id, "kind__in": (Kind.GRANT, Kind.BURN)}
        else:
            continue
        once["command"] = entry.command
        others = LedgerEntry.objects.filter(**once).exclude(chain=entry.chain)
        if str(once) in seen or others.exists():
            return entry
        seen.add(str(once))
    return None


def _check_watermark(mark: Watermark) -> None:
    last = LedgerEntry.objects.filter(club=mark.club_id, seq=mark.seq).values_list("chain").first()
    if mark.seq and last != (mark.chain,):
        raise JournalBroken(mark.club_id, mark.seq, "the watermark is not at the ledger's end")


def _check_order(mark: Watermark, entries: Sequence[Entry]) -> None:
    seq, chain = mark.seq, mark.chain
    for entry in entries:
        seq += 1
        if entry.epoch != mark.epoch:
            reason = f"it is of epoch {entry.epoch}, the ledger of epoch {mark.epoch}"
            raise JournalBroken(mark.club_id, seq, reason)
        if entry.seq != seq:
            raise JournalBroken(mark.club_id, seq, f"the next entry is {entry.seq}")
        if entry.chain != entry.link(chain):
            raise JournalBroken(mark.club_id, seq, "its chain does not follow from its fields")
        chain = entry.chain


def _check_wallets(club_id: int, entries: Sequence[Entry]) -> None:
    """Coins before and coins moved make the coins afterwards, entry by entry."""
    moving = [entry for entry in entries if entry.kind in ACCOUNTS and entry.user_id is not None]
    users = {entry.user_id or 0 for entry in moving}
    shown = Wallet.objects.filter(club_id=club_id, user_id__in=users)
    moved = LedgerEntry.objects.filter(club=club_id).order_by()
    wallets = _Coins(
        dict(shown.values_list("user_id", "coins")),
        lambda user: moved.filter(user_id=user).aggregate(held=Sum(SIGNED))["held"],
    )
    for entry in moving:
        if not wallets.take(entry.user_id, entry.into_wallet, entry.wallet_after):
            reason = f"the wallet of user {entry.user_id} would hold {entry.wallet_after}"
            raise JournalBroken(club_id, entry.seq, f"{reason}, not {wallets.of(entry.user_id)}")


def _check_bets(club_id: int, entries: Sequence[Entry]) -> None:
    """Bets stand before the lock, within the limits of their market, and positions add up."""
    bets = [entry for entry in entries if entry.kind == Kind.BET]
    judged = Market.objects.only("status", "min_stake_coins", "max_stake_coins")
    markets = judged.in_bulk({entry.market_id for entry in bets})
    positions = _read_positions(bets)
    for entry in entries:
        market = markets.get(entry.market_id or 0)
        if entry.kind == Kind.BET:
            key = (entry.market_id, entry.user_id, entry.outcome_id)
            if not positions.take(key, entry.coins, entry.position_after):
                reason = f"the position of user {entry.user_id} would be {entry.position_after}"
                raise JournalBroken(club_id, entry.seq, f"{reason}, not {positions.of(key)}")
            if market is not None and (reason := _against(entry, market)):
                raise JournalBroken(club_id, entry.seq, reason)
        elif market is not None and entry.kind in (Kind.OPEN, Kind.LOCK):
            is_open = entry.kind == Kind.OPEN
            market.status = Market.Status.OPEN if is_open else Market.Status.LOCKED


def _read_positions(bets: Sequence[Entry]) -> "_Coins":
    shown = Position.objects.filter(
        market__in={entry.market_id for entry in bets}, user__in={entry.user_id for entry in bets}
    )
    keys = ("market_id", "user_id", "outcome_id")
    staked = LedgerEntry.objects.filter(kind=Kind.BET).order_by()
    return _Coins(
        {tuple(key): coins for *key, coins in shown.values_list(*keys, "coins")},
        lambda key: staked.filter(**dict(zip(keys, key, strict=True))).aggregate(held=Sum("coins"))[
            "held"
        ],
    )


def _against(bet: Entry, market: Market) -> str:
    if market.status != Market.Status.OPEN:
        return f"a bet on market {market.pk}, which is not open"
    if bet.coins < market.min_stake_coins:
        return f"a stake of {bet.coins} on market {market.pk}, whose smallest is above it"
    if market.max_stake_coins and (bet.position_after or 0) > market.max_stake_coins:
        return f"a position of {bet.position_after} on market {market.pk}, whose largest is below"
    return ""


class _Coins:
    """Coins by key as SQL shows them; where they do not fit, the ledger itself is read."""

    def __init__(self, shown: dict[Any, int], in_ledger: Callable[[Any], int | None]) -> None:
        self._shown = shown
        self._in_ledger = in_ledger
        self._now = dict(shown)

    def of(self, key: Any) -> int:
        """How many are there now."""
        now: int = self._now.get(key, 0)
        return now

    def take(self, key: Any, coins: int, after: int | None) -> bool:
        """Move coins; whether there are as many afterwards as is said."""
        now: int = self._now.get(key, 0) + coins
        if now != after:
            held = self._in_ledger(key) or 0
            now += held - self._shown.get(key, 0)
            self._shown[key] = held
        self._now[key] = now
        return now == after
