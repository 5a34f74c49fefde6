"""System checks for the engines: `manage.py check` names what would lose coins.

An engine that does not answer is a warning only, so that the commands which start or repair it
still run.
"""

from contextlib import suppress
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register
from django.db import DatabaseError, connection, connections
from django.utils.translation import gettext as _

from betting import bank
from operations.doctor import replication, required_settings, web_processes
from operations.doctor.instances import banks, lives, read
from web.live import live_redis
from web.rows import replica
from web.rows.read_only import READ_ONLY

MYSQL_QUERY = (
    "SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@binlog_format,"
    " @@character_set_database, @@collation_database, @@sql_mode, @@read_only"
)
# Columns of text that would refuse an emoji, or take two spellings for one.
COLUMNS_QUERY = (
    "SELECT table_name, column_name, collation_name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND data_type <> 'json'"
    " AND (character_set_name <> 'utf8mb4' OR collation_name NOT LIKE %s)"
    " ORDER BY table_name, column_name"
)
COLUMNS_NAMED_MAX = 5


@register("engines")
def check_bank(**_: Any) -> list[CheckMessage]:
    """Check that the bank's settings make an answer durable."""
    found: list[CheckMessage] = []
    try:
        for primary in bank.primaries():
            found += _check_primary(primary)
    except bank.BankAway as error:
        found.append(_bank_away(error))
    return found


def _check_primary(primary: bank.Primary) -> list[CheckMessage]:
    try:
        problems = required_settings.dangers(read(primary))
    except bank.BankAway as error:
        return [_bank_away(error)]
    return [Error(each.sentence, hint=each.mend, id="ringside.E001") for each in problems]


def _bank_away(error: bank.BankAway) -> CheckMessage:
    return Warning(f"The bank does not answer: {error}.", id="ringside.W001")


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


@register("engines", deploy=True)
def check_web_processes(**_: Any) -> list[CheckMessage]:
    """Check that all machines have the same keys, and that the database takes their connections."""
    told: list[str] = []
    # Engines that are away are told by the others.
    with suppress(live_redis.LiveAway, DatabaseError):
        told += map(web_processes.differing_sentence, web_processes.differing())
        told += filter(None, [web_processes.database_sentence()])
    return [Warning(each, id="ringside.W006") for each in told]


@register("engines")
def check_database(**_: Any) -> list[CheckMessage]:
    """Check what a database must hold: durable, strict, writable, whole Unicode byte by byte."""
    look = {"sqlite": _sqlite_problems, "mysql": _mysql_problems}[connection.vendor]
    try:
        return [Error(problem, id="ringside.E003") for problem in look()]
    except DatabaseError as error:
        return [_database_away(error)]


@register("engines", deploy=True)
def check_replication(**_: Any) -> list[CheckMessage]:
    """Check that what was answered outlives the primary, where replicas follow it."""
    if connection.vendor != "mysql":
        return []
    try:
        seen = replication.Replication.read(connection)
    except DatabaseError as error:
        return [_database_away(error)]
    return [
        *_replica_problems(),
        *(Error(told, hint=mend, id="ringside.E004") for told, mend in replication.losses(seen)),
        *(Warning(told, hint=mend, id="ringside.W004") for told, mend in replication.remarks(seen)),
    ]


def _replica_problems() -> list[CheckMessage]:
    """Why reads do not go to the replica of the settings, if there is one."""
    if replica.ALIAS not in connections.settings:
        return []
    try:
        replica.require_fit()
    except (replica.Unfit, DatabaseError) as error:
        told = _("DATABASE_REPLICA_URL is not used: %(why)s") % {"why": error}
        return [Warning(told, hint="SHOW REPLICA STATUS", id="ringside.W005")]
    return []


def _database_away(error: DatabaseError) -> CheckMessage:
    return Warning(f"The database does not answer: {error}.", id="ringside.W003")


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
        flush, has_binlog, sync, binlog, charset, collation, mode, read_only = cursor.fetchone()
        cursor.execute(COLUMNS_QUERY, ["%\\_bin"])
        columns = [f"{table}.{column} ({found})" for table, column, found in cursor.fetchall()]
    is_wrong = {
        f"innodb_flush_log_at_trx_commit is {flush}, it must be 1.": flush != 1,
        f"sync_binlog is {sync}, it must be 1 while log_bin is on.": has_binlog and sync != 1,
        "binlog_format is STATEMENT, which refuses every write at READ COMMITTED; it must be "
        "ROW or MIXED.": has_binlog and binlog == "STATEMENT",
        f"The database's character set is {charset}, it must be utf8mb4.": charset != "utf8mb4",
        f"The database's collation is {collation}, it must end in _bin.": collation[-4:] != "_bin",
        f"sql_mode is {mode!r}, it must hold STRICT_TRANS_TABLES: else what does not fit is "
        "cut in silence.": not {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} & set(mode.split(",")),
        str(READ_ONLY): read_only,
    }
    problems = [sentence for sentence, is_so in is_wrong.items() if is_so]
    if columns:
        named = ", ".join(columns[:COLUMNS_NAMED_MAX])
        problems.append(
            f"{len(columns)} columns are not utf8mb4 with a collation that ends in _bin: {named}. "
            "ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin mends a table."
        )
    return problems
