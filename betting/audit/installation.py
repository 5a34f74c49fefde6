"""Whose bank it is: the installation's random id stands in SQL and in the head of each club.

It enters a bank that holds none once the books were compared; the id of another installation is
never written over, but by `rebuild_bank --take-over`.

A copy of SQL has the same id. Two of them on one bank are told by words that SQL and the bank
exchange.
"""

import secrets
import time
from collections import deque
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from betting import bank
from betting.models import Installation
from rooms.models import Club

FIELD, WORD = "installation_id", "word"
EXCHANGE_EVERY_S = 10.0
REMEMBERED_S = 60.0


def own_id() -> str:
    """The id of this installation, made on first use."""
    made = {"name": secrets.token_hex(16)}
    return Installation.objects.get_or_create(pk=Installation.ONLY, defaults=made)[0].name


def name_in(alias: str) -> str | None:
    """The id of the installation in a database, by its alias."""
    return Installation.objects.using(alias).values_list("name", flat=True).first()


def is_foreign(club_id: int) -> bool:
    """Whether the bank of a club belongs to another installation. Raises BankAway."""
    held = bank.command("HGET", bank.Keys(club_id).head, FIELD)
    return bool(held) and held != own_id()


def foreign_sentences(primary: bank.Primary, club_ids: Sequence[int]) -> list[str]:
    """Which clubs of a primary belong to another installation, a sentence each. Raises BankAway."""
    own, heads = own_id(), bank.heads(primary, club_ids)
    foreign = [
        club_id
        for club_id, head in heads.items()
        if head is not None and head.installation_id not in ("", own)
    ]
    slugs = Club.objects.filter(pk__in=foreign).order_by("pk").values_list("slug", flat=True)
    told = _(
        "Club %(club)s: this bank belongs to another installation; REDIS_BANK_URL must name a bank"
        " of this one."
    )
    return [told % {"club": slug} for slug in slugs] if foreign else []


def claim(club_id: int) -> None:
    """Write this installation's id into the head of a club that has none. Raises BankAway."""
    # Two steps are safe: of two installations at once HSETNX lets one alone write. Only a rebuild
    # takes a head away; an id alone is no head, so the bank decides nothing with it, and the
    # rebuild removes it or asks to be run again.
    if bank.find_head(club_id) is not None:
        bank.command("HSETNX", bank.Keys(club_id).head, FIELD, own_id())


class Exchange:
    """Tells whether another copy of this SQL uses the bank, too.

    Every ten seconds SQL gives the bank a new random word once the bank holds the last one, so
    whatever is killed in between, the bank holds one of the last two. A word that is neither is
    left from before SQL or the bank was restored; a second one within a minute is another copy's.
    """

    def __init__(self) -> None:
        self._next_s = 0.0
        self._strange_s: deque[float] = deque(maxlen=2)

    def is_shared(self) -> bool:
        """Exchange words when that is due, and say what they tell. Raises BankAway."""
        now_s = time.monotonic()
        club = Club.objects.order_by("pk").first()
        if club and now_s >= self._next_s:
            self._next_s = now_s + EXCHANGE_EVERY_S
            if _exchange(club.pk):
                self._strange_s.append(now_s)
        return len(self._strange_s) == 2 and now_s - self._strange_s[0] < REMEMBERED_S


def _exchange(club_id: int) -> bool:
    """Give the bank this SQL's newest word; whether it held one that is not of this SQL."""
    head = bank.Keys(club_id).head
    if bank.find_head(club_id) is None:
        return False
    # A foreign bank gets no word of this SQL, and is not shut for its own.
    if bank.command("HGET", head, FIELD) not in (None, "", own_id()):
        return False
    with transaction.atomic():
        row = Installation.objects.select_for_update().get()
        held = bank.command("HGET", head, WORD)
        words = row.words.split()
        is_strange = bool(held) and held not in words
        if not words or is_strange or held == words[-1]:
            words = [*words[-1:], secrets.token_hex(16)]
            Installation.objects.update(words=" ".join(words))
    bank.command("HSET", head, WORD, words[-1])
    return is_strange
