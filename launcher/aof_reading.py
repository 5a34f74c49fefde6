"""Reading append-only files: whether one is whole, ends in an unfinished command, or is damaged.

A server that was killed may leave at most one unfinished command or MULTI, at the very end of its
last file, and nobody was answered about it. Everything else that cannot be read is damage.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COUNT = re.compile(rb"\*([1-9]\d{0,6})\r\n")
_LENGTH = re.compile(rb"\$(0|[1-9]\d{0,9})\r\n")
# Timestamps, where a server was told to write them.
_REMARK = re.compile(rb"#[^\r\n]*\r\n")
_PART = {
    _COUNT: re.compile(rb"\*(?:[1-9]\d{0,6}\r?)?"),
    _LENGTH: re.compile(rb"\$(?:(?:0|[1-9]\d{0,9})\r?)?"),
}
_PART_REMARK = re.compile(rb"#[^\r\n]*\r?")
_PART_NAME = re.compile(rb"[A-Za-z]*")
_ALONE = (b"MULTI", b"EXEC")


class Damaged(Exception):
    """Nobody may mend this by cutting: which file cannot be read at which byte, and why."""

    def __init__(self, at_byte: int, why: str, file: str = "") -> None:
        super().__init__(f"{file} at byte {at_byte}: {why}")
        self.at_byte = at_byte
        self.why = why
        self.file = file


class _Unfinished(Exception):
    """The bytes end in the middle of a command that is sound so far."""


@dataclass(frozen=True, slots=True)
class _Command:
    name: bytes
    words: int
    end: int


def torn_end(manifest: Path) -> tuple[Path, int] | None:
    """The last file, and the byte at which its unfinished end begins; None when all are whole.

    Raises Damaged.
    """
    files = _files_in_order(manifest)
    for path in files:
        content = path.read_bytes()
        # A snapshot of memory is the server's own to judge, by its checksum.
        if content.startswith(b"REDIS"):
            continue
        try:
            sound = sound_bytes(content)
            if sound < len(content) and path == files[-1]:
                return path, sound
            if sound < len(content):
                raise Damaged(sound, "it ends in an unfinished entry, and other files follow")
        except Damaged as damage:
            raise Damaged(damage.at_byte, damage.why, path.name) from damage
    return None


def refused_by_server(files: Path, said: str) -> Damaged | None:
    """What a server that ended while it read its files says of them; None when it was not that."""
    told = [line for line in said.splitlines() if "reading the append only file" in line]
    if not told:
        return None
    why = told[-1].partition(" # ")[2] or told[-1]
    if unknown := re.search(r"nknown command '([^']+)'", why):
        line = f"\r\n{unknown[1]}\r\n".encode()
        for path in files.glob("*.aof"):
            if (at := path.read_bytes().find(line)) >= 0:
                return Damaged(at + 2, why, path.name)
    return Damaged(0, why, files.name)


def _files_in_order(manifest: Path) -> list[Path]:
    found = []
    for line in manifest.read_text(errors="replace").splitlines():
        match = re.fullmatch(r"file (\S+) seq \d+ type ([bih])", line)
        if not match:
            raise Damaged(0, "a line of the list of files cannot be read", manifest.name)
        if match[2] != "h":
            found.append(manifest.parent / match[1])
    if missing := [path.name for path in found if not path.is_file()]:
        raise Damaged(0, f"it names {', '.join(missing)}, which is missing", manifest.name)
    return found


def sound_bytes(content: bytes) -> int:
    """How many bytes stand before an unfinished command or MULTI; all of them in a whole file.

    Raises Damaged when anything else is wrong, or anything stands behind what is unfinished.
    """
    at, multi_at = 0, None
    while at < len(content):
        try:
            command = _command_at(content, at)
        except _Unfinished:
            break
        if command.name == b"MULTI":
            if multi_at is not None:
                raise Damaged(multi_at, "a MULTI without its EXEC, and entries behind it")
            multi_at = at
        elif command.name == b"EXEC":
            if multi_at is None:
                raise Damaged(at, "an EXEC without its MULTI")
            multi_at = None
        at = command.end
    if content.find(b"\r\n*", at) >= 0:
        raise Damaged(at, "it cannot be read, and whole entries stand behind it")
    return at if multi_at is None else multi_at


def commands(path: Path) -> Iterator[list[bytes]]:
    """The words of each command of an append-only file, up to what was not finished.

    A folder is read as its list of files tells. Raises Damaged.
    """
    if path.is_dir():
        [manifest] = path.glob("*.manifest")
        for file in _files_in_order(manifest):
            yield from commands(file)
        return
    content = path.read_bytes()
    if content.startswith(b"REDIS"):
        raise Damaged(0, "it is a snapshot of memory, which holds no entries to read", path.name)
    at, end = 0, sound_bytes(content)
    while at < end:
        command = _command_at(content, at)
        if command.name:
            yield _words(content, at)
        at = command.end


def _words(content: bytes, at: int) -> list[bytes]:
    """The words of the command at a place where a sound one begins."""
    count, at = _number_at(content, at, _COUNT, at)
    words = []
    for _number in range(count):
        length, at = _number_at(content, at, _LENGTH, at)
        words.append(content[at : at + length])
        at += length + 2
    return words


def _command_at(content: bytes, at: int) -> _Command:
    begin = at
    if content.startswith(b"#", at):
        if remark := _REMARK.match(content, at):
            return _Command(b"", 1, remark.end())
        if _PART_REMARK.fullmatch(content, at):
            raise _Unfinished
        raise Damaged(begin, "a remark without an end")
    words, at = _number_at(content, at, _COUNT, begin)
    name = b""
    for number in range(words):
        length, at = _number_at(content, at, _LENGTH, begin)
        word = content[at : at + length]
        if number == 0:
            name = _name(word, words, is_whole=len(word) == length, begin=begin)
        at += length
        end = content[at : at + 2]
        # What the server wrote holds no line that begins like a command.
        if b"\r\n*" in word or not b"\r\n".startswith(end):
            raise Damaged(begin, "a word of another length than was said")
        if end != b"\r\n":
            raise _Unfinished
        at += 2
    return _Command(name, words, at)


def _number_at(content: bytes, at: int, what: re.Pattern[bytes], begin: int) -> tuple[int, int]:
    if match := what.match(content, at):
        return int(match[1]), match.end()
    if _PART[what].fullmatch(content, at) or at == len(content):
        raise _Unfinished
    raise Damaged(begin, "it is no command")


def _name(word: bytes, words: int, *, is_whole: bool, begin: int) -> bytes:
    """The name of a command. Only MULTI and EXEC stand alone, and they always do."""
    name = word.upper()
    if not _PART_NAME.fullmatch(word):
        raise Damaged(begin, "it has no name")
    if is_whole and (name in _ALONE) != (words == 1):
        raise Damaged(begin, "it has too few words or too many")
    return name
