"""Calls that Schemathesis makes from /api/schema/, good and bad, are answered as it says."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.test import override_settings

from accounts.auth import tokens
from launcher.venv import PYTHON, ROOT
from rooms.tests.people import room_of, somebody
from tests.promises.local_servers import application_server
from web import limits
from web.limits import Rate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
CONFIG = Path(__file__).with_name("schemathesis.toml")
SCHEMA = "/api/v1/schema/"
WITHOUT_PATIENCE = (Rate(1e5, 100_000),)


def test_it_answers_generated_calls_as_described(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in limits.LIMITS:
        monkeypatch.setitem(limits.LIMITS, name, WITHOUT_PATIENCE)
    bea = somebody("Bea")
    known = {"RINGSIDE_BEARER": tokens.start(bea).access, "RINGSIDE_ROOM": room_of(bea).code}
    with application_server() as port:
        url = f"http://127.0.0.1:{port}"
        with override_settings(SOCKET_ORIGINS=frozenset({url})):
            told = subprocess.run(
                [PYTHON.parent / "schemathesis", "--config-file", CONFIG, "run", f"{url}{SCHEMA}"],
                cwd=tmp_path, env={**os.environ, **known, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    # It was let in, and went from one answer on to the next call.
    assert "GET /api/v1/auth/me/" not in told.stdout
    reached = re.search(r"API Links: +(\d+) covered", told.stdout)
    assert reached and int(reached[1]), told.stdout
