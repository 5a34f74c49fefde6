"""Short lock waits: removing old rows may hold up nobody else for more than a second."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection

LOCK_WAIT_S = 1
_MYSQL = ("lock_wait_timeout", "innodb_lock_wait_timeout")
# Lock wait timeout, deadlock.
_MYSQL_LOCKED = (1205, 1213)


@contextmanager
def short_waits() -> Iterator[None]:
    """Wait a second at most for any lock of this connection: of rows, of tables, of the file."""
    settings = _MYSQL if connection.vendor == "mysql" else ()
    with connection.cursor() as cursor:
        before = []
        for name in settings:
            cursor.execute(f"SELECT @@SESSION.{name}")
            before.append(int(cursor.fetchone()[0]))
            cursor.execute(f"SET SESSION {name} = {LOCK_WAIT_S}")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout")
            before.append(int(cursor.fetchone()[0]))
            cursor.execute(f"PRAGMA busy_timeout = {1000 * LOCK_WAIT_S}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name, value in zip(settings, before, strict=False):
                cursor.execute(f"SET SESSION {name} = {value}")
            if connection.vendor == "sqlite":
                cursor.execute(f"PRAGMA busy_timeout = {before[0]}")


def is_lock(error: OperationalError) -> bool:
    """Whether an error says that a lock was held by another."""
    return error.args[:1] in [(number,) for number in _MYSQL_LOCKED] or "locked" in str(error)
