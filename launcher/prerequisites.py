"""What testing needs beyond Python: look for it, install it through apt when we are root.

Standard library only.
"""

import os
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from launcher import venv
from launcher.words import gettext as _

# Servers lie where an ordinary user's PATH does not look.
PLACES = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Programs that must be there, and the Debian packages that bring them."""

    programs: tuple[str, ...]
    packages: tuple[str, ...]


TOOLS = {
    "mariadb": Tool(
        programs=("mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump"),
        packages=("mariadb-server-core", "mariadb-client-core", "mariadb-client"),
    ),
    "redis": Tool(
        programs=("redis-server", "redis-check-aof"), packages=("redis-server", "redis-tools")
    ),
    "nginx": Tool(programs=("nginx",), packages=("nginx-light",)),
    "prometheus": Tool(programs=("prometheus", "promtool"), packages=("prometheus",)),
    # The shell shows pages at half the cost; the lab shows its own in what people have.
    "chromium": Tool(
        programs=("chromium-headless-shell", "chromium"),
        packages=("chromium-headless-shell", "chromium"),
    ),
    "gettext": Tool(programs=("msgfmt",), packages=("gettext",)),
    "compiler": Tool(
        programs=("cc", "pkg-config", "mariadb_config"),
        packages=("gcc", "libc6-dev", "python3-dev", "pkg-config", "libmariadb-dev"),
    ),
}


def provide(names: Collection[str] = tuple(TOOLS)) -> dict[str, str]:
    """Have all of these, or say what is missing: name → how an administrator gets it.

    With the compiler comes the MariaDB driver, which is missing as `mysqlclient`.
    """
    os.environ["PATH"] = PLACES
    lacking = {name: TOOLS[name] for name in names if not _is_here(TOOLS[name])}
    if _has_driver():
        lacking.pop("compiler", None)
    if lacking:
        venv.apt_install([package for tool in lacking.values() for package in tool.packages])
    missing = {
        name: f"as root: apt-get install {' '.join(tool.packages)}"
        for name, tool in lacking.items()
        if not _is_here(tool)
    }
    if "compiler" in names and not _has_driver():
        if "compiler" not in missing:
            venv.install("requirements.txt")
        if not _has_driver():
            missing["mysqlclient"] = "the MariaDB driver needs the compiler and its libraries"
    return missing


def provide_driver() -> None:
    """Have the driver of MariaDB and MySQL. Raises InstallFailed with what to do."""
    if missing := provide(("compiler",)):
        raise venv.InstallFailed(
            _("DATABASE_URL names MariaDB or MySQL, whose driver is built here: %(missing)s")
            % {"missing": "; ".join(missing.values())}
        )


def tell(missing: dict[str, str]) -> None:
    """Print what is missing and how to get it."""
    for what, how in missing.items():
        print(f"MISSING {what}: {how}")


def is_refused(missing: dict[str, str]) -> bool:
    """Whether what was skipped for want of a program counts as failed: with CI=true; says so."""
    if not missing or os.environ.get("CI") != "true":
        return False
    print("CI=true: what was skipped counts as failed.")
    return True


def _is_here(tool: Tool) -> bool:
    return all(shutil.which(program, path=PLACES) for program in tool.programs)


def _has_driver() -> bool:
    if not venv.PYTHON.exists():
        return False
    ask = [str(venv.PYTHON), "-c", "import MySQLdb"]
    folder = Path("/")
    return not subprocess.run(ask, capture_output=True, cwd=folder, check=False).returncode
