"""A connection to a house that refuses, loses and cuts what a test asks for."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.promises.local_servers import proxy_to
from tests.servers import House

_BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class BadConnection:
    """By the path: how many requests came, which of the next are refused or lose their answers."""

    def __init__(self) -> None:
        self.url = ""
        self.came: Counter[str] = Counter()
        self.refuses: dict[str, list[bool]] = {}
        self.loses: dict[str, list[bool]] = {}

    def change(self, head: bytes) -> bytes:
        """Let one request through on each connection, so that each has its own head."""
        self.came[_path(head)] += 1
        if _is_next(self.refuses, head):
            return _BUSY
        return head.replace(b"onnection: keep-alive", b"onnection: close")

    def has_lost(self, head: bytes) -> bool:
        """Whether the answer to this request gets lost."""
        return _is_next(self.loses, head)


@contextmanager
def bad_connection(house: House) -> Iterator[BadConnection]:
    """A bad connection to a house, good until it is told otherwise."""
    made = BadConnection()
    with proxy_to(house.port, made.change, made.has_lost) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made


def _path(head: bytes) -> str:
    return head.split(b" ", 2)[1].decode()


def _is_next(plan: dict[str, list[bool]], head: bytes) -> bool:
    coming = plan.get(_path(head))
    return coming.pop(0) if coming else False
