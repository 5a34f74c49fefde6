"""Clubs in which nothing has happened, found for many at once: there is nothing to compare."""

from collections.abc import Sequence
from dataclasses import asdict

from django.db.models import Exists, OuterRef

from betting import bank
from betting.models import LedgerEntry, Market, Watermark
from web.rows.chunks import chunks

CLUBS_PER_CALL = 200


def untouched(primary: bank.Primary, club_ids: Sequence[int]) -> set[int]:
    """The clubs of a primary that hold nothing but a fresh head, and of which SQL has nothing.

    Each of the others wants a look of its own. Raises BankAway.
    """
    epochs = _empty_in_sql(club_ids)
    found: set[int] = set()
    for some in chunks(list(epochs), CLUBS_PER_CALL):
        answers = primary.send([words for club_id in some for words in _words(club_id)])
        for club_id, head, held in zip(some, answers[::2], answers[1::2], strict=True):
            if head == _fresh(epochs[club_id]) and held == 0:
                found.add(club_id)
    return found


def _empty_in_sql(club_ids: Sequence[int]) -> dict[int, int]:
    """Clubs without an entry and without a question, with their epochs."""
    club = OuterRef("club_id")
    entries = LedgerEntry.objects.filter(club_id=club)
    markets = Market.objects.filter(room__club_id=club)
    empty = Watermark.objects.filter(~Exists(entries), ~Exists(markets), seq=0)
    wanted = set(club_ids)
    return {pk: epoch for pk, epoch in empty.values_list("pk", "epoch") if pk in wanted}


def _fresh(epoch: int) -> list[str]:
    return [str(figure) for figure in asdict(bank.Head.fresh(epoch)).values()]


def _words(club_id: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    keys = bank.Keys(club_id)
    return (
        ("HMGET", keys.head, *asdict(bank.Head.fresh(1))),
        ("EXISTS", keys.wallets, keys.journal, keys.grants, keys.refills),
    )
