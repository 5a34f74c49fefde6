"""Compares the bank with the ledger beside the clock's other work, and keeps what it found."""

import contextlib
import logging
import threading
import time
from dataclasses import replace

from django.db import connection

from betting import bank, ledger
from betting.actions import markets
from betting.audit import reconcile, verdicts
from betting.audit.comparisons.differences import Difference
from betting.models import Market
from betting.wire import broadcast
from rooms.models import Club
from web.refusals import Refused

QUICK_S, DEEP_S = 60.0, 15 * 60.0
# A comparison reads the whole ledger; it rests so many times as long as it took.
REST = 50
FIRST_S = 5.0

log = logging.getLogger(__name__)


class Auditor:
    """Compares totals every minute, and everything every quarter of an hour or when asked."""

    def __init__(self) -> None:
        began_s = time.monotonic()
        self._quick_at_s, self._deep_at_s = began_s + FIRST_S, began_s + DEEP_S
        self._thread: threading.Thread | None = None

    def step(self) -> None:
        """Begin a comparison that is due, unless one is under way. Raises LiveAway."""
        if self._thread is not None and self._thread.is_alive():
            return
        wanted = verdicts.take_wanted()
        now_s = time.monotonic()
        is_deep = now_s >= self._deep_at_s
        if wanted or is_deep or now_s >= self._quick_at_s:
            # In a thread of its own: a long ledger takes minutes, and the other steps must go on.
            self._thread = threading.Thread(
                target=self._run, args=(wanted, is_deep), name="auditor", daemon=True
            )
            self._thread.start()

    def _run(self, wanted: set[int], is_deep: bool) -> None:
        began_s, is_whole = time.monotonic(), False
        try:
            is_whole = compare(wanted, is_deep=is_deep)
        except Exception:
            log.exception("a comparison of the books failed")
        finally:
            connection.close()
        ended_s = time.monotonic()
        rest_s = REST * (ended_s - began_s)
        if is_deep:
            self._deep_at_s = ended_s + (max(DEEP_S, rest_s) if is_whole else QUICK_S)
        # The totals of a long ledger are soon compared, also after a comparison of everything.
        self._quick_at_s = ended_s + (QUICK_S if is_deep or wanted else max(QUICK_S, rest_s))


def compare(wanted: set[int], *, is_deep: bool) -> bool:
    """Compare the totals of every club; everything of the wanted ones, or of all. Keeps it.

    Returns False when the bank went away: the other clubs are not compared, and what was wanted
    of them is wanted again. Raises LiveAway then.
    """
    clubs = list(Club.objects.order_by("pk"))
    for at, club in enumerate(clubs):
        kinds: list[verdicts.Kind] = ["quick"]
        if is_deep or club.pk in wanted:
            kinds.append("deep")
        for kind in kinds:
            began_s = time.monotonic()
            try:
                report = reconcile.reconcile(club.pk, deep=kind == "deep")
            except ledger.JournalBroken as broken:
                wrong = Difference("the journal", str(broken), broken.seq - 1)
                report = reconcile.Report(club.pk, None, differences=[wrong])
            except (bank.BankAway, bank.BankFull):
                for missed in wanted & {each.pk for each in clubs[at:]}:
                    verdicts.want(missed)
                return False
            verdicts.keep(report, kind, round(1000 * (time.monotonic() - began_s)))
            for difference in report.differences:
                log.critical("club %s: %s", club.slug, difference)
            _hold(report)
    return True


def _hold(report: reconcile.Report) -> None:
    """Freeze what differs, a market or the undecided ones of the club, and tell its rooms.

    What SQL shows of people holds up no market: payments follow the entries.
    """
    report = replace(report, differences=[each for each in report.differences if _matters(each)])
    with contextlib.suppress(bank.BankAway, bank.BankFull, Refused):
        held = list(reconcile.hold(report)) if report.differences else []
        for market in Market.objects.filter(pk__in=held).select_related("room"):
            broadcast.market_changed(market, markets.state_of(market))
        if held:
            log.critical("club %s: markets %s are on hold", report.club_id, held)


def _matters(difference: Difference) -> bool:
    return difference.side != "sql" or difference.market_id is not None
