"""Anchors: where each club's chain stood, published so that anybody may keep it.

Whoever keeps an anchor, or a receipt, can tell later whether anything before it was changed.
"""

from collections import defaultdict

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from betting import bank
from betting.models import Anchor, Watermark
from betting.receipts.shapes import AnchorAnswer
from rooms.models import Club

EVERY_MS = 3_600_000
# A chain is walked from one anchor to the next, so a lively hour has several.
EVERY_ENTRIES = 20_000
SHOWN_PER_CLUB = 168


def publish_due() -> None:
    """Publish where each club's chain stands, once an hour or 20,000 entries.

    Nothing is published of a club in which nothing has happened since.
    """
    newest = Anchor.objects.filter(club=OuterRef("pk")).order_by("-seq")
    behind = Watermark.objects.alias(last=Subquery(newest.values("seq")[:1]))
    behind = behind.filter(Q(last=None, seq__gt=0) | Q(last__lt=F("seq")))
    for club_id in behind.values_list("pk", flat=True):
        if _is_due(Watermark.objects.get(pk=club_id)):
            with transaction.atomic(durable=True):
                mark = Watermark.objects.select_for_update().get(pk=club_id)
                # Another clock may have published meanwhile.
                if _is_due(mark):
                    _publish(mark)


def _is_due(mark: Watermark) -> bool:
    last = Anchor.objects.filter(club=mark.club_id).order_by("-seq").first()
    if last is None:
        return mark.seq > 0
    is_time = bank.ask_time_ms() - last.at_ms >= EVERY_MS
    return mark.seq > last.seq and (is_time or mark.seq - last.seq >= EVERY_ENTRIES)


def _publish(mark: Watermark) -> None:
    Anchor.objects.create(
        club_id=mark.club_id, seq=mark.seq, chain=mark.chain, at_ms=bank.ask_time_ms()
    )


def latest() -> list[AnchorAnswer]:
    """The last 168 anchors of each club, newest first."""
    found: defaultdict[str, list[AnchorAnswer]] = defaultdict(list)
    for pk, slug in Club.objects.order_by("pk").values_list("pk", "slug"):
        for anchor in Anchor.objects.filter(club=pk).order_by("-seq")[:SHOWN_PER_CLUB]:
            told = AnchorAnswer(club=slug, seq=anchor.seq, chain=anchor.chain, at_ms=anchor.at_ms)
            found[slug].append(told)
    return [anchor for anchors in found.values() for anchor in anchors]
