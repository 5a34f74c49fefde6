"""How old something must be to be purged, as operators write it."""

import pytest
from django.core.management import CommandError

from operations.storage.purge_request import age
from operations.tests.storage.test_purge import DAY_MS, purge
from web import times


def test_it_reads_an_age_or_refuses_it() -> None:
    assert age("2026-11-01") == age("2026-11-01T00:00Z") == 1_793_491_200_000
    assert abs(age("2d") - (times.now_ms() - 2 * DAY_MS)) < 1_000
    for text in ("yesterday", "2026-13-01", "3 weeks", ""):
        with pytest.raises(CommandError, match="use 30d"):
            purge("--what", "chat", "--before", text, "--yes")
    with pytest.raises(CommandError, match="younger than an hour"):
        purge("--what", "chat", "--before", "0h", "--yes")
