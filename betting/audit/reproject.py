"""Makes the projections of a club anew from its ledger: wallets, positions, markets, outcomes.

The repair for a projection that differs. The ledger itself is not touched, the bank is only read.
"""

from collections.abc import Sequence

from betting import bank, ledger
from betting.audit.comparisons.differences import (
    MARKETS_PER_CHUNK,
    Progress,
    still,
    wallets_in_ledger,
)
from betting.ledger.market_projection import UNBEGUN, project_hold
from betting.ledger.projections import project
from betting.models import FORGOTTEN, Kind, LedgerEntry, Market, Outcome, Position, Wallet
from web.rows.chunks import chunks


def reproject(club_id: int, *, progress: Progress) -> int:
    """Fold all entries of a club again; returns how many there were.

    Bets go on meanwhile and wait in the journal; readers of SQL see the old figures until the
    end. Killed in between it changes nothing, and repeated nothing more. Raises BankAway, and
    leaves all as it was.
    """
    with still(club_id) as mark:
        market_ids = _begun(club_id)
        _clear(club_id, market_ids)
        for entries in ledger.read(club_id, mark.seq):
            project(club_id, entries)
            progress("entries", entries[-1].seq, mark.seq)
        _correct_wallets(club_id)
        _leave_out_forgotten(club_id)
        _note_holds(club_id, market_ids)
        return mark.seq


def _begun(club_id: int) -> list[int]:
    """The markets that the ledger knows; drafts have no entries."""
    opened = LedgerEntry.objects.filter(club_id=club_id, kind=Kind.OPEN)
    return sorted(number for number in opened.values_list("market_id", flat=True) if number)


def _clear(club_id: int, market_ids: Sequence[int]) -> None:
    Wallet.objects.filter(club_id=club_id).delete()
    for chunk in chunks(market_ids, MARKETS_PER_CHUNK):
        Position.objects.filter(market__in=chunk).delete()
        Outcome.objects.filter(market__in=chunk).update(coins=0, heads=0, won=False)
        Market.objects.filter(pk__in=chunk).update(**UNBEGUN)


def _correct_wallets(club_id: int) -> None:
    """Sums and no copies: a figure of the ledger may be wrong, its coins are the truth."""
    sums = wallets_in_ledger(club_id)
    for wallet in Wallet.objects.filter(club_id=club_id):
        if wallet.coins != sums.get(wallet.user_id, 0):
            Wallet.objects.filter(pk=wallet.pk).update(coins=sums.get(wallet.user_id, 0))


def _leave_out_forgotten(club_id: int) -> None:
    """The wallets of accounts that are gone; the entries stay."""
    burns = LedgerEntry.objects.filter(club_id=club_id, kind=Kind.BURN)
    gone = burns.filter(command__startswith=FORGOTTEN).values_list("user_id", flat=True)
    Wallet.objects.filter(club_id=club_id, user__in=list(gone), coins=0).delete()


def _note_holds(club_id: int, market_ids: Sequence[int]) -> None:
    """Read from the bank which markets are on hold, for a hold is no entry."""
    for chunk in chunks(market_ids, MARKETS_PER_CHUNK):
        for state in bank.run(bank.read(club_id, chunk, [])).states.values():
            project_hold(state)
