#!/usr/bin/env python
"""Django's command line for Ringside; `./ringside manage` calls it with the running engines."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (InterfaceError, OperationalError) as error:
        # An engine that is away is no fault of the program, so nobody needs the way to it.
        if "--traceback" in sys.argv:
            raise
        sys.exit(
            f"The database does not do what was asked: {error.args[-1] if error.args else error}"
        )
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has ended; what is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
