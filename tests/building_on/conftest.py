"""A house for those who build on it, and an origin of their own."""

import functools
import http.server
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.generator.files import FOLDER
from tests.servers import House, house_in


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the folder of the TypeScript client, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="package")
def pages() -> Iterator[str]:
    """An origin of its own, with the page of the example."""
    handler = functools.partial(Quiet, directory=str(FOLDER / "typescript"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="package")
def two_processes(pages: str) -> Iterator[House]:
    """A house with two web processes that lets the pages' origin in."""
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="1000", WEB_WORKERS="2", ALLOWED_ORIGINS=pages) as made,
    ):
        yield made
