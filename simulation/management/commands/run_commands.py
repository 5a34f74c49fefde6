"""`manage.py run_commands`: management commands one after the other in one process, for storms."""

import io
import sys
import traceback
from typing import Any

import msgspec
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from simulation.storms.desk import Answer


class Command(BaseCommand):
    """Reads a command and its words from each line, as a list in JSON; answers with a line each."""

    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for line in sys.stdin:
            answer = _run(msgspec.json.decode(line, type=list[str]))
            sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
            sys.stdout.flush()
            # The database may be harmed before the next one.
            connections.close_all()


def _run(words: list[str]) -> Answer:
    said, complained, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(*words, stdout=said, stderr=complained, no_color=True)
    except CommandError as error:
        complained.write(str(error))
        code = error.returncode
    except Exception:  # noqa: BLE001 - told to the storm, as a process would have on its stderr.
        complained.write(traceback.format_exc())
        code = 1
    return Answer(returncode=code, stdout=said.getvalue(), stderr=complained.getvalue())
