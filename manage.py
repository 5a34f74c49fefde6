#!/usr/bin/env python
"""Django's command line for Ringside; `./ringside manage` calls it with the running engines."""

import gc
import os
import sys

import django
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError
from django.utils import translation

from launcher import words
from web.rows.read_only import READ_ONLY, is_read_only

# New objects until Python looks for garbage. What is loaded stays: looking through it again and
# again would be a sixth of the start.
COLLECT_AFTER = 20_000

if __name__ == "__main__":
    gc.set_threshold(COLLECT_AFTER)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    words.forgive_terminal()
    if "clock" not in sys.argv[1:2]:
        # A person reads what a command says, in the language of the terminal.
        django.setup()
        translation.activate(words.language())
    try:
        execute_from_command_line(sys.argv)
    except (InterfaceError, OperationalError) as error:
        # An engine that is away is no fault of the program, so nobody needs the way to it.
        if "--traceback" in sys.argv:
            raise
        if is_read_only(error):
            sys.exit(str(READ_ONLY))
        sys.exit(
            translation.gettext("The database does not do what was asked: %(why)s")
            % {"why": error.args[-1] if error.args else error}
        )
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has ended; what is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
