"""Whose bank it is: the house's random id stands in SQL and in the head of each club.

It enters a bank that holds none once the books were compared; another house's is never written
over, but by `rebuild_bank --take-over`.
"""

import secrets

from django.utils.translation import gettext as _

from betting import bank
from betting.models import House
from rooms.models import Club

FIELD = "house_id"
_ONLY = 1


def own_id() -> str:
    """The id of this house, made on first use."""
    made = {"name": secrets.token_hex(16)}
    return House.objects.get_or_create(pk=_ONLY, defaults=made)[0].name


def is_foreign(club_id: int) -> bool:
    """Whether the bank of a club is another house's. Raises BankAway."""
    held = bank.command("HGET", bank.Keys(club_id).head, FIELD)
    return bool(held) and held != own_id()


def foreign_sentences() -> list[str]:
    """Clubs whose bank is another house's, a sentence for each. Raises BankAway."""
    clubs = Club.objects.order_by("pk").values_list("pk", "slug")
    told = _(
        "Club %(club)s: this bank is another house's; REDIS_BANK_URL must name a bank of this"
        " house."
    )
    return [told % {"club": slug} for pk, slug in clubs if is_foreign(pk)]


def claim(club_id: int) -> None:
    """Write this house's id into the head of a club that has none. Raises BankAway."""
    if bank.find_head(club_id) is not None:
        bank.command("HSETNX", bank.Keys(club_id).head, FIELD, own_id())
