"""The databases of the settings: the primary, and a replica for reads that may take longer."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

_SQLITE: dict[str, Any] = {
    "timeout": 5,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
_MARIADB: dict[str, Any] = {
    "charset": "utf8mb4",
    "isolation_level": "read committed",
    "connect_timeout": 2,
    "read_timeout": 10,
    "write_timeout": 10,
    "init_command": "SET innodb_lock_wait_timeout = 3",
}


def read_databases(data_dir: Path) -> dict[str, dict[str, Any]]:
    """Read DATABASE_URL and DATABASE_REPLICA_URL. Raises ImproperlyConfigured with a sentence."""
    file = quote(str(data_dir / "ringside.sqlite3"))
    primary = env.db_url("DATABASE_URL", f"sqlite:///{file}")
    if primary["ENGINE"].endswith("sqlite3"):
        primary["OPTIONS"] = _SQLITE
        # A file: several connections to a database in memory lock each other out whole tables.
        primary["TEST"] = {"NAME": str(data_dir / "test.sqlite3")}
    elif primary["ENGINE"].endswith("mysql"):
        primary["OPTIONS"] = {**primary.get("OPTIONS", {}), **_MARIADB}
        # Keys are compared byte by byte: two names that look alike are two names.
        primary["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_bin"}
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or mysql://.")
    if not env.str("DATABASE_REPLICA_URL", ""):
        return {"default": primary}
    return {"default": primary, "replica": _replica(primary)}


def _replica(primary: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = env.db_url("DATABASE_REPLICA_URL")
    if not primary["ENGINE"] == found["ENGINE"] == "django.db.backends.mysql":
        raise ImproperlyConfigured(
            "DATABASE_REPLICA_URL must begin with mysql://, and so must DATABASE_URL then."
        )
    found["OPTIONS"] = {**found.get("OPTIONS", {}), **_MARIADB}
    found["TEST"] = {"MIRROR": "default"}
    return found
