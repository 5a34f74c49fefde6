"""The virtual environment in the checkout: made once, filled from the hashed locks.

Standard library only: this runs on the system's Python before anything is installed.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.words import gettext as _

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

# Asked by Debian's packages before they start a service.
START_POLICY = Path("/usr/sbin/policy-rc.d")

# A lock, and the locks that it takes in with -r.
COVERS = {
    "requirements-run.txt": (),
    "requirements.txt": ("requirements-run.txt",),
    "requirements-dev.txt": ("requirements-run.txt",),
}


# Newer Pythons lack wheels of some packages in the locks.
WHEELS_BELOW = (3, 14)


class InstallFailed(RuntimeError):
    """The virtual environment cannot be made or filled; the message says what to do."""


def install(lock: str) -> bool:
    """Make the virtual environment if need be and install a lock into it.

    Does nothing, and returns False, when the same lock was installed before.
    """
    with _alone():
        if PYTHON.exists() and _stamp(lock) == _fingerprint(lock):
            return False
        if not _works():
            _make()
        print(_("Installing %(what)s …") % {"what": lock}, flush=True)
        command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
        command += ["--no-deps", "--require-hashes", "--no-input", "-r", str(ROOT / lock)]
        quiet_root = {"PIP_ROOT_USER_ACTION": "ignore"}
        if subprocess.run(command, env={**_environment(), **quiet_root}, check=False).returncode:
            raise InstallFailed(
                _("pip could not install %(lock)s; its words stand above.") % {"lock": lock}
                + _explain_missing_wheel()
            )
        for name in (lock, *COVERS[lock]):
            _stamp_path(name).write_text(_fingerprint(name))
        return True


def is_ours() -> bool:
    """Whether this very process runs on the environment's Python."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def run_as_root(command: list[str]) -> bool:
    """Run one command of the system's package manager; False when it did not end well."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return not subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages when we are root and apt exists; False when that is not so.

    Services that come with them are not started.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(_("Installing %(what)s with apt …") % {"what": " ".join(packages)}, flush=True)
    if not run_as_root(["apt-get", "update", "-qq"]):
        return False
    with without_starts():
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends"]
        return run_as_root([*install, *packages])


@contextmanager
def without_starts() -> Iterator[None]:
    """Let packages start no service meanwhile, in Debian's way; the machine's own policy stands."""
    if START_POLICY.exists():
        yield
        return
    START_POLICY.write_text("#!/bin/sh\nexit 101\n")
    START_POLICY.chmod(0o755)
    try:
        yield
    finally:
        START_POLICY.unlink()


def _make() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    print(_("Making the virtual environment …"), flush=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not _has_ensurepip() and not apt_install([f"python{version}-venv"]):
        for tool in (["uv", "venv", "--quiet", "--seed"], ["virtualenv", "--quiet"]):
            if shutil.which(tool[0]):
                subprocess.run([*tool, "--python", sys.executable, str(VENV)], check=False)
                if _works():
                    return
        raise InstallFailed(
            _("This Python cannot make virtual environments. As root: %(command)s")
            % {"command": f"apt-get install python{version}-venv"}
        )
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], env=_environment(), check=False)
    if not _works():
        raise InstallFailed(
            _("%(python)s could not make %(folder)s.") % {"python": sys.executable, "folder": VENV}
        )


def _explain_missing_wheel() -> str:
    """What to do on a system for which the embedded engine or others have no wheel."""
    libc = platform.libc_ver()[0]
    if libc == "glibc" and sys.version_info < WHEELS_BELOW:
        return ""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return " " + _(
        "Not every package has a wheel for Python %(version)s on %(libc)s: use Python 3.11 "
        "to 3.13 on a system with glibc (Debian, Ubuntu, Fedora), or the image of the Dockerfile."
    ) % {"version": version, "libc": libc or "musl"}


def _has_ensurepip() -> bool:
    ask = [sys.executable, "-c", "import ensurepip, venv"]
    return not subprocess.run(ask, capture_output=True, check=False).returncode


def _works() -> bool:
    if not PYTHON.exists():
        return False
    ask = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return not subprocess.run(ask, capture_output=True, check=False).returncode


def _environment() -> dict[str, str]:
    # pip must not import from our own module path.
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _fingerprint(lock: str) -> str:
    texts = [(ROOT / name).read_bytes() for name in (lock, *COVERS[lock])]
    return hashlib.sha256(b"".join(texts)).hexdigest()


def _stamp_path(lock: str) -> Path:
    return VENV / f"ringside-{lock}.sha256"


def _stamp(lock: str) -> str:
    path = _stamp_path(lock)
    return path.read_text() if path.exists() else ""


@contextmanager
def _alone() -> Iterator[None]:
    # Two commands begun at once must not fill the same environment; the lock is on the checkout.
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
