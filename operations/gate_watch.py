"""The watch: an open bank is shut, with a sentence, as soon as it may no longer be believed.

A look is cheap, so it is taken once a second; the gate's inspection looks at everything before the
bank is opened again.
"""

import logging
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from betting import bank, ledger
from betting.audit import installation
from betting.models import Watermark
from operations import gate, gate_sentences
from operations.doctor import required_settings
from operations.doctor.instances import banks
from rooms.models import Club

log = logging.getLogger(__name__)

_exchange = installation.Exchange()


def inspect(*, opens: bool = True) -> list[str]:
    """Shut an open bank that is not right; inspect one that is shut, and open it.

    Where the bank belongs to another installation this process decides nothing, and the bank is
    left as it is. Gives new clubs their head. Raises as `watch`; returns what is wrong, in
    sentences.
    """
    if foreign := gate.recognise():
        for sentence in foreign:
            log.error(sentence)
        return foreign
    if opens and _exchange.is_shared():
        return _shut(lambda: [gate_sentences.shared_bank()])
    if not bank.is_open():
        return gate.open_gates() if opens else gate.shut_sentences()
    problems = watch()
    if not problems:
        gate.start_clubs()
    return problems


def watch() -> list[str]:
    """Look at an open bank, and shut it when something is wrong; returns what, in sentences.

    While SQL is away its servers are looked at alone. Raises BankAway, and the database's errors.
    """
    return _shut(lambda: list(_server_problems())) or _shut(_confirmed_club_problems)


def shut_for(broken: ledger.JournalBroken) -> None:
    """Shut the bank of a club whose journal cannot be recorded; nothing more when it is shut."""
    if bank.is_open():
        slug = Club.objects.values_list("slug", flat=True).get(pk=broken.club_id)
        _shut(lambda: [_unrecordable(slug, broken.seq)])


def _unrecordable(slug: str, seq: int) -> str:
    return _(
        "Club %(club)s: the journal cannot be recorded from entry %(seq)s on;"
        " manage.py open_gate says why."
    ) % {"club": slug, "seq": seq}


def _shut(look: Callable[[], list[str]]) -> list[str]:
    if problems := look():
        bank.shut_gate(gate_sentences.in_every_language(lambda: look() or problems))
    for problem in problems:
        log.critical("The gate is shut: %s", problem)
    return problems


def _server_problems() -> Iterator[str]:
    for instance in banks():
        for finding in required_settings.dangers(instance):
            # A rewrite that failed loses nothing as long as the file is written.
            if finding.word != "aof" or instance.info["aof_last_write_status"] == "err":
                yield gate_sentences.finding(finding)
    for code in bank.libraries():
        if code and bank.is_foreign(code):
            yield gate_sentences.foreign_library()


def _confirmed_club_problems() -> list[str]:
    """What is wrong with clubs in two looks: a rebuild that ends in between looks odd once."""
    first = _club_problems()
    again = _club_problems() if first else {}
    return [problem for slug, problem in again.items() if slug in first]


def _club_problems() -> dict[str, str]:
    # The watermark is read first: a head may be ahead of it, and never behind.
    marks = Watermark.objects.in_bulk()
    clubs = Club.objects.order_by("pk").values_list("pk", "slug")
    found = [(slug, _compare(slug, marks[pk])) for pk, slug in clubs if pk in marks]
    return {slug: problem for slug, problem in found if problem}


def _compare(slug: str, mark: Watermark) -> str:
    """What is wrong with the head of a club that is recorded up to here, or nothing."""
    try:
        head = bank.find_head(mark.club_id)
    except bank.BankBroken:
        return gate_sentences.unreadable_club(slug)
    if head is None:
        return gate_sentences.missing_club(slug) if mark.seq > 0 else ""
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
