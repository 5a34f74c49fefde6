"""History comes and goes by the day, without ever blocking those who write it."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from locations import clock_steps, live
from locations.fixes.fix import Fix
from locations.history import partitions, storage
from locations.models import LocationFix, UserLocation
from locations.reports import record
from locations.tests.people import browser, measured, somebody
from web import times
from web.tests.clocks import set_all, set_own
from web.times import DAY_MS

on_mariadb = pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has no partitions")


def lay_anew() -> None:
    """The partitions of a fresh table, whatever another test made of them."""
    if connection.vendor != "mysql":
        return
    # Not times.now_ms: a test may have set that.
    today = time.time_ns() // 1_000_000 // DAY_MS
    parts = partitions.definitions(range(today - 8, today + 4))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {partitions.TABLE} PARTITION BY RANGE (fix_ms) ({parts})")


@pytest.fixture
def days_again() -> Iterator[None]:
    """Lay the partitions anew afterwards; a test that set the time ahead left strange ones."""
    yield
    lay_anew()


def fix(at_ms: int) -> Fix:
    return Fix(at_ms, at_ms, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_it_keeps_what_is_in_retention_and_nothing_older(monkeypatch):
    lay_anew()
    today_ms = times.now_ms()
    ages = (0, 1, 6, 7, 8, 20)
    storage.write([(user_id, fix(today_ms - d * DAY_MS)) for user_id in (1, 2) for d in ages])
    storage.write([(3, fix(today_ms - 8 * DAY_MS - n)) for n in range(1, 1_200)])
    clock_steps.partitions()
    left = set(LocationFix.objects.values_list("fix_ms", flat=True))
    kept = {today_ms - d * DAY_MS for d in ages if d <= 7}
    assert kept <= left
    # A partition goes as a whole, so at most a day more than promised is left for a while.
    assert all(today_ms - at_ms < 8 * DAY_MS for at_ms in left)
    assert clock_steps.partitions() == []


@pytest.mark.django_db
def test_it_forgets_the_newest_position_too_after_retention(settings):
    now_ms = times.now_ms()
    alice, bob = somebody(), somebody("Bob")
    record(alice.pk, [measured(now_ms - 2 * DAY_MS)])
    record(bob.pk, [measured(now_ms)])
    clock_steps.flush()
    storage.write([(10_000 + n, fix(now_ms - 8 * DAY_MS)) for n in range(1_100)])
    assert clock_steps.forget_old() == 1_100
    settings.LOCATION_RETENTION_DAYS = 1
    assert clock_steps.forget_old() == 1
    assert clock_steps.forget_old() == 0
    assert browser(alice).get("/api/locations/me/").json()["position"] is None
    assert browser(bob).get("/api/locations/me/").json()["position"]
    assert list(UserLocation.objects.values_list("pk", flat=True)) == [bob.pk]
    assert record(alice.pk, [measured(times.now_ms())]).verdicts[0].status == "accepted"


@on_mariadb
@pytest.mark.django_db(transaction=True)
def test_it_makes_days_ahead_and_finds_no_row_in_the_last_partition(monkeypatch, days_again):
    clock_steps.partitions()
    today = times.now_ms() // DAY_MS
    days = [partitions.day_of(name) for name in partitions.present()[:-1]]
    assert days == list(range(days[0], today + 4)) and partitions.present()[-1] == "pmax"
    later_ms = times.now_ms() + 5 * DAY_MS
    set_all(monkeypatch, later_ms)
    assert [word for word in clock_steps.partitions() if word[0] == "+"] == [
        f"+p{day}" for day in range(today + 4, today + 9)
    ]
    assert len(partitions.present()) < 50


@on_mariadb
@pytest.mark.django_db(transaction=True)
def test_it_waits_a_second_for_a_reader_and_lets_writers_through(monkeypatch, days_again):
    storage.write([(1, fix(times.now_ms()))])
    later_ms = times.now_ms() + 20 * DAY_MS
    set_all(monkeypatch, later_ms)
    changed: list[list[str]] = []

    def change() -> None:
        changed.append(clock_steps.partitions())
        connection.close()

    with transaction.atomic():
        assert LocationFix.objects.count() == 1
        other = threading.Thread(target=change)
        other.start()
        # The engine's own patience is a day.
        other.join(60)
        assert not other.is_alive()
    assert changed == [[]]
    assert clock_steps.partitions()
    assert not LocationFix.objects.exists()


@on_mariadb
@pytest.mark.django_db(transaction=True)
def test_it_reads_a_days_history_from_one_partition():
    start_ms = times.now_ms() // DAY_MS * DAY_MS
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN PARTITIONS SELECT * FROM {partitions.TABLE}"
            " WHERE user_id = 1 AND fix_ms >= %s AND fix_ms < %s",
            [start_ms, start_ms + DAY_MS],
        )
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
    assert row["partitions"] == partitions.name(start_ms // DAY_MS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("away_days", [200, 8, -200])
def test_it_drops_and_makes_nothing_by_one_wrong_clock(monkeypatch, days_again, away_days):
    lay_anew()
    clock_steps.partitions()
    now_ms, before = times.now_ms(), partitions.present()
    storage.write([(1, fix(now_ms - days * DAY_MS)) for days in range(7)])
    with monkeypatch.context() as wrong:
        set_own(wrong, now_ms + away_days * DAY_MS)
        assert clock_steps.partitions() == []
        assert clock_steps.forget_old() == 0
    assert partitions.present() == before
    assert LocationFix.objects.count() == 7 and UserLocation.objects.count() == 1


@on_mariadb
@pytest.mark.django_db(transaction=True)
def test_it_takes_back_what_all_clocks_made_too_far_ahead(monkeypatch, days_again):
    lay_anew()
    clock_steps.partitions()
    now_ms, before = times.now_ms(), partitions.present()
    with monkeypatch.context() as wrong:
        set_all(wrong, now_ms + 200 * DAY_MS)
        clock_steps.partitions()
    # The oldest partition now lies 193 days ahead, and takes everything before it.
    storage.write([(1, fix(now_ms - days * DAY_MS)) for days in range(9)])
    clock_steps.partitions()
    assert partitions.present() == before
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT fix_ms FROM {partitions.TABLE} PARTITION (p{now_ms // DAY_MS})")
        assert cursor.fetchall() == ((now_ms,),)
    assert LocationFix.objects.count() == 8


@on_mariadb
@pytest.mark.django_db(transaction=True)
def test_rows_in_the_wrong_partition_go_by_their_own_time(monkeypatch, days_again):
    lay_anew()
    today = times.now_ms() // DAY_MS
    parts = partitions.definitions(range(today, today + 4))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {partitions.TABLE} PARTITION BY RANGE (fix_ms) ({parts})")
    storage.write([(1, fix(times.now_ms() - days * DAY_MS)) for days in range(20)])
    clock_steps.partitions()
    assert LocationFix.objects.count() == 8


@pytest.mark.django_db
def test_it_takes_back_positions_that_a_wrong_clock_stamped_ahead():
    now_ms = times.now_ms()
    alice, bob = somebody(), somebody("Bob")
    storage.write([(alice.pk, fix(now_ms + 200 * DAY_MS)), (bob.pk, fix(now_ms))])
    clock_steps.forget_old()
    assert list(UserLocation.objects.values_list("pk", flat=True)) == [bob.pk]
    assert list(LocationFix.objects.values_list("user_id", flat=True)) == [bob.pk]


@pytest.mark.django_db
def test_it_believes_a_phone_again_after_our_clock_was_ahead(monkeypatch):
    alice, now_ms = somebody(), times.now_ms()
    with monkeypatch.context() as wrong:
        set_own(wrong, now_ms + 200 * DAY_MS)
        assert record(alice.pk, [measured(None)]).verdicts[0].status == "accepted"
    assert record(alice.pk, [measured(now_ms)]).verdicts[0].status == "accepted"
    assert live.known(alice.pk).state.last.fix_ms == now_ms


@pytest.mark.django_db
def test_it_takes_nobody_for_present_whom_a_wrong_clock_saw(monkeypatch):
    alice, now_ms = somebody(), times.now_ms()
    with monkeypatch.context() as wrong:
        set_own(wrong, now_ms + 200 * DAY_MS)
        record(alice.pk, [measured(None)])
    assert clock_steps.reap() == 1
    assert live.count_present() == 0


@pytest.mark.django_db
def test_it_writes_again_who_was_erased_while_the_clock_was_ahead(monkeypatch):
    alice, now_ms = somebody(), times.now_ms()
    with monkeypatch.context() as wrong:
        set_own(wrong, now_ms + 200 * DAY_MS)
        live.erase(alice.pk)
    clock_steps.forget_old()
    record(alice.pk, [measured(now_ms)])
    clock_steps.flush()
    assert LocationFix.objects.filter(user_id=alice.pk).count() == 1


@pytest.mark.django_db
def test_it_erases_what_a_wrong_clock_stamped_ahead():
    alice, now_ms = somebody(), times.now_ms()
    storage.write([(alice.pk, fix(now_ms + 200 * DAY_MS))])
    storage.erase(alice.pk, now_ms)
    assert not UserLocation.objects.exists() and not LocationFix.objects.exists()
