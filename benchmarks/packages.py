"""What the bench needs and Ringside does not: picows for the load, gunicorn and socket.io as peers.

Installed from hashed locks into the user's cache at the first run; never beside Ringside's own.
Standard library only.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.venv import ROOT

SOURCES = ROOT / "benchmarks" / "peers"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ringside-bench"
PYTHON_PACKAGES = CACHE / "python"
NODE_MODULES = CACHE / "node" / "node_modules"
_PYTHON_LOCK = SOURCES / "requirements.txt"
_NODE_LOCKS = (SOURCES / "package.json", SOURCES / "package-lock.json")


def has_node() -> bool:
    """Whether the peer on Node can run here."""
    return all(map(shutil.which, ("node", "npm")))


def install() -> None:
    """Install what is missing or of another lock. Raises CalledProcessError."""
    _fill(PYTHON_PACKAGES, (_PYTHON_LOCK,), [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-deps",
        "--require-hashes", "--target", str(PYTHON_PACKAGES), "-r", str(_PYTHON_LOCK),
    ])  # fmt: skip
    if has_node():
        _fill(NODE_MODULES.parent, _NODE_LOCKS, ["npm", "ci", "--silent", "--ignore-scripts"])


def _fill(folder: Path, locks: tuple[Path, ...], command: list[str]) -> None:
    stamp = folder / "lock.sha256"
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {' '.join(lock.name for lock in locks)} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for lock in locks:
        shutil.copy(lock, folder)
    # pip must not import from our own module path.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=folder, env=environment, check=True)
    stamp.write_text(wanted)
