"""The watch: an open bank is shut, with a sentence, as soon as it may no longer be believed.

A look is cheap, so it is taken once a second; the gate's inspection looks at everything before the
bank is opened again.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress

from django.db import DatabaseError
from django.utils.translation import gettext as _

from betting import bank, ledger
from betting.audit import installation
from betting.models import Watermark
from operations import gate, gate_sentences
from operations.doctor import required_settings
from operations.doctor.instances import read
from rooms.models import Club

log = logging.getLogger(__name__)

_exchange = installation.Exchange()
# The primary of a Cluster at which this process knows each club to be right, or saw it first.
_places: dict[int, str] = {}


def inspect() -> list[str]:
    """Inspect every primary; returns what is wrong, in sentences.

    Two copies of this SQL on one bank shut it. Raises the first error of a primary, or of the
    database, after all others were inspected.
    """
    if _is_shared():
        shared = [gate_sentences.shared_bank()]
        return [each for primary in bank.primaries() for each in _shut(primary, lambda: shared)]
    problems: list[str] = []
    failed: list[Exception] = []
    for primary in bank.primaries():
        try:
            problems += inspect_primary(primary, opens=True)
        except (bank.BankAway, bank.BankFull, DatabaseError) as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return problems


def _is_shared() -> bool:
    # The words lie with the first club; while its primary is away there are none to compare.
    with suppress(bank.BankAway):
        return _exchange.is_shared()
    return False


def inspect_primary(primary: bank.Primary, *, opens: bool) -> list[str]:
    """Shut an open primary that is not right; inspect one that is shut, and open it.

    Where it belongs to another installation this process decides nothing, and it is left as it is.
    Gives new clubs their head. Raises as `watch`; returns what is wrong, in sentences.
    """
    if foreign := gate.recognise(primary):
        for sentence in foreign:
            log.error(sentence)
        return foreign
    club_ids = [] if primary.is_alone else [club.pk for club in gate.clubs_of(primary)]
    for club_id in club_ids:
        _places.setdefault(club_id, primary.name)
    if bank.is_open(primary):
        problems = watch(primary)
        if not problems:
            gate.start_clubs(primary)
    elif opens:
        problems = gate.open_gate(primary)
    else:
        return gate.shut_sentences(primary)
    if not problems:
        _places.update(dict.fromkeys(club_ids, primary.name))
    return problems


def watch(primary: bank.Primary) -> list[str]:
    """Look at an open primary, and shut it when something is wrong; returns what, in sentences.

    While SQL is away its server is looked at alone. Raises BankAway, and the database's errors.
    """
    of_server = _shut(primary, lambda: list(_server_problems(primary)))
    of_clubs = of_server or _shut(primary, lambda: _confirmed_club_problems(primary))
    return of_clubs or _shut(primary, lambda: _problems_of_arrived(primary))


def shut_for(broken: ledger.JournalBroken) -> None:
    """Shut the primary of a club whose journal cannot be recorded; nothing more when it is shut."""
    primary = bank.primary_of(broken.club_id)
    if bank.is_open(primary):
        slug = Club.objects.values_list("slug", flat=True).get(pk=broken.club_id)
        _shut(primary, lambda: [_unrecordable(slug, broken.seq)])


def _unrecordable(slug: str, seq: int) -> str:
    return _(
        "Club %(club)s: the journal cannot be recorded from entry %(seq)s on;"
        " manage.py open_gate says why."
    ) % {"club": slug, "seq": seq}


def _shut(primary: bank.Primary, look: Callable[[], list[str]]) -> list[str]:
    if problems := look():
        reason = gate_sentences.in_every_language(lambda: look() or problems)
        bank.shut_gate(reason, primary)
    for problem in problems:
        log.critical("The gate is shut: %s", problem)
    return problems


def _server_problems(primary: bank.Primary) -> Iterator[str]:
    instance = read(primary)
    for finding in required_settings.dangers(instance):
        # A rewrite that failed loses nothing as long as the file is written.
        if finding.word != "aof" or instance.info["aof_last_write_status"] == "err":
            yield gate_sentences.finding(finding)
    code = bank.library(primary)
    if code and bank.is_foreign(code):
        yield gate_sentences.foreign_library()


def _confirmed_club_problems(primary: bank.Primary) -> list[str]:
    """What is wrong with clubs in two looks: a rebuild that ends in between looks odd once."""
    first = _club_problems(primary)
    again = _club_problems(primary) if first else {}
    return [problem for slug, problem in again.items() if slug in first]


def _problems_of_arrived(primary: bank.Primary) -> list[str]:
    """What is wrong with clubs that came from another primary: that one may have been shut."""
    clubs = gate.clubs_of(primary)
    arrived = [club for club in clubs if _places.get(club.pk, primary.name) != primary.name]
    return [problem for club in arrived for problem in gate.club_problems(club)]


def _club_problems(primary: bank.Primary) -> dict[str, str]:
    # The watermark is read first: a head may be ahead of it, and never behind.
    marks = Watermark.objects.in_bulk()
    slugs = {club.pk: club.slug for club in gate.clubs_of(primary) if club.pk in marks}
    heads = bank.heads(primary, list(slugs))
    found = [(slugs[pk], _compare(slugs[pk], marks[pk], head)) for pk, head in heads.items()]
    return {slug: problem for slug, problem in found if problem}


def _compare(slug: str, mark: Watermark, held: bank.HeadMark | None) -> str:
    """What is wrong with the head of a club that is recorded up to here, or nothing."""
    if held is None:
        return gate_sentences.missing_club(slug) if mark.seq > 0 else ""
    if held.is_rubbish:
        return gate_sentences.unreadable_club(slug)
    if held[:3] == (str(mark.epoch), str(mark.seq), mark.chain):
        return ""
    head = bank.head(mark.club_id)
    if head.epoch != mark.epoch or head.seq < mark.seq:
        return _(
            "Club %(club)s is at %(bank)s in the bank and at %(ledger)s in the ledger: one of them"
            " is an older copy; manage.py rebuild_bank follows the ledger."
        ) % {
            "club": slug,
            "bank": f"{head.epoch}-{head.seq}",
            "ledger": f"{mark.epoch}-{mark.seq}",
        }
    follows = head.chain == mark.chain if head.seq == mark.seq else _goes_on(mark)
    if follows:
        return ""
    return _(
        "Club %(club)s does not go on in the bank where the ledger ends, at entry %(seq)s;"
        " manage.py rebuild_bank follows the ledger."
    ) % {"club": slug, "seq": mark.seq}


def _goes_on(mark: Watermark) -> bool:
    """Whether the journal's next entry follows from the last one recorded."""
    following = bank.journal(mark.club_id, mark.epoch, mark.seq, 1)
    return bool(following) and (
        following[0].seq == mark.seq + 1 and following[0].chain == following[0].link(mark.chain)
    )
