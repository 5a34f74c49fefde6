"""The tail of a dead bank: decisions that its append-only file holds and the ledger does not.

A bank was told "accepted" only when the entry was in that file. So what a promoted replica or an
empty server lacks is not lost while the file can be read.
"""

from pathlib import Path

from betting import bank, ledger
from betting.bank.replies import read_entry
from betting.bank.values import Entry
from launcher import aof_reading


class TailUnreadable(Exception):
    """The file cannot be read as an append-only file; says where."""


def take(club_id: int, file: Path) -> int:
    """Record the entries of a club in a file, or its folder, that follow the ledger's last one.

    Returns how many. Repeating it records nothing more. Raises TailUnreadable, and JournalBroken
    for entries that do not follow.
    """
    mark = ledger.watermark(club_id)
    found = [entry for entry in _entries(club_id, file) if entry.seq > mark.seq]
    return ledger.record_entries(club_id, sorted(found, key=lambda entry: entry.seq))


def _entries(club_id: int, file: Path) -> list[Entry]:
    journal = bank.Keys(club_id).journal.encode()
    found: dict[int, Entry] = {}
    try:
        for name, *words in aof_reading.commands(file):
            # A rewrite writes an empty journal as an entry that is trimmed at once.
            is_entry = name.upper() == b"XADD" and words[0] == journal and words[1] != b"MAXLEN"
            if is_entry:
                entry_id, *told = (word.decode() for word in words[1:])
                fields = dict(zip(told[::2], told[1::2], strict=True))
                entry = read_entry(entry_id, fields)
                # A rewrite writes an entry once more.
                found[entry.seq] = entry
    except (aof_reading.Damaged, OSError, ValueError) as error:
        raise TailUnreadable(str(error)) from error
    return list(found.values())
