"""Numbers of people, rooms, markets and outcomes are given out once, also after a failover of SQL.

A replica that takes over may lack the last rows, and would give their numbers to others: a new
guest would have somebody's coins, a new question somebody's bets. So a server that is not the one
which gave numbers out before begins far above everything it knows. Each connection asks which
server it has, before anything else is done on it.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Max, Model

from betting import bank
from betting.models import Installation, Market, Outcome
from rooms.models import Club, Room

log = logging.getLogger(__name__)

# More than a replica can lack; 9 * 10^15 are there.
LEAP = 1_000_000
JOURNAL_PER_STEP = 1000
_LOCK, _LOCK_S = "ringside numbers", 10
# The server's errors for a database, a column and a table that are yet to be made.
_NOT_MADE_YET = (1046, 1054, 1146)
_SERVER = "SELECT @@server_id, @@read_only, server FROM betting_installation WHERE id = 1"


def watch() -> None:
    """Look at each connection of this process from now on."""
    connection_created.connect(_look, dispatch_uid="betting.audit.row_numbers")


def leap(connection: BaseDatabaseWrapper) -> None:
    """Have numbers begin far above every one that this database and the bank's journals know.

    Repeating it leaves out numbers, and does no harm.
    """
    known = _told_by_journals()
    with connection.cursor() as cursor:
        for model in _numbered():
            last = model._base_manager.aggregate(last=Max("pk"))["last"] or 0
            floor = max(last, _next_number(cursor, model), known.get(model, 0)) + LEAP
            _begin_above(cursor, model, floor)
            log.critical("%s: numbers go on above %d.", model._meta.label, floor)


def _look(sender: object, connection: BaseDatabaseWrapper, **_told: Any) -> None:
    # A replica gives no numbers out.
    if connection.vendor != "mysql" or connection.alias != DEFAULT_DB_ALIAS:
        return
    try:
        _recognise(connection)
    except Exception:
        # Django keeps a connection that was made, and would look at it no more.
        connection.close()
        raise


def _recognise(connection: BaseDatabaseWrapper) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SERVER)
            found = cursor.fetchone()
    except DatabaseError as error:
        if error.args and error.args[0] in _NOT_MADE_YET:
            return
        raise
    if found is None or str(found[0]) == found[2]:
        return
    if found[1]:
        # A replica that nobody promoted yet: the next request connects anew.
        connection.close_at = 0.0
    else:
        _take_over(connection, str(found[0]))


def _take_over(connection: BaseDatabaseWrapper, server: str) -> None:
    """Give out numbers from here; one process leaps, and the others wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", [_LOCK, _LOCK_S])
        try:
            before = Installation.objects.values_list("server", flat=True).get()
            if before not in ("", server):
                log.critical("The database is another server now: %s, not %s.", server, before)
                leap(connection)
            Installation.objects.update(server=server)
        finally:
            cursor.execute("SELECT RELEASE_LOCK(%s)", [_LOCK])


def _numbered() -> list[type[Model]]:
    return [get_user_model(), Club, Room, Market, Outcome]


def _told_by_journals() -> dict[type[Model], int]:
    """The highest numbers in the journals; of a club whose primary is away nothing."""
    highest: dict[type[Model], int] = {}
    for club_id in Club.objects.values_list("pk", flat=True):
        try:
            for entry in bank.newest(club_id, JOURNAL_PER_STEP):
                told: Iterable[tuple[type[Model], int | None]] = (
                    (get_user_model(), entry.user_id), (Market, entry.market_id),
                    (Outcome, entry.outcome_id),
                )  # fmt: skip
                for model, number in told:
                    highest[model] = max(highest.get(model, 0), number or 0)
        except bank.BankAway as error:
            log.warning("The journal of club %s cannot be asked: %s", club_id, error)
    return highest


def _next_number(cursor: Any, model: type[Model]) -> int:
    table = model._meta.db_table
    if cursor.db.vendor == "sqlite":
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    else:
        cursor.execute(
            "SELECT auto_increment FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_name = %s",
            [table],
        )
    found = cursor.fetchone()
    return int(found[0] or 0) if found else 0


def _begin_above(cursor: Any, model: type[Model], floor: int) -> None:
    table = model._meta.db_table
    if cursor.db.vendor == "sqlite":
        with transaction.atomic():
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, floor]
            )
    else:
        # Whoever writes into the table at this moment is waited for, but not for ever.
        cursor.execute("SET SESSION lock_wait_timeout = %s", [_LOCK_S])
        cursor.execute(f"ALTER TABLE {table} AUTO_INCREMENT = {floor + 1:d}")
