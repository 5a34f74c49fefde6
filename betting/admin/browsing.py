"""The ledger for people: entries as sentences, with running sums.

A page is cut by seq, so that new entries never shift it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, F, QuerySet, Sum, When
from django.utils.translation import gettext as _

from accounts.models import User
from betting.models import ACCOUNTS, WELCOME, Correction, Kind, LedgerEntry, Market, Outcome

PAGE_ROWS = 50
# Summing a whole club reads every entry; beyond this many that takes too long for a page.
SUMMED_MAX = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The entries to show: of a club, of one market, one user, or of that user on that market."""

    club_id: int
    market_id: int | None = None
    user_id: int | None = None

    @property
    def account(self) -> str:
        """What the running sum holds: a wallet, a market, or (issue) all coins in circulation."""
        if self.user_id is not None:
            return "wallet"
        return "market" if self.market_id is not None else "issue"

    def entries(self) -> QuerySet[LedgerEntry]:
        """The entries of this view."""
        found = LedgerEntry.objects.filter(club_id=self.club_id)
        if self.market_id is not None:
            found = found.filter(market_id=self.market_id)
        return found if self.user_id is None else found.filter(user_id=self.user_id)

    def change(self, entry: LedgerEntry) -> int:
        """What an entry adds to the sum."""
        debit, credit = ACCOUNTS.get(entry.kind, ("", ""))
        into, out_of = (debit, credit) if self.account == "issue" else (credit, debit)
        return entry.coins * ((into == self.account) - (out_of == self.account))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry with its sentence, what it changed, and the running sum after it.

    `is_wrong`: the entry's own wallet_after is another one.
    """

    entry: LedgerEntry
    sentence: str
    change: int
    total: int | None
    is_wrong: bool

    @property
    def signed(self) -> str:
        return f"{self.change:+,}".replace("-", "−")

    @property
    def coins(self) -> str:
        return f"{self.entry.coins:,}"

    @property
    def sum(self) -> str:
        return "–" if self.total is None else f"{self.total:,}"


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Some rows, the newest first, and the seq to go on before (None at the end)."""

    rows: list[Row]
    before: int | None


def ledger_page(view: View, before: int | None = None) -> LedgerPage:
    """Fifty entries with a seq below `before`, or the newest."""
    entries = view.entries()
    if before is not None:
        entries = entries.filter(seq__lt=before)
    found = list(entries.order_by("-seq")[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    names = _Names(shown)
    total = _sum_before(view, shown[-1].seq) if shown else 0
    rows = []
    for entry in reversed(shown):
        change = view.change(entry)
        total = None if total is None else total + change
        is_alone = view.user_id is not None and view.market_id is None
        is_wrong = is_alone and entry.wallet_after is not None and entry.wallet_after != total
        rows.append(
            Row(
                entry=entry,
                sentence=names.sentence(entry),
                change=change,
                total=total,
                is_wrong=is_wrong,
            )
        )
    return LedgerPage(rows[::-1], shown[-1].seq if len(found) > PAGE_ROWS else None)


def _sum_before(view: View, seq: int) -> int | None:
    if view.account == "issue" and seq > SUMMED_MAX:
        return None
    into, out_of = ("debit", "credit") if view.account == "issue" else ("credit", "debit")
    signed = Case(
        When(**{into: view.account}, then=F("coins")),
        When(**{out_of: view.account}, then=-F("coins")),
        default=0,
        output_field=BigIntegerField(),
    )
    return int(view.entries().filter(seq__lt=seq).aggregate(all=Sum(signed))["all"] or 0)


class _Names:
    """The people, questions, answers and reasons that some entries mention."""

    def __init__(self, entries: Sequence[LedgerEntry]) -> None:
        self._users = User.objects.in_bulk(_numbers(entry.user_id for entry in entries))
        self._markets = Market.objects.in_bulk(_numbers(entry.market_id for entry in entries))
        self._outcomes = Outcome.objects.in_bulk(_numbers(entry.outcome_id for entry in entries))
        commands = [e.command for e in entries if e.kind in (Kind.GRANT, Kind.BURN)]
        corrections = Correction.objects.filter(command__in=commands).select_related("by")
        self._corrections = {correction.command: correction for correction in corrections}

    def sentence(self, entry: LedgerEntry) -> str:
        """An entry as a sentence, with names where they are still known."""
        words: dict[str, Any] = {
            "who": self._users.get(entry.user_id or 0) or _("user %s") % entry.user_id,
            "coins": f"{entry.coins:,}",
            "question": self._markets.get(entry.market_id or 0) or f"#{entry.market_id}",
            "answer": self._outcomes.get(entry.outcome_id or 0) or f"#{entry.outcome_id}",
        }
        told = _sentence_of(entry) % words
        correction = self._corrections.get(entry.command)
        if correction is not None:
            told += " " + _("by %(by)s: %(reason)s") % {
                "by": correction.by or "–",
                "reason": correction.reason,
            }
        return told


def _numbers(found: Iterable[int | None]) -> set[int]:
    return {number for number in found if number is not None}


def _sentence_of(entry: LedgerEntry) -> str:
    if entry.kind == Kind.GRANT and entry.command.startswith(WELCOME):
        return _("%(who)s got %(coins)s welcome coins")
    if entry.kind in (Kind.OPEN, Kind.LOCK, Kind.SETTLE, Kind.VOID) and entry.user_id is None:
        return {
            Kind.OPEN: _("“%(question)s” opened"),
            Kind.LOCK: _("“%(question)s” was locked by the clock"),
            Kind.SETTLE: _("“%(question)s” was decided"),
            Kind.VOID: _("“%(question)s” was called off by the house"),
        }[Kind(entry.kind)]
    return {
        Kind.GRANT: _("%(who)s was given %(coins)s coins"),
        Kind.BURN: _("%(coins)s coins were taken from %(who)s"),
        Kind.BET: _("%(who)s staked %(coins)s on %(answer)s in “%(question)s”"),
        Kind.PAYOUT: _("%(who)s won %(coins)s with %(answer)s in “%(question)s”"),
        Kind.REFUND: _("%(who)s got %(coins)s back from “%(question)s”"),
        Kind.TAKEOUT: _("The house kept %(coins)s of “%(question)s”"),
        Kind.OPEN: _("%(who)s opened “%(question)s”"),
        Kind.LOCK: _("%(who)s locked “%(question)s”"),
        Kind.SETTLE: _("%(who)s decided “%(question)s”"),
        Kind.VOID: _("%(who)s called “%(question)s” off"),
        Kind.DONE: _("“%(question)s” is paid in full"),
    }[Kind(entry.kind)]
