"""Comparisons of the ledger with itself, with the wallets of SQL and with those of the bank.

Each returns the differences, and changes nothing. They run beside open markets: the bank is
read together with its seq and compared with sums up to that seq; projections are compared while
the watermark is locked, a few milliseconds for each chunk.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from betting import bank, ledger
from betting.audit.wording import worded
from betting.bank.values import Entry, Snapshot
from betting.ledger.checks import SIGNED
from betting.models import ACCOUNTS, LedgerEntry, Wallet, Watermark

ROWS_PER_CHUNK = 500
MARKETS_PER_CHUNK = 100

# Called after each chunk: what is compared, how many are done, of how many.
Progress = Callable[[str, int, int], None]
Side = Literal["bank", "sql", "ledger"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures that should be one, named in English. `market_id` where it concerns one alone.

    `side` has the wrong one: the bank, what SQL shows of the ledger, or the ledger in itself.
    """

    what: str
    found: object
    ledger: object
    market_id: int | None = None
    side: Side = "bank"

    def __str__(self) -> str:
        told = _("%(what)s: %(found)s, but %(ledger)s by the ledger")
        return told % {name: worded(getattr(self, name)) for name in ("what", "found", "ledger")}


def silent(what: str, done: int, of: int) -> None:
    """Report no progress."""


def confirmed(compare: Callable[..., list[Difference]], *subject: Any) -> list[Difference]:
    """The differences that a comparison finds twice, with the very same figures."""
    first = compare(*subject)
    return [found for found in compare(*subject) if found in first] if first else []


def audit_chain(
    club_id: int, progress: Progress, take: Callable[[Entry], object] = lambda _entry: None
) -> list[Difference]:
    """Recompute the chain and every running balance; the first wrong entry ends it.

    `take` is handed every entry that is right.
    """
    last_seq, seq, chain = ledger.watermark(club_id).seq, 0, ""
    coins: dict[int, int] = {}
    for entries in ledger.read(club_id, last_seq):
        for entry in entries:
            seq += 1
            wrong = _wrong_with(entry, seq, chain, coins)
            if wrong is not None:
                return [wrong]
            chain = entry.chain
            take(entry)
        progress("entries of the chain", seq, last_seq)
    return unequal("the last entry of the ledger", seq, last_seq, side="ledger")


def _wrong_with(entry: Entry, seq: int, chain: str, coins: dict[int, int]) -> Difference | None:
    if entry.seq != seq:
        return Difference("the next entry of the ledger", entry.seq, seq, side="ledger")
    if entry.chain != entry.link(chain):
        return Difference(f"chain of entry {seq}", entry.chain, entry.link(chain), side="ledger")
    if entry.user_id is None or entry.kind not in ACCOUNTS:
        return None
    after = coins.get(entry.user_id, 0) + entry.into_wallet
    coins[entry.user_id] = after
    if entry.wallet_after != after:
        return Difference(f"wallet after entry {seq}", entry.wallet_after, after, side="ledger")
    return None


def audit_wallets(club_id: int, user_ids: Sequence[int]) -> list[Difference]:
    """Wallets of the bank and of SQL against the sums of their movements."""
    held = read_and_record(club_id, [], user_ids)
    with still(club_id):
        shown = dict(
            Wallet.objects.filter(club_id=club_id, user_id__in=user_ids).values_list(
                "user_id", "coins"
            )
        )
        moved = LedgerEntry.objects.filter(club_id=club_id, user_id__in=user_ids).order_by()
        sums = moved.values_list("user_id").annotate(
            now=Sum(SIGNED), then=Sum(SIGNED, filter=Q(seq__lte=held.seq))
        )
        by_user = {user: (int(now), int(then or 0)) for user, now, then in sums}
    found = []
    for user in user_ids:
        now, then = by_user.get(user, (0, 0))
        coins = "rubbish" if user in held.rubbish else held.coins[user]
        found += unequal(f"bank's wallet of user {user}", coins, then)
        found += unequal(f"wallet of user {user} in SQL", shown.get(user, 0), now, side="sql")
    return found


def wallets_in_ledger(club_id: int) -> dict[int, int]:
    """The coins of every user who ever had some, as sums over the ledger; a full scan."""
    moved = LedgerEntry.objects.filter(club=club_id, user_id__isnull=False).exclude(debit="")
    sums = moved.order_by().values_list("user_id").annotate(coins=Sum(SIGNED))
    return {user: int(coins) for user, coins in sums.iterator(ROWS_PER_CHUNK) if user is not None}


def read_and_record(club_id: int, market_ids: Sequence[int], user_ids: Sequence[int]) -> Snapshot:
    """Read the bank, and record the ledger at least up to that read."""
    held = bank.run(bank.read(club_id, market_ids, user_ids))
    ledger.wait_for(club_id, held.seq)
    return held


@contextmanager
def still(club_id: int) -> Iterator[Watermark]:
    """Lock the watermark: while it is held nothing is recorded."""
    with transaction.atomic():
        yield Watermark.objects.select_for_update().get(pk=club_id)


def unequal(
    what: str, found: object, by_ledger: object, market_id: int | None = None, side: Side = "bank"
) -> list[Difference]:
    """The difference between two figures, if there is one."""
    return [] if found == by_ledger else [Difference(what, found, by_ledger, market_id, side)]
