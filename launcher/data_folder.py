"""The data folder: the secret key, the lock of the one run that may use it, its state file.

Standard library only.
"""

import fcntl
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from launcher import engines
from launcher.venv import ROOT
from launcher.words import gettext as _

DEFAULT = ROOT / ".ringside"
ENGINE_SETTINGS = ("DATABASE_URL", "REDIS_BANK_URL", "REDIS_LIVE_URL")
# What `manage` in another terminal must know of the environment that `run` was given.
KEPT_SETTINGS = (
    *ENGINE_SETTINGS, "DATABASE_REPLICA_URL", "PUBLIC_URL", "ALLOWED_ORIGINS", "ALLOWED_HOSTS",
    "TRUSTED_PROXIES", "LIMITS_SCALE", "WEB_WORKERS", "MAP_TILE_URL", "TIME_ZONE", "TOKEN_KEYS",
    "RECEIPT_KEYS", "STATIC_ROOT",
)  # fmt: skip


class FolderInUse(RuntimeError):
    """Another run uses this data folder; the message tells where it answers."""


class NotRunning(RuntimeError):
    """Ringside does not run on this data folder; the message says how to start."""


def state_path(data_dir: Path) -> Path:
    """The file that tells other commands, and the next run, what runs here."""
    return data_dir / "running.json"


def logs(data_dir: Path) -> Path:
    """Where the children write."""
    folder = data_dir / "logs"
    folder.mkdir(exist_ok=True)
    return folder


def occupy(data_dir: Path) -> IO[str]:
    """Make the data folder ours as long as the returned file stays open, or refuse."""
    engines.make_private(data_dir)
    lock = (data_dir / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        lock.close()
        state = _state(data_dir)
        what = {"folder": data_dir, "url": state.get("url"), "pid": state.get("pid")}
        where = (
            _("Ringside already runs on %(folder)s at %(url)s (process %(pid)s).")
            if state
            else _("Ringside already runs on %(folder)s.")
        )
        mend = _("Stop it first, or choose another folder with --data-dir DIR.")
        raise FolderInUse(f"{where % what} {mend}") from taken
    return lock


def secret_key(data_dir: Path) -> None:
    """Make the secret key of a new folder; nobody else may read it."""
    path = data_dir / "secret-key"
    if path.exists():
        return
    # Whole or not at all: half a key on a full disk would be refused by every later start.
    draft = data_dir / f".secret-key.{os.getpid()}"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        # Of two commands at once the first one's key stays; a rename would replace it.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def settings_of_run(data_dir: Path) -> dict[str, str]:
    """The settings of the run on this folder, for a command beside it.

    With all three engines named in the environment nobody has to run, and a run on other ones
    has no say. Raises NotRunning.
    """
    settings = {"DATA_DIR": str(data_dir)}
    state = _state(data_dir)
    named = {name: os.environ.get(name) for name in ENGINE_SETTINGS}
    is_named = all(named.values())
    is_running = bool(state) and _is_occupied(data_dir)
    if is_named and not (is_running and named.items() <= state["settings"].items()):
        return settings
    if not is_running:
        raise NotRunning(
            _("Ringside is not running on %(folder)s. Start it in another terminal:")
            % {"folder": data_dir}
            + f"\n  {ROOT / 'ringside'} run --data-dir {data_dir}"
        )
    return {**settings, **state["settings"]}


def settings_without_run(data_dir: Path) -> dict[str, str]:
    """The settings of a command that needs no running engine: data folder and secret key."""
    engines.make_private(data_dir)
    secret_key(data_dir)
    return {"DATA_DIR": str(data_dir)}


def _is_occupied(data_dir: Path) -> bool:
    try:
        occupy(data_dir).close()
    except FolderInUse:
        return True
    return False


def _state(data_dir: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(state_path(data_dir).read_text())
    except (OSError, ValueError):
        return {}
    return state
