"""The Function libraries of each primary: the bank's own, its gate, and notes of file repairs."""

import contextlib
import json
import re
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from betting.bank.connections import BankBroken, LibraryMissing, aeach_primary, each_primary
from betting.bank.ownership import doubt
from launcher.aof_repair import NOTES, Repair

LIBRARY = "ringside_v1"
_GATE = ("FCALL_RO", "gate_v1", 0)


@cache
def library_source() -> str:
    """The text of the bank's Function library."""
    return Path(__file__).with_name("bank.lua").read_text()


def load_library() -> None:
    """Load the library into every primary that has none, or an earlier one behind a shut gate.

    Earlier is one whose functions are some of ours: a released function never changes. A running
    one is never replaced, so a new version's library comes with the bank's next start.
    """
    loaded, ours = libraries(), library_source()
    if not all(loaded):
        with contextlib.suppress(BankBroken):
            # A primary that has it already refuses; another process may be first, too.
            each_primary("FUNCTION", "LOAD", ours)
        loaded = libraries()
    if not all(loaded):
        raise BankBroken("the library cannot be loaded")
    others = [code for code in loaded if code != ours]
    if any(_functions(code) < _functions(ours) for code in others) and not any(_gates()):
        each_primary("FUNCTION", "LOAD", "REPLACE", ours)


def libraries(name: str = LIBRARY) -> list[str]:
    """The text of a library in each primary, empty where it is missing."""
    return [
        found[0][found[0].index("library_code") + 1] if found else ""
        for found in each_primary("FUNCTION", "LIST", "LIBRARYNAME", name, "WITHCODE")
    ]


def begin_look() -> str:
    """Leave a ticket with every primary before it is looked at; a restart or shutting ends it.

    A primary that does not know the function knows no ticket, and is not opened by it.
    """
    ticket = secrets.token_hex(16)
    with contextlib.suppress(LibraryMissing):
        each_primary("FCALL", "begin_look_v1", 0, ticket)
    return ticket


def open_gate(ticket: str | None = None) -> bool:
    """Let every primary decide that knows the ticket; False when one does not.

    Only operations.gate may call this, after its checks. Without a ticket it opens unseen.
    """
    replies = each_primary("FCALL", "open_gate_v2", 0, ticket or begin_look())
    return all(reply[0] == "done" for reply in replies)


def shut_gate(reason: str) -> None:
    """Let no primary decide until it was looked at again; anybody may read why.

    A primary without the library decides nothing anyway, and an earlier one cannot be shut.
    """
    with contextlib.suppress(LibraryMissing):
        each_primary("FCALL", "shut_gate_v1", 0, reason)


def is_open() -> bool:
    """Whether every primary decides, for this installation; one without the library does not."""
    return not doubt() and all(_gates())


async def ais_open() -> bool:
    """Whether every primary decides, from the running event loop; as `is_open`."""
    return not doubt() and all(_decides(await aeach_primary(*_GATE)))


def shut_reason() -> str:
    """Why the gate was shut while it was open; empty when it was not, as after a start."""
    if reason := doubt():
        return reason
    try:
        reasons = {reply[3] for reply in each_primary("FCALL_RO", "gate_v2", 0)}
    except LibraryMissing:
        return ""
    return " ".join(sorted(reasons - {""}))


def is_foreign(code: str) -> bool:
    """Whether a loaded library is neither ours nor an earlier or a later one of ours."""
    # The clock asks once a second, and most often it is ours.
    if code == library_source():
        return False
    theirs, ours = _functions(code), _functions(library_source())
    return not (theirs < ours or theirs > ours)


def repair_notes() -> list[Repair]:
    """What was done to the files of the primaries before they started, and not acted on yet."""
    found = [code for name in NOTES.values() for code in libraries(name) if code]
    return [Repair(**json.loads(code.splitlines()[1].removeprefix("-- "))) for code in found]


def drop_repair_notes() -> None:
    """Forget what was done to the files, once it was acted on."""
    for name in NOTES.values():
        if any(libraries(name)):
            # A primary that has none refuses.
            with contextlib.suppress(BankBroken):
                each_primary("FUNCTION", "DELETE", name)


def _functions(code: str) -> set[str]:
    return set(re.findall(r"\w+_v\d+(?=')", code))


def _gates() -> list[bool]:
    try:
        return _decides(each_primary(*_GATE))
    except LibraryMissing:
        return [False]


def _decides(replies: list[Any]) -> list[bool]:
    return [reply[2] == "open" for reply in replies]
