"""What the pages of betting share."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from web.admin_site.admin_pages import Figure, Line, Section
from web.refusals import Refused, Words


def ledger_of(**named: int) -> str:
    """The address of the ledger browser for a club, a market or a user."""
    query = "&".join(f"{name}={number}" for name, number in named.items())
    return f"{reverse('admin:betting_ledgerentry_changelist')}?{query}"


def why_missing(refused: Refused) -> Words:
    """Why the bank gave no answer, as a sentence."""
    return _("The bank does not answer.") if refused.code == "unavailable" else refused.message


def without_bank(
    title: Words, live: Words, rows: Sequence[tuple[Words, Figure]], refused: Refused
) -> Section:
    """SQL's figures alone, and why the bank's are missing."""
    lines = [Line(label=label, live="–", sql=sql, verdict="away") for label, sql in rows]
    return Section(title=title, live=live, lines=lines, note=why_missing(refused))
