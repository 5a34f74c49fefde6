"""A user's bets and movements, read from the ledger, newest first; and a room's leaderboard.

Pages are cut by the number of the ledger row, so that new entries never shift them.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When
from msgspec import UNSET

from betting import bank, ledger
from betting.models import REFILL, Correction, Kind, LedgerEntry, Market, Wallet
from betting.wire import sight
from betting.wire.answers import Movement, MyBet, Rank, Ranked
from rooms.models import MAIN_CLUB, Club
from rooms.names import names_of

log = logging.getLogger(__name__)

PAGE_ROWS = 50
TOP_ROWS = 50
_MOVED = (Kind.GRANT, Kind.BURN, Kind.BET, Kind.PAYOUT, Kind.REFUND)
_TAKEN = (Kind.BET, Kind.BURN)
# A user's net in a room: all coins that came back less all that were staked.
NET = Sum(
    Case(
        When(kind=Kind.BET, then=-F("coins")),
        default=F("coins"),
        output_field=BigIntegerField(),
    )
)


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the row number to go on before (None at the end)."""

    results: list[Row]
    before: int | None


def bets(user_id: int, before: int | None = None) -> Page[MyBet]:
    """The user's bets with what each brought, once its market is final."""
    entries, more = _page(LedgerEntry.objects.filter(user_id=user_id, kind=Kind.BET), before)
    rows = Market.objects.select_related("room__club")
    markets = rows.in_bulk({entry.market_id for entry in entries if entry.market_id})
    payouts = _payouts(user_id, [market for market in markets.values() if market.is_final])
    results = [
        MyBet(
            bet_id=entry.command,
            market=market.pk,
            question=market.question,
            outcome=entry.outcome_id or 0,
            stake=entry.coins,
            at_ms=entry.at_ms,
            epoch=entry.epoch,
            seq=entry.seq,
            status=market.status,
            payout=payouts.get(entry.pk),
            club=market.room.club.slug,
        )
        for entry in entries
        if (market := markets.get(entry.market_id or 0))
    ]
    return Page(results, more)


def movements(user_id: int, before: int | None = None) -> Page[Movement]:
    """Every movement of the user's coins, signed, with the wallet afterwards."""
    entries, more = _page(LedgerEntry.objects.filter(user_id=user_id, kind__in=_MOVED), before)
    reasons = _reasons(entries)
    results = [
        Movement(
            epoch=entry.epoch,
            seq=entry.seq,
            kind=entry.kind,
            coins=-entry.coins if entry.kind in _TAKEN else entry.coins,
            after=entry.wallet_after or 0,
            market=entry.market_id,
            at_ms=entry.at_ms,
            reason=reasons.get(entry.pk, UNSET),
        )
        for entry in entries
    ]
    return Page(results, more)


def catch_up(user_id: int) -> None:
    """Record what the bank has decided in the user's clubs, so that the last bet is listed."""
    clubs = Q(slug=MAIN_CLUB) | Q(pk__in=Wallet.objects.filter(user_id=user_id).values("club_id"))
    for club_id in Club.objects.filter(clubs).values_list("pk", flat=True):
        try:
            ledger.record(club_id)
        except (bank.BankAway, bank.BankFull, ledger.JournalBroken) as error:
            log.warning("club %s is shown as last recorded: %s", club_id, error)


def top(room_id: int) -> list[Ranked]:
    """The largest winners of a room's decided markets; equal nets share a rank."""
    return ranked(room_id, list(nets(room_id)[:TOP_ROWS]))


def nets(room_id: int) -> Any:
    """(user, net) of all who bet on a room's decided markets, largest net first."""
    found = nets_in(sight.decided(room_id))
    return found.order_by("-net", "user_id").values_list("user_id", "net")


def ranked(room_id: int, rows: Sequence[tuple[int, int]]) -> list[Ranked]:
    """Lines of a room's leaderboard from (user, net), largest first; equal nets share a rank."""
    return lines(rows, names_of(room_id, [user_id for user_id, _net in rows]))


def lines(rows: Sequence[tuple[int, int]], names: Mapping[int, str]) -> list[Ranked]:
    """Lines of a leaderboard from (user, net), largest first, and what the users are called."""
    found: list[Ranked] = []
    for place, (user_id, net) in enumerate(rows, start=1):
        is_tied = bool(found) and found[-1].net == net
        rank = found[-1].rank if is_tied else place
        found.append(Ranked(rank, user_id, names.get(user_id, ""), int(net)))
    return found


def place_of(room_id: int, user_id: int) -> Rank | None:
    """The user's own rank and net in a room; None without a decided bet."""
    markets = sight.decided(room_id)
    mine = nets_in(markets).filter(user_id=user_id).values_list("net", flat=True)
    if not mine:
        return None
    own = mine[0]
    better = nets_in(markets).filter(net__gt=own).count()
    return Rank(better + 1, int(own))


def nets_in(markets: QuerySet[Market]) -> Any:
    """user_id and net of all who bet on these decided markets."""
    return _moved_in(markets).values("user_id").annotate(net=NET)


def moved(room_id: int) -> QuerySet[LedgerEntry]:
    """Stakes, payouts and refunds of a room's decided markets."""
    return _moved_in(sight.decided(room_id))


def _moved_in(markets: QuerySet[Market]) -> QuerySet[LedgerEntry]:
    kinds = [Kind.BET, Kind.PAYOUT, Kind.REFUND]
    return LedgerEntry.objects.filter(market_id__in=markets.values("pk"), kind__in=kinds).order_by()


def staked(room_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """The coins that these users have staked in a room, as far as they are recorded."""
    markets = Market.objects.filter(room=room_id).values("pk")
    bets = LedgerEntry.objects.filter(kind=Kind.BET, market_id__in=markets, user_id__in=user_ids)
    sums: Any = bets.order_by().values_list("user_id").annotate(all=Sum("coins"))
    return {user_id: int(coins) for user_id, coins in sums}


def _page(
    entries: QuerySet[LedgerEntry], before: int | None
) -> tuple[list[LedgerEntry], int | None]:
    if before is not None:
        entries = entries.filter(pk__lt=before)
    rows = list(entries.order_by("-pk")[: PAGE_ROWS + 1])
    shown = rows[:PAGE_ROWS]
    return shown, shown[-1].pk if len(rows) > PAGE_ROWS else None


def _reasons(entries: Sequence[LedgerEntry]) -> dict[int, str]:
    """The reasons of movements: the operator's words, or the code of a refund."""
    commands = [entry.command for entry in entries if entry.kind in (Kind.GRANT, Kind.BURN)]
    told = dict(Correction.objects.filter(command__in=commands).values_list("command", "reason"))
    reasons: dict[int, str] = {}
    for entry in entries:
        if entry.kind == Kind.REFUND:
            reasons[entry.pk] = entry.command.partition(":")[2]
        elif entry.command in told:
            reasons[entry.pk] = told[entry.command]
        elif entry.command.startswith("welcome:"):
            reasons[entry.pk] = "welcome"
        elif entry.command.startswith(REFILL):
            reasons[entry.pk] = "refill"
    return reasons


def _payouts(user_id: int, markets: Iterable[Market]) -> dict[int, int]:
    """What each bet of a user on final markets brought, by ledger row.

    Payouts are per position; a position's coins are shared among its bets by stake, whole, the
    coins left over going one each to the earliest. So the bets add up to what was paid.
    """
    final = {market.pk: market for market in markets}
    entries = LedgerEntry.objects.filter(user_id=user_id, market_id__in=final).order_by("seq")
    staked: dict[tuple[int, int], list[LedgerEntry]] = defaultdict(list)
    back: dict[tuple[int, int], int] = defaultdict(int)
    brought: dict[int, int] = {}
    for entry in entries.filter(kind__in=[Kind.BET, Kind.PAYOUT, Kind.REFUND]):
        assert entry.market_id is not None and entry.outcome_id is not None
        place = entry.market_id, entry.outcome_id
        if entry.kind == Kind.BET:
            if _is_late(final[entry.market_id], entry):
                brought[entry.pk] = entry.coins
            else:
                staked[place].append(entry)
        elif not entry.command.endswith(":past_post"):
            back[place] += entry.coins
    for place, made in staked.items():
        brought |= _shared(made, back[place])
    return brought


def _is_late(market: Market, entry: LedgerEntry) -> bool:
    """Whether rule 7 gave this stake back by itself."""
    return market.happened_at_ms is not None and entry.at_ms >= market.happened_at_ms


def _shared(made: Sequence[LedgerEntry], coins: int) -> dict[int, int]:
    total = sum(entry.coins for entry in made)
    shares = {entry.pk: coins * entry.coins // total for entry in made}
    left = coins - sum(shares.values())
    for entry in made[:left]:
        shares[entry.pk] += 1
    return shares
