"""A new version comes in under two hundred people: every bet stands, everybody is back at once."""

import tempfile
from pathlib import Path

import pytest

from tests.deploy import rolling
from tests.deploy.proxied import HAS_NGINX, proxied_in

pytestmark = [
    pytest.mark.server,
    pytest.mark.long,
    pytest.mark.skipif(not HAS_NGINX, reason="nginx is not installed"),
]


@pytest.mark.parametrize("pair", ["embedded", "real"])
def test_it_restarts_under_two_hundred_people(pair: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGSIDE_ENGINES", pair)
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        proxied_in(Path(folder), LIMITS_SCALE="1000") as proxied,
    ):
        rolling.check(proxied, people=200, bettors=40)
