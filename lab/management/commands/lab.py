"""Repeat six engineering stories on private engines, with figures."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO, cast

from django.conf import settings
from django.core.management.base import CommandError
from rich.console import Console

from lab.language import said
from lab.running import EXPERIMENTS, Choices, run_all
from web.commands import OperatorCommand


class Command(OperatorCommand):
    """Uses engines of its own; exit code 1 names what did not hold or could not run."""

    help = said("Repeat six engineering stories on private engines, with figures.")
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(EXPERIMENTS)
        parser.add_argument(
            "names", nargs="*", metavar="NAME", help=said(f"{names}; all without one")
        )
        parser.add_argument("--out", type=Path, metavar="DIR", default=settings.DATA_DIR / "lab",
                            help=said("where the charts are written"))  # fmt: skip
        parser.add_argument(
            "--scale", type=float, default=1, help=said("0.01 to 1: how much of it")
        )
        parser.add_argument("--embedded", action="store_true",
                            help=said("Valkey, even where redis-server is installed"))  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["names"] or list(EXPERIMENTS)
        if strange := sorted(set(names) - set(EXPERIMENTS)):
            known = ", ".join(EXPERIMENTS)
            absent = f"There is no experiment {', '.join(strange)}; choose from {known}."
            raise CommandError(said(absent))
        if not 0.01 <= options["scale"] <= 1:
            raise CommandError(said("--scale takes a number from 0.01 to 1."))
        try:
            options["out"].mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"--out {options['out']}: {error.strerror}.") from error
        choices = Choices(options["out"], options["scale"], options["embedded"])
        # SIGTERM tidies up as Ctrl-C does.
        kept = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            failed = run_all(names, choices, self._console())
        except KeyboardInterrupt:
            self.stderr.write(said("Stopped; the engines are ended and their folder is removed."))
            raise SystemExit(130) from None
        finally:
            signal.signal(signal.SIGTERM, kept)
        if failed:
            raise CommandError("\n  ".join([said("This did not hold:"), *failed]))

    def _console(self) -> Console:
        # Django's wrapper ends every write with a new line, which tears a moving bar apart.
        return Console() if self.stdout.isatty() else Console(file=cast(TextIO, self.stdout))
