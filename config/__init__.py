"""The roof: settings, and what belongs to the whole house."""

import os

# Whoever starts a part of the house by its name, as containers and units do, means these.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
