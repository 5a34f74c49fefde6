"""The projections of the ledger: wallets and positions here, markets in market_projection.py.

Called by recorder.py alone, inside its transaction. Every figure that is written is
absolute, and rows go in sorted by key, so that the recorders of two clubs cannot deadlock.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from betting.bank.values import Entry
from betting.ledger.market_projection import project_markets
from betting.models import Kind, Position, Wallet
from web.rows import set_aside
from web.rows.halving import halved
from web.rows.inserting import insert


def project(club_id: int, entries: Sequence[Entry]) -> None:
    """Bring the projections of a club from before these entries to after them.

    The entries are in the ledger already, without a gap, and their watermark is locked.
    """
    _project_wallets(club_id, entries)
    _project_positions(entries)
    project_markets(entries)


def _overwrite(key: Sequence[str], columns: Sequence[str]) -> str:
    """The end of an INSERT that overwrites columns where the key is there already.

    VALUES(column) is the one form that MariaDB and MySQL both know.
    """
    if connection.vendor == "mysql":
        new = ", ".join(f"{column} = VALUES({column})" for column in columns)
        return f"ON DUPLICATE KEY UPDATE {new}"
    new = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {new}"


def _project_wallets(club_id: int, entries: Iterable[Entry]) -> None:
    last = {entry.user_id: entry for entry in entries if entry.wallet_after is not None}
    rows = [(club_id, user, entry.wallet_after, entry.seq) for user, entry in last.items()]
    into = f"{Wallet._meta.db_table} (club_id, user_id, coins, seq)"
    _write(into, rows, tail=_overwrite(("club_id", "user_id"), ("coins", "seq")))


def _project_positions(entries: Iterable[Entry]) -> None:
    figures: dict[tuple[int | None, ...], tuple[int | None, int]] = {}
    for entry in entries:
        if entry.kind == Kind.BET:
            key = (entry.market_id, entry.user_id, entry.outcome_id)
            first_seq = figures[key][1] if key in figures else entry.seq
            figures[key] = (entry.position_after, first_seq)
    rows = [key + moved for key, moved in figures.items()]
    into = f"{Position._meta.db_table} (market_id, user_id, outcome_id, coins, first_seq)"
    _write(into, rows, tail=_overwrite(("market_id", "user_id", "outcome_id"), ("coins",)))


def _write(into: str, rows: Sequence[tuple[int | None, ...]], *, tail: str) -> None:
    """Write figures; a row that SQL refuses is set aside: `manage.py reproject` makes it anew."""

    def write(some: Sequence[tuple[int | None, ...]]) -> None:
        with transaction.atomic():
            insert(into, some, tail=tail)

    if rows:
        halved(sorted(rows), write, set_aside=_set_aside)


def _set_aside(row: tuple[Any, ...], error: Exception) -> None:
    # Both tables have their user second.
    set_aside.put("shown coins", error, user_id=row[1] or 0, fields={"row": str(row)})
