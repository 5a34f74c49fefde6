"""A bare connection to a private Redis: words are sent and answers read, byte by byte if need be.

The experiments need what a client hides: half a command, many commands in one write, answers
that nobody reads. Never used for the engines of a running Ringside.
"""

import select
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import hiredis

Word = str | int | bytes
CHUNK_BYTES = 2**16
PATIENCE_S = 60
LIBRARY = Path(__file__).with_name("lab.lua")


class LineClosed(ConnectionError):
    """The server ended the line, or itself."""


class Refusal(RuntimeError):
    """The server answered with an error."""


def pack(*words: Word) -> bytes:
    """A command as it travels."""
    # hiredis takes any number of words; its own hint says one.
    words_of_any_number: Any = words
    packed: bytes = hiredis.pack_command(words_of_any_number)
    return packed


def load_library(line: "Line") -> None:
    """Give a private server the functions of the experiments."""
    line.call("FUNCTION", "LOAD", "REPLACE", LIBRARY.read_text())


class Line:
    """One connection through a Unix socket. Whatever waits over 60 s raises TimeoutError."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        self._socket.connect(str(path))
        self._reader = hiredis.Reader(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def call(self, *words: Word) -> Any:
        """Send a command and wait for its answer. Raises Refusal or LineClosed."""
        self.send(pack(*words))
        answer = self.read()
        if isinstance(answer, hiredis.ReplyError):
            raise Refusal(str(answer))
        return answer

    def pipeline(self, commands: Iterable[Sequence[Word]]) -> list[Any]:
        """Send many commands in one write and wait for all answers; errors stand among them."""
        packed = [pack(*words) for words in commands]
        self.send(b"".join(packed))
        return [self.read() for _ in packed]

    def send(self, sent: bytes) -> None:
        """Send bytes and wait for nothing. Raises LineClosed."""
        try:
            self._socket.sendall(sent)
        except ConnectionError as error:
            raise LineClosed(str(error)) from error

    def read(self) -> Any:
        """The next answer; an error comes back as hiredis.ReplyError. Raises LineClosed."""
        while (answer := self._reader.gets()) is False:
            try:
                received = self._socket.recv(CHUNK_BYTES)
            except ConnectionError as error:
                raise LineClosed(str(error)) from error
            if not received:
                raise LineClosed("the server closed the line")
            self._reader.feed(received)
        return answer

    def has_answer(self) -> bool:
        """Whether something waits to be read at this moment."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def figures(self, section: str) -> dict[str, str]:
        """One section of INFO."""
        pairs = (row.partition(":") for row in self.call("INFO", section).splitlines())
        return {name: value for name, colon, value in pairs if colon}
