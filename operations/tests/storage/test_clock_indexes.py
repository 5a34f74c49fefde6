"""The clock's looks for what is due read an index, however many questions there were."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from betting import bank
from betting.models import Market
from operations.clock import schedule
from rooms.tests.people import room_of, somebody

pytestmark = pytest.mark.django_db
LOOKS = [
    schedule.decide_due, schedule.lock_due, schedule.call_off_lopsided, schedule.give_up_unresolved,
    schedule.make_official, schedule.lock_unattended, schedule.pay, schedule.Forgetter().step,
]  # fmt: skip


def test_the_clock_looks_for_what_is_due_without_reading_all_questions() -> None:
    host = somebody("Hanna")
    room = room_of(host)
    Market.objects.bulk_create(
        Market(
            room=room, question="?", created_by=host, created_at_ms=1, status="settled",
            closes_at_ms=1, decide_seq=1, settled_at_ms=bank.ask_time_ms(),
        )
        for _number in range(500)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        for look in LOOKS:
            look()
    looked = [one["sql"] for one in asked if "betting_market" in one["sql"]]
    assert len(looked) >= len(LOOKS)
    assert [sql for sql in looked if not has_index(sql)] == []


def has_index(sql: str) -> bool:
    """Whether the database reads the questions by an index, or could, where it has few."""
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute(f"EXPLAIN {sql}")
            names = [column[0] for column in cursor.description]
            plans = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            [of_questions] = [plan for plan in plans if plan["table"] == "betting_market"]
            return "market_" in (of_questions["possible_keys"] or "")
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return not any("SCAN betting_market" in row[3] for row in cursor.fetchall())
