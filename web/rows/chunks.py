"""Long lists in pieces, so that no call, statement or message grows without end."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """The items in their order, `size` at a time; the last piece may be shorter."""
    for at in range(0, len(items), size):
        yield list(items[at : at + size])
