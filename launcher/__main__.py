"""`./ringside COMMAND`: read the command line, have the virtual environment, hand over to it.

Runs twice: first on the system's Python, which only fills the virtual environment, then on
the environment's own.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TypeAlias

from launcher import data_folder, prerequisites, run, venv
from launcher.development import benches, checks, testing
from launcher.engines import EngineFailed
from launcher.listening import CannotListen
from launcher.words import forgive_terminal
from launcher.words import gettext as _

SENTENCES = (
    venv.InstallFailed,
    data_folder.FolderInUse,
    data_folder.NotRunning,
    run.PrepareFailed,
    CannotListen,
    EngineFailed,
)
LOCKS = {
    "run": "requirements-run.txt",
    "production": "requirements.txt",
    "dev": "requirements-dev.txt",
}
# Commands that start what they need by themselves.
STANDALONE = ("lab",)
# Commands that hand what we do not know to somebody else.
PASSING_ON = ("manage", "storm", "bench", "test")
# Commands that need more than `run` does.
DEVELOPING = ("check", "test")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: list[str]) -> int:
    """Do one command; returns its exit code."""
    forgive_terminal()
    given, rest = _parser().parse_known_args(arguments)
    if rest and given.command not in PASSING_ON:
        _parser().error(_("unknown: %(words)s") % {"words": " ".join(rest)})
    if given.command == "run" and bool(given.tls_cert) != bool(given.tls_key):
        _parser().error(_("--tls-cert and --tls-key go together"))
    try:
        return _do(given, rest)
    except SENTENCES as problem:
        print(f"ringside: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        # A full disk, a folder that is a file or not ours: the error's own sentence says it all.
        what = f"{problem.filename}: " if problem.filename else ""
        print(f"ringside: {what}{problem.strerror or problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _do(given: argparse.Namespace, rest: list[str]) -> int:
    if given.command == "install":
        venv.install(LOCKS[given.what])
        return 0
    venv.install(LOCKS["dev" if given.command in DEVELOPING else "run"])
    if given.command == "run" and run.needs_driver():
        prerequisites.provide_driver()
    if not venv.is_ours():
        os.execv(venv.PYTHON, [str(venv.PYTHON), "-P", "-m", "launcher", *sys.argv[1:]])
    if given.command == "run":
        return run.run(run.Choices.read(given))
    if given.command == "check":
        return checks.check(given.names)
    if given.command == "test":
        return _test(given, rest)
    if given.command == "storm":
        return benches.storm(rest)
    if given.command == "bench":
        return benches.bench(rest)
    return _manage(given.data_dir.absolute(), given.rest + rest)


def _test(given: argparse.Namespace, rest: list[str]) -> int:
    words = given.rest + rest
    if words:
        return testing.run_some([*words, *(["--long"] if given.long else [])])
    return testing.run_lanes(is_long=given.long)


def _manage(data_dir: Path, command: list[str]) -> int:
    if command[:1] and command[0] in STANDALONE:
        settings = data_folder.settings_without_run(data_dir)
    else:
        settings = data_folder.settings_of_run(data_dir)
    # What stands in our own environment wins over what `run` was given.
    os.environ.update({k: v for k, v in settings.items() if k not in os.environ})
    manage = str(venv.ROOT / "manage.py")
    os.execv(venv.PYTHON, [str(venv.PYTHON), manage, *command])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringside",
        description=_("Live betting rooms with play coins."),
        epilog=_("./ringside COMMAND --help tells more of each."),
    )
    parser.add_argument("--version", action="version", version=f"ringside {venv.VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help=_("run Ringside here")))
    manage = commands.add_parser(
        "manage", help=_("pass a command to manage.py of a running Ringside")
    )
    _add_data_dir(manage)
    manage.add_argument("rest", nargs=argparse.REMAINDER, metavar="COMMAND …")
    _add_check(commands)
    _add_test(commands)
    commands.add_parser(
        "storm", help="flood a private Ringside, or harm it: faults, damage, power", add_help=False
    )
    commands.add_parser(
        "bench", help=f"measure: {', '.join(benches.NAMES)}, or all", add_help=False
    )
    install = commands.add_parser("install", help=_("only fill the virtual environment"))
    install.add_argument("what", nargs="?", choices=sorted(LOCKS), default="run")
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    env = os.environ.get
    _add_data_dir(parser)
    free = _("0 takes any free port; without it 8000 or the next free one")
    parser.add_argument("--port", type=int, default=env("PORT"), help=free)
    parser.add_argument("--host", default=env("HOST_ADDRESS", "127.0.0.1"), metavar="ADDR",
                        help=_("0.0.0.0 lets phones in; else this machine alone"))  # fmt: skip
    parser.add_argument("--no-demo", action="store_true", default=bool(env("NO_DEMO")),
                        help=_("make no operator account and no demo room"))  # fmt: skip
    parser.add_argument("--no-crowd", action="store_true", default=bool(env("NO_CROWD")),
                        help=_("send no players into the demo room"))  # fmt: skip
    parser.add_argument("--tls-cert", type=Path, default=env("TLS_CERT"), metavar="FILE",
                        help=_("speak https with this certificate"))  # fmt: skip
    parser.add_argument("--tls-key", type=Path, default=env("TLS_KEY"), metavar="FILE",
                        help=_("and this key of it"))  # fmt: skip


def _add_check(commands: Commands) -> None:
    check = commands.add_parser(
        "check",
        help="what can be said of a change without running it, in a minute",
        description="Runs all checks side by side, or those that are named, and prints a table. "
        "Ends with 1 when one found something.",
    )
    check.add_argument("names", nargs="*", metavar="NAME", help=", ".join(checks.NAMES))


def _add_test(commands: Commands) -> None:
    test = commands.add_parser(
        "test",
        help="all tests, or those of an app, a file, a test",
        description="Without a name: installs what is missing as root, then runs the checks and "
        "all tests on both pairs of engines. With names: these alone on the embedded engines, of "
        "an app those that start no servers and no browser. Options of pytest may follow.",
        epilog="for instance: ./ringside test betting -k refuses",
    )
    test.add_argument("--long", action="store_true", help="also what takes more than minutes")
    test.add_argument("rest", nargs=argparse.REMAINDER, metavar="NAME …")


def _add_data_dir(parser: argparse.ArgumentParser) -> None:
    default = Path(os.environ.get("DATA_DIR") or data_folder.DEFAULT)
    parser.add_argument("--data-dir", type=Path, default=default, metavar="DIR",
                        help=_("where everything is kept"))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
