"""The gate: a bank that has just started decides nothing until it was checked.

The Function library forgets that it was opened with every start, restart, failover and load.
Checked are the settings that make an answer durable, a rewrite of the append-only file that ended
well, the library, and every club's totals against the ledger.
"""

import contextlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from betting import bank
from betting.audit import installation, reconcile
from betting.audit.comparisons.bank_memory import compare_bank
from betting.audit.epochs import raise_epoch
from betting.audit.untouched import untouched
from betting.models import Epoch, Watermark
from launcher.aof_repair import Repair
from operations import gate_sentences
from operations.doctor import required_settings
from operations.doctor.instances import read
from rooms.models import Club

log = logging.getLogger(__name__)

REWRITE_TIMEOUT_S = 30
TOLD_FOR_S = 2.0
BACKWARDS_MS_MAX = 5000
# All of them stand in what `reconcile --all` prints.
DIFFERENCES_TOLD = 3


@dataclass
class _Told:
    """What everybody was told last, and until when."""

    problems: list[str] = field(default_factory=list)
    until_s: float = 0.0
    looking: threading.Lock = field(default_factory=threading.Lock)


# By primary, and the language of those who ask.
_public: defaultdict[tuple[str, str], _Told] = defaultdict(_Told)


def open_gates() -> list[str]:
    """Prepare, inspect and open every primary; returns what keeps one shut, [] when all are open.

    Each is looked at by itself: one that is shut or away keeps no other from opening. Repeating it
    checks once more.
    """
    try:
        return [problem for primary in bank.primaries() for problem in open_gate(primary)]
    except bank.BankAway as error:
        return _told([gate_sentences.away(str(error))])


def open_gate(primary: bank.Primary) -> list[str]:
    """Prepare, inspect and open one primary; returns what keeps it shut, [] when it is open.

    Loads the library where it is missing, asks for a first rewrite of the append-only file and
    gives clubs in which nothing has happened their first head.
    """
    try:
        bank.load_library(primary)
        _rewrite_once(primary)
        start_clubs(primary)
        ticket, looked_at = bank.begin_look(primary), clubs_of(primary)
        begin_epochs_after_cuts(primary)
        problems = inspect(primary)
        if not problems:
            problems = recognise(primary, claims=True)
        # By the map of a Cluster as it is now.
        if not problems and bank.primaries(anew=True) and clubs_of(primary) != looked_at:
            problems = [_("Clubs came to the bank meanwhile, or left it.")]
        if not problems and not bank.open_gate(ticket, primary):
            problems = [_("The bank was restarted or shut meanwhile.")]
        if not problems:
            bank.drop_repair_notes(primary)
    except bank.BankAway as error:
        problems = [gate_sentences.away(gate_sentences.of(primary, str(error)))]
    except bank.BankFull as error:
        problems = [_("The bank's memory is full: %(why)s.") % {"why": error}]
    return _told(problems)


def _told(problems: list[str]) -> list[str]:
    for problem in problems:
        log.error("The gate stays shut: %s", problem)
    return problems


def inspect(primary: bank.Primary) -> list[str]:
    """What keeps a primary's gate shut, in sentences. Records its journals, else changes nothing.

    Raises BankAway.
    """
    return _problems(primary, club_problems)


def _problems(primary: bank.Primary, problems_of: Callable[[Club], list[str]]) -> list[str]:
    problems = recognise(primary)
    problems += setting_problems(primary)
    problems += [gate_sentences.repaired(damage) for damage in _damages(primary)]
    problems += _rewrite_problems(primary)
    problems += _library_problems(primary)
    clubs = clubs_of(primary)
    idle = untouched(primary, [club.pk for club in clubs])
    for club in clubs:
        if club.pk not in idle:
            problems += problems_of(club)
    return problems


def clubs_of(primary: bank.Primary) -> list[Club]:
    """The clubs whose slot a primary has, in order."""
    clubs = Club.objects.order_by("pk")
    return [club for club in clubs if bank.known_primary_of(club.pk) == primary.name]


def slugs_by_gate(states: Sequence[bank.State]) -> tuple[list[str], list[str]]:
    """The clubs in which bets are decided now, and the others, in order."""
    is_open = {state.primary.name: state.is_open for state in states}
    clubs = Club.objects.order_by("pk").values_list("pk", "slug")
    found: tuple[list[str], list[str]] = ([], [])
    for pk, slug in clubs:
        found[0 if is_open.get(bank.known_primary_of(pk)) else 1].append(slug)
    return found


def public_problems(primary: bank.Primary) -> list[str]:
    """As inspect, for everybody to read: without totals, and seldom looked up anew.

    An answer is kept for two seconds, and ten times as long as it took to find; while one caller
    looks, others are told what was found before. Raises BankAway.
    """
    told = _public[primary.name, get_language() or ""]
    if time.monotonic() >= told.until_s and told.looking.acquire(blocking=False):
        began_s = time.monotonic()
        try:
            told.problems = _problems(primary, _public_club_problems)
        finally:
            took_s = time.monotonic() - began_s
            told.until_s = time.monotonic() + max(TOLD_FOR_S, 10 * took_s)
            told.looking.release()
    return told.problems


def recognise(primary: bank.Primary, *, claims: bool = False) -> list[str]:
    """Have this process decide in this installation's own bank alone; returns a primary's problems.

    With `claims` a bank without an id gets this installation's. Raises BankAway.
    """
    club_ids = [club.pk for club in clubs_of(primary)]
    if claims:
        for club_id, head in bank.heads(primary, club_ids).items():
            if head is not None and not head.installation_id:
                installation.claim(club_id)
    foreign = installation.foreign_sentences(primary, club_ids)
    bank.distrust(" ".join(foreign), primary.name)
    return foreign


def start_clubs(primary: bank.Primary) -> None:
    """Give each club in which nothing has happened its first head; others are left alone.

    A bank whose files were damaged may have forgotten what SQL never heard of; it stays as it is.
    """
    if _damages(primary):
        return
    heads = bank.heads(primary, [club.pk for club in clubs_of(primary)])
    for club_id in [club_id for club_id, head in heads.items() if head is None]:
        mark, _ = Watermark.objects.get_or_create(club_id=club_id)
        if mark.seq == 0:
            bank.run(bank.start_epoch(club_id, bank.Head.fresh(epoch=mark.epoch)))
            installation.claim(club_id)


def setting_problems(primary: bank.Primary) -> list[str]:
    """A primary's settings that would lose coins, in sentences. Raises BankAway."""
    return [gate_sentences.finding(found) for found in required_settings.dangers(read(primary))]


def shut_sentences(primary: bank.Primary) -> list[str]:
    """Why bets are not decided, for everybody to read. Raises BankAway."""
    reason = gate_sentences.shut_reason(primary)
    try:
        problems = public_problems(primary)
    except bank.BankAway:
        if not reason:
            raise
        problems = []
    return [reason, *problems] if reason and reason not in problems else problems


def begin_epochs_after_cuts(primary: bank.Primary) -> None:
    """Where files of the bank were cut, have every club begin its next epoch; again, nothing more.

    Whatever was cut off was not in SQL: an entry that was there would be missed at the gate. Pages
    that learn of a new epoch ask again for every bet they hold an answer for.
    """
    for cut in [note for note in bank.repair_notes(primary) if note.kind == "cut"]:
        for club in _clubs_not_rebuilt_since(cut, primary):
            _begin_epoch_after(cut, club)


def _begin_epoch_after(cut: Repair, club: Club) -> None:
    why = f"cut {cut.at_ms}"
    begun = Epoch.objects.filter(club=club, why=why).first()
    if begun is None:
        if reconcile.reconcile(club.pk).differences:
            return
        begun = raise_epoch(club.pk, why)
        log.critical(
            "%s Club %s begins epoch %s: nothing is known of it after entry %s.",
            cut.sentence, club.slug, begun.epoch, begun.after_seq,
        )  # fmt: skip
    head = bank.find_head(club.pk)
    if head is not None and head.epoch < begun.epoch and head.seq == begun.after_seq:
        bank.put(bank.Keys(club.pk).head, {"epoch": str(begun.epoch)})


def _damages(primary: bank.Primary) -> list[Repair]:
    """Files that were set aside, and from which not every club was made anew since."""
    damages = [note for note in bank.repair_notes(primary) if note.kind == "damage"]
    return [damage for damage in damages if _clubs_not_rebuilt_since(damage, primary)]


def _clubs_not_rebuilt_since(repair: Repair, primary: bank.Primary) -> list[Club]:
    rebuilt = Epoch.objects.filter(why__startswith="rebuild ", at_ms__gt=repair.at_ms)
    since = set(rebuilt.values_list("club_id", flat=True))
    return [club for club in clubs_of(primary) if club.pk not in since]


def _rewrite_once(primary: bank.Primary) -> None:
    """Have a server that has not rewritten its append-only file yet do so, and wait for it."""
    if primary.ask("INFO", "persistence")["aof_rewrites"] > 0:
        return
    # A rewrite that is under way already does as well.
    with contextlib.suppress(bank.BankBroken):
        primary.ask("BGREWRITEAOF")
    deadline = time.monotonic() + REWRITE_TIMEOUT_S
    while time.monotonic() < deadline and _rewrite_problems(primary):
        time.sleep(0.02)


def _rewrite_problems(primary: bank.Primary) -> list[str]:
    info = primary.ask("INFO", "persistence")
    ended = info["aof_rewrites"] > 0 and not info["aof_rewrite_in_progress"]
    if ended and not info["aof_rewrite_scheduled"]:
        return []
    return [_("The bank has not rewritten its append-only file yet.")]


def _library_problems(primary: bank.Primary) -> list[str]:
    code = bank.library(primary)
    if not code:
        return [_("The bank's library %(name)s is not loaded.") % {"name": bank.LIBRARY}]
    return [] if code == bank.library_source() else [gate_sentences.foreign_library()]


def club_problems(club: Club) -> list[str]:
    """What is wrong with a club in all that the bank holds, in sentences. Raises BankAway."""
    report = reconcile.reconcile(club.pk)
    if report.head is None:
        is_rubbish = any("rubbish" in str(each.found) for each in report.differences)
        return [
            (gate_sentences.unreadable_club if is_rubbish else gate_sentences.missing_club)(
                club.slug
            )
        ]
    ahead_ms = report.head.at_ms - bank.ask_time_ms(club.pk)
    if ahead_ms > BACKWARDS_MS_MAX:
        log.error("The bank's clock went back by %s ms; entries keep the later time.", ahead_ms)
    found = report.differences or compare_bank(club.pk)
    return [
        _("Club %(club)s: %(what)s.") % {"club": club.slug, "what": difference}
        for difference in found[:DIFFERENCES_TOLD]
    ]


def _public_club_problems(club: Club) -> list[str]:
    problems = club_problems(club)
    if not problems or bank.find_head(club.pk) is None:
        return problems
    told = _("Club %(club)s: bank and ledger differ; manage.py open_gate says in what.")
    return [told % {"club": club.slug}]
