"""What replicas of the database cost when one takes over, and what of it can be seen.

Everything is read with the rights on our own tables: status and variables are open to everybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

# What Ringside waits for an answer; a COMMIT that waits longer for a replica is given up.
COMMIT_WAIT_MS_MAX = 9_000
_STATUS = (
    "SHOW GLOBAL STATUS WHERE Variable_name IN"
    " ('Slaves_connected', 'Rpl_semi_sync_master_status', 'Rpl_semi_sync_master_clients')"
)
_VARIABLES = (
    "SHOW GLOBAL VARIABLES WHERE Variable_name = 'log_bin'"
    " OR Variable_name LIKE 'rpl\\_semi\\_sync\\_master\\_%%'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """How a server is followed. `replicas` is None where it does not say."""

    has_binlog: bool
    replicas: int | None
    is_enabled: bool
    # Replicas that confirm what they were sent, and whether a COMMIT waits for one just now.
    confirming: int
    is_waiting: bool
    wait_point: str
    wait_ms_max: int

    @classmethod
    def read(cls, connection: BaseDatabaseWrapper) -> Self:
        """Ask the server of a connection. Raises DatabaseError."""
        with connection.cursor() as cursor:
            cursor.execute(_STATUS)
            told = dict(cursor.fetchall())
            cursor.execute(_VARIABLES)
            told |= {name.lower(): value for name, value in cursor.fetchall()}
        replicas = told.get("Slaves_connected")
        return cls(
            has_binlog=told["log_bin"] == "ON",
            replicas=None if replicas is None else int(replicas),
            is_enabled=told.get("rpl_semi_sync_master_enabled") == "ON",
            confirming=int(told.get("Rpl_semi_sync_master_clients", 0)),
            is_waiting=told.get("Rpl_semi_sync_master_status") == "ON",
            wait_point=told.get("rpl_semi_sync_master_wait_point", ""),
            wait_ms_max=int(told.get("rpl_semi_sync_master_timeout", 0)),
        )


def losses(seen: Replication) -> Iterator[tuple[str, str]]:
    """What a failover would lose: each a sentence, and the words that mend it."""
    if not seen.replicas:
        return
    if not seen.is_enabled:
        yield (
            _(
                "Replicas follow the database (%(count)d), and no COMMIT waits for one: what a "
                "replica lacks when it takes over is lost."
            )
            % {"count": seen.replicas},
            "SET GLOBAL rpl_semi_sync_master_enabled = ON; deploy/mariadb/primary.cnf",
        )
        return
    if not seen.confirming:
        yield (
            _("COMMIT should wait for a replica, but of %(count)d none confirms what it was sent.")
            % {"count": seen.replicas},
            "SET GLOBAL rpl_semi_sync_slave_enabled = ON; STOP SLAVE; START SLAVE; "
            "deploy/mariadb/replica.cnf",
        )
    elif not seen.is_waiting:
        yield (
            _("COMMIT waits for no replica now: none confirmed within %(wait)d ms.")
            % {"wait": seen.wait_ms_max},
            "SHOW REPLICA STATUS",
        )
    if seen.wait_point != "AFTER_SYNC":
        yield (
            _(
                "What is committed is seen before a replica has it (%(point)s): others may have "
                "acted on what a failover loses."
            )
            % {"point": seen.wait_point},
            "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC",
        )


def remarks(seen: Replication) -> Iterator[tuple[str, str]]:
    """What cannot be seen, and what is odd and loses nothing by itself; as `losses`."""
    if seen.has_binlog and seen.replicas is None:
        yield (
            _(
                "This database does not say whether replicas follow it. If any does, it must "
                "replicate semi-synchronously."
            ),
            "SHOW REPLICAS",
        )
    if not seen.is_enabled:
        return
    if seen.replicas == 0:
        yield (
            _("COMMIT should wait for a replica, and none follows: nobody could take over."),
            "SHOW REPLICA STATUS; deploy/mariadb/replica.cnf",
        )
    if seen.wait_ms_max > COMMIT_WAIT_MS_MAX:
        yield (
            _(
                "A COMMIT may wait %(wait)d ms for a replica, and Ringside gives it up before "
                "that: at most %(most)d ms."
            )
            % {"wait": seen.wait_ms_max, "most": COMMIT_WAIT_MS_MAX},
            "SET GLOBAL rpl_semi_sync_master_timeout = 5000",
        )
