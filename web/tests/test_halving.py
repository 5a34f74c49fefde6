"""One bad row stands alone, the rest goes on, and an engine that is away is no row's fault."""

from collections.abc import Sequence

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError

from web.rows.halving import halved

pytestmark = pytest.mark.once


class Table:
    """Takes numbers, all of a batch or none, but for some."""

    def __init__(self, **bad: Exception) -> None:
        self.rows: list[int] = []
        self.bad = {int(name[1:]): error for name, error in bad.items()}
        self.aside: list[int] = []
        self.calls = 0

    def write(self, rows: Sequence[int]) -> None:
        self.calls += 1
        for row in rows:
            if row in self.bad:
                raise self.bad[row]
        self.rows += rows

    def set_aside(self, row: int, error: Exception) -> None:
        assert error is self.bad[row]
        self.aside.append(row)


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError(4025), DataError(1264), OperationalError(1366, "Incorrect string value"),
        OverflowError(), UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "no"), OperationalError(1526),
    ],
    ids=str,
)  # fmt: skip
def test_it_sets_bad_rows_aside_and_takes_the_others_in_their_order(error):
    table = Table(r0=error, r500=error, r999=error)
    halved(range(1_000), table.write, set_aside=table.set_aside)
    assert table.aside == [0, 500, 999]
    assert table.rows == [n for n in range(1_000) if n not in table.bad]
    assert table.calls < 70


@pytest.mark.parametrize(
    "error",
    [OperationalError(2006), OperationalError("database is locked"), OperationalError(1290),
     ProgrammingError(1146), RuntimeError()],
    ids=str,
)  # fmt: skip
def test_it_sets_nothing_aside_when_the_engine_is_at_fault(error):
    table = Table(r5=error)
    with pytest.raises(type(error)):
        halved(range(10), table.write, set_aside=table.set_aside)
    assert table.aside == table.rows == []


def test_it_acts_on_nothing_once():
    table = Table()
    halved([], table.write, set_aside=table.set_aside)
    assert table.calls == 1
