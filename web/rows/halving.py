"""Batches that one bad row would stop for ever: halved until that row stands alone."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError
from django.db.models import ProtectedError, RestrictedError

T = TypeVar("T")

# MariaDB and MySQL say these of a row, though the driver calls some of them operational: out of
# range, too long, not a text of the table's character set, no partition, a constraint.
_OF_A_ROW = frozenset({1264, 1265, 1292, 1300, 1366, 1406, 1526, 3819, 3988, 4025})


def halved(
    rows: Sequence[T],
    act: Callable[[Sequence[T]], object],
    *,
    set_aside: Callable[[T, Exception], object],
) -> None:
    """Act on all rows at once; on halves where a row is at fault, until it stands alone.

    That row is set aside and the rest goes on. `act` does all of its rows or none. Raises what is
    no row's fault: an engine that is away, a table that is missing.
    """
    try:
        act(rows)
    except Exception as error:
        if not is_of_a_row(error):
            raise
        if len(rows) <= 1:
            for row in rows:
                set_aside(row, error)
            return
        middle = len(rows) // 2
        for half in (rows[:middle], rows[middle:]):
            halved(half, act, set_aside=set_aside)


def is_of_a_row(error: Exception) -> bool:
    """Whether an error is the fault of a row, not of the engine or of the table."""
    if isinstance(error, (DataError, IntegrityError, ProtectedError, RestrictedError)):
        return True
    if isinstance(error, DatabaseError):
        return bool(error.args) and error.args[0] in _OF_A_ROW
    # What a driver or a decoder cannot take, as half an emoji or a number of a hundred digits.
    return isinstance(error, (ValueError, OverflowError, ValidationError))
