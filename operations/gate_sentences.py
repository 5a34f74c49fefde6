"""What the gate and its watch say alike, and what is told of a shut gate in every language."""

import json
from collections.abc import Callable
from dataclasses import asdict

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from betting import bank
from launcher.aof_repair import Repair
from operations.doctor.findings import Finding


def finding(found: Finding) -> str:
    """What the doctor found, and the words that mend it."""
    return _("%(what)s Mend it: %(mend)s") % {"what": found.sentence, "mend": found.mend}


def foreign_library() -> str:
    """Another library has our name."""
    told = _("The bank's library %(name)s is another one of the same name.")
    return told % {"name": bank.LIBRARY}


def shared_bank() -> str:
    """Two copies of this SQL use the bank."""
    return _("Two copies of this database use the same bank at once; one of them must be stopped.")


def missing_club(slug: str) -> str:
    """The bank has no head of this club."""
    told = _("Club %(club)s is missing in the bank; manage.py rebuild_bank restores it.")
    return told % {"club": slug}


def unreadable_club(slug: str) -> str:
    """The head of this club is rubbish."""
    told = _("Club %(club)s cannot be read in the bank; manage.py rebuild_bank restores it.")
    return told % {"club": slug}


def in_every_language(look: Callable[[], list[str]]) -> str:
    """What a look finds, in each language, as the bank keeps it. It is taken once for each."""
    told = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            told[language] = " ".join(look())
    return json.dumps(told, ensure_ascii=False)


def shut_reason(primary: bank.Primary) -> str:
    """Why a gate was shut, in the reader's language; empty where it was not. Raises BankAway."""
    return read(bank.shut_reason(primary))


def away(why: str) -> str:
    """No answer comes."""
    return _("The bank does not answer: %(why)s.") % {"why": why}


def of(primary: bank.Primary, why: str) -> str:
    """What is said of a primary, with its name where there are several."""
    return why if primary.is_alone or primary.name in why else f"{primary.name}: {why}"


def read(reason: str) -> str:
    """What a bank keeps of `in_every_language`, in the reader's language."""
    try:
        told: dict[str, str] = json.loads(reason)
        return told.get(translation.get_language() or "") or told[settings.LANGUAGE_CODE]
    except (ValueError, KeyError, AttributeError):
        # By an earlier version, or of several servers.
        return reason


def repaired(repair: Repair) -> str:
    """What was done to the bank's files before it started."""
    return _(repair.template) % asdict(repair)
