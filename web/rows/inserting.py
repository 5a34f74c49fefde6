"""Rows in few statements: `executemany` of MariaDB's driver takes longer than the server."""

from collections.abc import Callable, Sequence

from django.db import connection

from web.rows.chunks import chunks

ROWS_PER_STATEMENT = 1000

Row = Sequence[int | str | None]


def insert(into: str, rows: Sequence[Row], *, tail: str = "") -> None:
    """INSERT INTO `into`, a table with its columns; `tail` is what stands behind the rows.

    Raises DatabaseError. Without a transaction around it, some of the rows may be in then.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "mysql":
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks}) {tail}", rows)
            return
        quoted = _Quoted(connection.connection.string_literal)
        for some in chunks(rows, ROWS_PER_STATEMENT):
            values = ",".join([f"({_listed(row, quoted)})" for row in some])
            cursor.execute(f"INSERT INTO {into} VALUES {values} {tail}")


def _listed(row: Row, quoted: "_Quoted") -> str:
    return ",".join([
        quoted[each] if isinstance(each, str) else "NULL" if each is None else str(each)
        for each in row
    ])  # fmt: skip


class _Quoted(dict[str, str]):
    """Texts as the driver quotes them, each of them once."""

    def __init__(self, quote: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._quote = quote

    def __missing__(self, text: str) -> str:
        self[text] = literal = self._quote(text.encode()).decode()
        return literal
