"""The Django project: settings, addresses, and the server's entry."""

import os

# The settings of every process that containers and units start by a module's name.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
