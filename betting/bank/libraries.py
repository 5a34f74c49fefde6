"""The Function libraries of a primary: the bank's own, its gate, and notes of file repairs.

Each function is about one primary, or about every one when none is named; then it raises BankAway
when one of them is away.
"""

import contextlib
import json
import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from betting.bank.connections import Primary, primaries, primary_of
from betting.bank.errors import BankAway, BankBroken, LibraryMissing
from betting.bank.ownership import doubt
from launcher.aof_repair import NOTES, Repair

LIBRARY = "ringside_v1"
_GATE = ("FCALL_RO", "gate_v1", 0)


@cache
def library_source() -> str:
    """The text of the bank's Function library."""
    return Path(__file__).with_name("bank.lua").read_text()


def load_library(at: Primary | None = None) -> None:
    """Load the library where there is none, or an earlier one behind a shut gate.

    Earlier is one whose functions are some of ours: a released function never changes. A running
    one is never replaced, so a new version's library comes with the bank's next start. Raises
    BankBroken when it cannot be loaded.
    """
    for primary in _chosen(at):
        _load(primary)


def _load(primary: Primary) -> None:
    ours = library_source()
    if not (loaded := library(primary)):
        with contextlib.suppress(BankBroken):
            # Another process may be first; then it refuses.
            primary.ask("FUNCTION", "LOAD", ours)
        loaded = library(primary)
    if not loaded:
        raise BankBroken("the library cannot be loaded")
    # Most often it is ours, and to compare the functions costs more than all of it.
    if loaded != ours and _functions(loaded) < _functions(ours) and not _decides(primary):
        primary.ask("FUNCTION", "LOAD", "REPLACE", ours)


def library(primary: Primary, name: str = LIBRARY) -> str:
    """The text of a library in a primary, empty where it is missing."""
    found = primary.ask("FUNCTION", "LIST", "LIBRARYNAME", name, "WITHCODE")
    return str(found[0][found[0].index("library_code") + 1]) if found else ""


def begin_look(at: Primary | None = None) -> str:
    """Leave a ticket before a primary is looked at; a restart or shutting ends it.

    A primary that does not know the function knows no ticket, and is not opened by it.
    """
    ticket = secrets.token_hex(16)
    for primary in _chosen(at):
        with contextlib.suppress(LibraryMissing):
            primary.ask("FCALL", "begin_look_v1", 0, ticket)
    return ticket


def open_gate(ticket: str | None = None, at: Primary | None = None) -> bool:
    """Let a primary decide that knows the ticket; False when it does not.

    Only operations.gate may call this, after its checks. Without a ticket it opens unseen.
    """
    ticket = ticket or begin_look(at)
    replies = [primary.ask("FCALL", "open_gate_v2", 0, ticket) for primary in _chosen(at)]
    return all(reply[0] == "done" for reply in replies)


def shut_gate(reason: str, at: Primary | None = None) -> None:
    """Let a primary decide nothing until it was looked at again; anybody may read why.

    One without the library decides nothing anyway, and an earlier one cannot be shut.
    """
    for primary in _chosen(at):
        with contextlib.suppress(LibraryMissing):
            primary.ask("FCALL", "shut_gate_v1", 0, reason)


def is_open(at: Primary | None = None) -> bool:
    """Whether a primary decides, for this installation; one without the library does not."""
    return all(not doubt(each.name) and _decides(each) for each in _chosen(at))


async def ais_open(at: Primary) -> bool:
    """Whether a primary decides, from the running event loop. Raises as `is_open`."""
    return not doubt(at.name) and (await at.aask(*_GATE))[2] == "open"


@dataclass(frozen=True, slots=True)
class State:
    """A primary as it is now: whether it decides, else why it was shut or gives no answer."""

    primary: Primary
    is_open: bool
    shut_reason: str = ""
    away: str = ""


def states() -> list[State]:
    """The state of every primary. Raises BankAway when it is not known which there are."""
    return [_state(primary) for primary in primaries()]


def state_of(club_id: int) -> State:
    """The state of the primary that has a club. Raises BankAway when none has it."""
    return _state(primary_of(club_id))


def _state(primary: Primary) -> State:
    try:
        return State(primary, is_open(primary), shut_reason(primary))
    except BankAway as error:
        return State(primary, is_open=False, away=str(error) or repr(error))


def shut_reason(at: Primary | None = None) -> str:
    """Why the gate was shut while it was open; empty when it was not, as after a start."""
    reasons = set()
    for primary in _chosen(at):
        if reason := doubt(primary.name):
            reasons.add(reason)
            continue
        with contextlib.suppress(LibraryMissing):
            reasons.add(primary.ask("FCALL_RO", "gate_v2", 0)[3])
    return " ".join(sorted(reasons - {""}))


def is_foreign(code: str) -> bool:
    """Whether a loaded library is neither ours nor an earlier or a later one of ours."""
    # The clock asks once a second, and most often it is ours.
    if code == library_source():
        return False
    theirs, ours = _functions(code), _functions(library_source())
    return not (theirs < ours or theirs > ours)


def repair_notes(primary: Primary) -> list[Repair]:
    """What was done to the files of a primary before it started, and not acted on yet."""
    found = [code for name in NOTES.values() if (code := library(primary, name))]
    return [Repair(**json.loads(code.splitlines()[1].removeprefix("-- "))) for code in found]


def drop_repair_notes(primary: Primary) -> None:
    """Forget what was done to the files, once it was acted on."""
    for name in NOTES.values():
        if library(primary, name):
            # Another process may have dropped it first.
            with contextlib.suppress(BankBroken):
                primary.ask("FUNCTION", "DELETE", name)


def _chosen(at: Primary | None) -> list[Primary]:
    return [at] if at else primaries()


def _functions(code: str) -> set[str]:
    return set(re.findall(r"\w+_v\d+(?=')", code))


def _decides(primary: Primary) -> bool:
    try:
        return bool(primary.ask(*_GATE)[2] == "open")
    except LibraryMissing:
        return False
