"""`manage.py check` names engine settings that would lose coins."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from betting import bank
from operations import checks

pytestmark = pytest.mark.django_db


def test_it_finds_nothing_wrong_with_the_engines_we_start() -> None:
    assert checks.check_bank() == []
    assert checks.check_live() == []
    assert checks.check_database() == []
    assert checks.check_replication() == []


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


@pytest.fixture
def mysql() -> Iterator[Any]:
    if connection.vendor != "mysql":
        pytest.skip("SQLite's file has neither character sets nor modes")
    with connection.cursor() as cursor:
        yield cursor
        cursor.execute("DROP TABLE IF EXISTS odd_text")
        cursor.execute("SET SESSION sql_mode = DEFAULT")


def sentences() -> str:
    return " ".join(str(problem.msg) for problem in checks.check_database())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "column",
    [
        "CHARACTER SET latin1 COLLATE latin1_bin",
        "CHARACTER SET utf8mb3 COLLATE utf8mb3_bin",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci",
    ],
)
def test_it_names_a_column_that_refuses_an_emoji_or_folds_names(mysql: Any, column: str) -> None:
    mysql.execute(f"CREATE TABLE odd_text (word VARCHAR(5) {column})")
    assert "1 columns are not utf8mb4" in sentences() and "odd_text.word" in sentences()


@pytest.mark.django_db(transaction=True)
def test_it_refuses_a_database_that_cuts_what_does_not_fit(mysql: Any) -> None:
    mysql.execute("SET SESSION sql_mode = 'ANSI_QUOTES'")
    assert "must hold STRICT_TRANS_TABLES" in sentences()
