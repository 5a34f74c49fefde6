"""Whose bank it is: the installation's random id stands in SQL and in the head of each club.

It enters a bank that holds none once the books were compared; the id of another installation is
never written over, but by `rebuild_bank --take-over`.
"""

import secrets

from django.utils.translation import gettext as _

from betting import bank
from betting.models import Installation
from rooms.models import Club

FIELD = "installation_id"


def own_id() -> str:
    """The id of this installation, made on first use."""
    made = {"name": secrets.token_hex(16)}
    return Installation.objects.get_or_create(pk=Installation.ONLY, defaults=made)[0].name


def is_foreign(club_id: int) -> bool:
    """Whether the bank of a club belongs to another installation. Raises BankAway."""
    held = bank.command("HGET", bank.Keys(club_id).head, FIELD)
    return bool(held) and held != own_id()


def foreign_sentences() -> list[str]:
    """Clubs whose bank belongs to another installation, a sentence each. Raises BankAway."""
    clubs = Club.objects.order_by("pk").values_list("pk", "slug")
    told = _(
        "Club %(club)s: this bank belongs to another installation; REDIS_BANK_URL must name a bank"
        " of this one."
    )
    return [told % {"club": slug} for pk, slug in clubs if is_foreign(pk)]


def claim(club_id: int) -> None:
    """Write this installation's id into the head of a club that has none. Raises BankAway."""
    # Two steps are safe: of two installations at once HSETNX lets one alone write. Only a rebuild
    # takes a head away; an id alone is no head, so the bank decides nothing with it, and the
    # rebuild removes it or asks to be run again.
    if bank.find_head(club_id) is not None:
        bank.command("HSETNX", bank.Keys(club_id).head, FIELD, own_id())
