"""`python -m clients.generator` writes the typed halves of the clients anew."""

import os
import tempfile

import django

# The schemas need settings, but no database and no engine.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "only-to-read-the-schemas-" * 2)
os.environ.setdefault("DATA_DIR", tempfile.gettempdir())
django.setup()

from clients.generator.files import write  # noqa: E402

if __name__ == "__main__":
    write()
