"""What `-v` means to a command: 0 is errors only, 2 tells what it took."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils.translation import ngettext

from web.refusals import Words


class OperatorCommand(BaseCommand):
    """Writes nothing but errors with `-v 0`, and with `-v 2` also its seconds and SQL statements.

    What `-v 2` adds goes to standard error, so that the output can be read by a program.
    """

    verbosity = 1

    def execute(self, *args: Any, **options: Any) -> Any:
        """Run the command as told by `-v`."""
        self.verbosity = options["verbosity"]
        with ExitStack() as ends:
            if not self.verbosity:
                nowhere = ends.enter_context(open(os.devnull, "w", encoding="utf-8"))
                options["stdout"] = nowhere
            if self.verbosity < 2:
                return super().execute(*args, **options)
            return self._measured(*args, **options)

    def _measured(self, *args: Any, **options: Any) -> Any:
        statements = 0

        def count(execute: Callable[..., Any], *call: Any) -> Any:
            nonlocal statements
            statements += 1
            return execute(*call)

        began_s = time.monotonic()
        try:
            with connection.execute_wrapper(count):
                return super().execute(*args, **options)
        finally:
            told = _took(time.monotonic() - began_s, statements)
            self.stderr.write(str(told), style_func=str)


def _took(seconds: float, statements: int) -> Words:
    told = ngettext(
        "Took %(seconds).2f s and %(count)d SQL statement.",
        "Took %(seconds).2f s and %(count)d SQL statements.",
        statements,
    )
    return told % {"seconds": seconds, "count": statements}
