"""Raising the epoch of a club: from then on the bank may not know what it once answered."""

from django.db import transaction

from betting import bank
from betting.models import Epoch, Watermark


def raise_epoch(club_id: int, why: str, *, above: int = 0) -> Epoch:
    """Begin the next epoch in SQL, above `above`, at the ledger's last entry.

    From here on no entry of the old one can be recorded. The same reason again finds the epoch
    that began for it.
    """
    at_ms = bank.ask_time_ms(club_id)
    with transaction.atomic(durable=True):
        mark = Watermark.objects.select_for_update().get(pk=club_id)
        begun = Epoch.objects.filter(club_id=club_id, why=why).first()
        if begun is None:
            mark.epoch = max(mark.epoch, above) + 1
            mark.save(update_fields=["epoch"])
            begun = Epoch.objects.create(
                club_id=club_id, epoch=mark.epoch, after_seq=mark.seq, at_ms=at_ms, why=why
            )
    return begun
