"""Reads that a replica of the database may answer, as soon as it holds what was written before.

    answer = replica.read(result_of, market)

Everything else, and everything that is written, goes to the primary. A read waits until the
replica holds all that the primary held when it began, so whoever just did something sees it. A
replica that is too far behind, wrong or away is left alone for a while.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.models import Model
from django.utils.translation import gettext as _

from web.refusals import Words

P = ParamSpec("P")
R = TypeVar("R")

ALIAS = "replica"
# How long a read waits for the replica. One that is further behind is not used,
CATCH_UP_S = 0.5
# and is not asked again for so long.
REST_S = 10.0

log = logging.getLogger(__name__)

# Apps add what must be the same in both databases, by alias: else they are those of two sites.
marks: list[Callable[[str], object]] = []
_is_reading: ContextVar[bool] = ContextVar("is_reading_replica", default=False)


class Unfit(Exception):
    """Why the replica cannot be read from; a sentence."""


class Router:
    """Django's question where a query goes; the replica is for queries inside of `read` alone."""

    def db_for_read(self, _model: type[Model], **_hints: Any) -> str:
        """The replica inside of `read`, else the primary, wherever a row came from."""
        return ALIAS if _is_reading.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, _model: type[Model], **_hints: Any) -> str:
        """The primary, always."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Model, _other: Model, **_hints: Any) -> bool:
        """Rows of both are the same rows."""
        return True

    def allow_migrate(self, alias: str, _app: str, **_hints: Any) -> bool:
        """Tables are made at the primary, and replicated."""
        return alias == DEFAULT_DB_ALIAS


class _Rest:
    """Until when this process leaves the replica alone, and whether it has said so."""

    def __init__(self) -> None:
        self.until_s = 0.0
        self.is_told = False
        # Whether the two were found to be of one site since the replica last failed.
        self.is_ours = False
        self._lock = threading.Lock()

    def begin(self, why: Words | Exception) -> None:
        with self._lock:
            self.until_s, self.is_ours = time.monotonic() + REST_S, False
            is_told, self.is_told = self.is_told, True
        if not is_told:
            log.warning("The replica of the database is not used: %s", why)

    def end(self) -> None:
        if self.is_told:
            self.is_told = False
            log.warning("The replica of the database is used again.")


_rest = _Rest()


def read(fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that only reads, at the replica if it can answer, else at the primary.

    It is called a second time, at the primary, when the replica fails on the way. What it returns
    must be read to the end: queries that run later go to the primary. In a transaction the primary
    is read, which alone knows what is not committed.
    """
    if not _may_answer():
        return fn(*args, **kwargs)
    token = _is_reading.set(True)
    try:
        return fn(*args, **kwargs)
    except Error as error:
        failed = error
    finally:
        _is_reading.reset(token)
    answer = fn(*args, **kwargs)
    # The primary could, so it was the replica's fault.
    connections[ALIAS].close()
    _rest.begin(failed)
    return answer


def require_fit() -> None:
    """Wait until the replica holds all that the primary holds. Raises Unfit, DatabaseError."""
    replica = connections[ALIAS]
    # A thread's connection may be from yesterday.
    replica.close_if_unusable_or_obsolete()
    if not getattr(connection, "mysql_is_mariadb", False):
        raise Unfit(_("it must be MariaDB."))
    if not _rest.is_ours and any(mark(DEFAULT_DB_ALIAS) != mark(ALIAS) for mark in marks):
        raise Unfit(_("it is the database of another Ringside."))
    _rest.is_ours = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@gtid_binlog_pos")
        [position] = cursor.fetchone()
    if not position:
        raise Unfit(_("the primary writes no binary log, so nobody knows how far it is."))
    with replica.cursor() as cursor:
        cursor.execute("SELECT MASTER_GTID_WAIT(%s, %s)", [position, CATCH_UP_S])
        [reply] = cursor.fetchone()
    if reply != 0:
        raise Unfit(_("it is more than %(wait).1f s behind.") % {"wait": CATCH_UP_S})


def _may_answer() -> bool:
    is_there = ALIAS in connections.settings and not _is_reading.get()
    if not is_there or connection.in_atomic_block or time.monotonic() < _rest.until_s:
        return False
    try:
        require_fit()
    except (Unfit, Error) as error:
        connections[ALIAS].close()
        _rest.begin(error)
        return False
    _rest.end()
    return True
