"""System checks for the engines: `manage.py check` names what would lose coins.

An engine that does not answer is a warning only, so that the commands which start or repair it
still run.
"""

from contextlib import suppress
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register
from django.db import DatabaseError, connection

from betting import bank
from operations.doctor import required_settings
from operations.doctor.instances import banks, lives
from web import live_redis

MYSQL_QUERY = (
    "SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@collation_database"
)


@register("engines")
def check_bank(**_: Any) -> list[CheckMessage]:
    """Check that the bank's settings make an answer durable."""
    try:
        problems = [finding for each in banks() for finding in required_settings.dangers(each)]
        return [Error(each.sentence, hint=each.mend, id="ringside.E001") for each in problems]
    except bank.BankAway as error:
        return [Warning(f"The bank does not answer: {error}.", id="ringside.W001")]


@register("engines")
def check_live(**_: Any) -> list[CheckMessage]:
    """Check that the live instance is another server than the bank, and evicts only what it may."""
    try:
        found = lives()
    except live_redis.LiveAway as error:
        return [Warning(f"The live instance does not answer: {error}.", id="ringside.W002")]
    problems = [finding for each in found for finding in required_settings.dangers(each)]
    # Of a bank that is away check_bank speaks.
    with suppress(bank.BankAway):
        problems += required_settings.alone([*banks(), *found])
    return [Error(each.sentence, hint=each.mend, id="ringside.E002") for each in problems]


@register("engines")
def check_database(**_: Any) -> list[CheckMessage]:
    """Check that a COMMIT is on disk, and that keys are compared byte by byte."""
    look = {"sqlite": _sqlite_problems, "mysql": _mysql_problems}[connection.vendor]
    try:
        return [Error(problem, id="ringside.E003") for problem in look()]
    except DatabaseError as error:
        return [Warning(f"The database does not answer: {error}.", id="ringside.W003")]


def _sqlite_problems() -> list[str]:
    problems = []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA database_list")
        is_on_disk = bool(cursor.fetchone()[2])
        cursor.execute("PRAGMA journal_mode")
        if is_on_disk and cursor.fetchone()[0] != "wal":
            problems.append("SQLite's journal_mode must be WAL.")
        cursor.execute("PRAGMA synchronous")
        if cursor.fetchone()[0] < 2:
            problems.append("SQLite's synchronous must be FULL, else a COMMIT may be lost.")
    return problems


def _mysql_problems() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(MYSQL_QUERY)
        flush, has_binlog, sync_binlog, collation = cursor.fetchone()
    problems = []
    if flush != 1:
        problems.append(f"innodb_flush_log_at_trx_commit is {flush}, it must be 1.")
    if has_binlog and sync_binlog != 1:
        problems.append(f"sync_binlog is {sync_binlog}, it must be 1 while log_bin is on.")
    if not collation.endswith("_bin"):
        problems.append(f"The database's collation is {collation}, it must end in _bin.")
    return problems
