"""The bank's figures beside those of SQL, and whether the two truly differ.

What SQL has not recorded yet is no difference: betting/audit/ compares both with the ledger's sums,
each at its own moment, and only what it finds twice counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from betting import bank, ledger
from betting.audit.comparisons import differences
from betting.audit.comparisons.differences import Difference
from betting.audit.wording import worded
from betting.bank.refusals import away, read
from web.admin_site.admin_pages import Verdict

# A ledger further behind is not recorded while a page is waited for.
BEHIND_MAX = 5_000

Audit = Callable[[], list[Difference]]


@dataclass(slots=True)
class Compared:
    """What the bank holds, how many entries SQL is behind it, and what truly differs."""

    club_id: int
    held: bank.Snapshot
    behind: int
    differences: list[Difference] = field(default_factory=list)

    def confirm(self, *audits: Audit) -> None:
        """Run audits, each twice where it finds something. Read SQL before: they record first.

        Raises Refused: unavailable, busy.
        """
        if self.differences or self.behind > BEHIND_MAX:
            return
        try:
            for audit in audits:
                self.differences += differences.confirmed(audit)
        except ledger.JournalBroken as broken:
            self.differences.append(Difference("the journal", str(broken), broken.seq - 1))
        except (bank.BankAway, bank.BankFull) as error:
            raise away(error) from error

    def judge(self, of: str, in_bank: object, in_sql: object) -> tuple[Verdict, str]:
        """The verdict on two figures, by the differences whose name holds `of`."""
        found = [difference for difference in self.differences if of in difference.what]
        if found:
            return "differs", " ".join(in_words(difference) for difference in found)
        if in_bank == in_sql:
            return "same", ""
        return "behind", self.lag()

    def lag(self) -> str:
        """How far SQL is behind, in words."""
        if self.behind <= 0:
            return _("It moved between the two looks.")
        count = self.behind
        told = ngettext(
            "%d decision waits to be recorded.", "%d decisions wait to be recorded.", count
        )
        return told % count


def compared(
    club_id: int, market_ids: Sequence[int] = (), user_ids: Sequence[int] = ()
) -> Compared:
    """Read the bank beside SQL's watermark. Raises Refused: unavailable, busy."""
    # The watermark first: read later it could have passed the bank's seq, with nothing wrong.
    mark = ledger.watermark(club_id)
    held = read(club_id, market_ids, user_ids)
    found = Compared(club_id, held, held.seq - mark.seq)
    if held.epoch != mark.epoch or found.behind < 0:
        at, by_sql = f"{held.epoch}-{held.seq}", f"{mark.epoch}-{mark.seq}"
        found.differences.append(Difference("the bank's last entry", at, by_sql))
    return found


def in_words(difference: Difference) -> str:
    """A difference as a sentence: which side is off, and the figure it should have."""
    figures = {"found": _figure(difference.found), "ledger": _figure(difference.ledger)}
    if difference.what.startswith(("bank's", "the bank's")):
        return _("The bank is off: %(found)s, by the ledger %(ledger)s.") % figures
    if difference.what.endswith("in SQL"):
        return _("SQL is off: %(found)s, by the ledger %(ledger)s.") % figures
    return str(difference)


def _figure(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return " · ".join(_figure(each) for each in value)
    return worded(value)
