"""`manage.py check` names engine settings that would lose coins."""

from typing import Any

import pytest

from betting import bank
from operations import checks

pytestmark = pytest.mark.django_db


def test_it_finds_nothing_wrong_with_the_engines_we_start() -> None:
    assert checks.check_bank() == []
    assert checks.check_live() == []
    assert checks.check_database() == []


def test_it_names_a_bank_that_may_lose_the_last_second() -> None:
    bank.each_primary("CONFIG", "SET", "appendfsync", "everysec")
    try:
        assert [problem.id for problem in checks.check_bank()] == ["ringside.E001"]
    finally:
        bank.each_primary("CONFIG", "SET", "appendfsync", "always")


def test_it_refuses_one_server_in_both_roles(settings: Any, tmp_path: Any) -> None:
    settings.REDIS_BANK_URL = settings.REDIS_LIVE_URL
    assert "ringside.E002" in [problem.id for problem in checks.check_live()]


def test_it_only_warns_when_the_bank_is_away(settings: Any, tmp_path: Any) -> None:
    settings.REDIS_BANK_URL = f"unix://{tmp_path}/nobody.sock"
    assert [problem.id for problem in checks.check_bank()] == ["ringside.W001"]
    # The live instance is well, and nobody is sent to look at it.
    assert checks.check_live() == []
