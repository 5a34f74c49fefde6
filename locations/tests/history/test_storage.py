"""The guarded upsert: newest wins in SQL, whatever the order and however often."""

import itertools
import random
import threading

import pytest
from django.db import connection

from locations.fixes.fix import Fix, Flag
from locations.history import storage
from locations.models import LocationFix, UserLocation

pytestmark = pytest.mark.django_db

T = 1_790_000_000_000


def fix(at_ms: int, lat_e7: int = 375_665_000, flags: int = 0) -> Fix:
    return Fix(at_ms, at_ms + 40, lat_e7, 1_269_780_000, accuracy_dm=80, flags=flags)


def row(user_id: int = 7) -> UserLocation:
    return UserLocation.objects.get(pk=user_id)


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_it_keeps_the_newest_in_whatever_order_batches_come(order):
    for number in order:
        storage.write([(7, fix(T + number, number))])
    assert (row().fix_ms, row().lat_e7) == (T + 3, 3)
    assert LocationFix.objects.filter(user_id=7).count() == 3


def test_it_moves_every_column_or_none():
    storage.write([(7, fix(T, 1))])
    older = Fix(T - 1, T + 900, 2, 3, 4, 5, 6, 7, 8, 2, 1)
    storage.write([(7, older)])
    assert (row().received_ms, row().lat_e7, row().flags, row().source) == (T + 40, 1, 0, 1)
    newer = Fix(T + 1, T + 900, 2, 3, 4, 5, 6, 7, 8, 2, 1)
    storage.write([(7, newer)])
    kept = UserLocation.objects.filter(pk=7).values_list(*Fix.__struct_fields__).get()
    assert Fix(*kept) == newer


def test_it_changes_nothing_when_a_batch_is_repeated():
    batch = [(user_id, fix(T + n)) for user_id in range(1, 40) for n in range(3)]
    storage.write(batch)
    before = list(UserLocation.objects.values_list().order_by("pk"))
    storage.write(batch)
    assert list(UserLocation.objects.values_list().order_by("pk")) == before
    assert LocationFix.objects.count() == len(batch)
    assert row().fixes == 3


def test_it_writes_more_rows_than_one_statement_holds():
    storage.write([(user_id, fix(T)) for user_id in range(1, 1_203)])
    assert UserLocation.objects.count() == LocationFix.objects.count() == 1_202


@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize("is_confirmed_first", [True, False])
def test_it_ends_a_hold_in_whatever_order_its_two_copies_come(is_one_batch, is_confirmed_first):
    copies = [(7, fix(T, flags=Flag.HELD)), (7, fix(T))]
    copies = copies[::-1] if is_confirmed_first else copies
    for some in [copies] if is_one_batch else [[copy] for copy in copies]:
        storage.write(some)
    assert LocationFix.objects.get(user_id=7).flags == 0


def test_it_never_makes_a_held_fix_somebodys_position():
    storage.write([(7, fix(T)), (7, fix(T + 5, flags=Flag.HELD))])
    assert row().fix_ms == T
    assert LocationFix.objects.count() == 2


@pytest.mark.parametrize(
    ("fix_ms", "received_ms", "left"),
    [(T - 9_000, T, 0), (T + 5_000, T, 0), (T - 9_000, T + 1, 1), (T + 5_001, T + 1, 1)],
)
def test_it_erases_what_came_until_then_whatever_its_own_time(fix_ms, received_ms, left):
    storage.write([(7, Fix(fix_ms, received_ms, 1, 2)), (8, Fix(fix_ms, received_ms, 1, 2))])
    assert storage.erase(7, T) == 1 - left
    assert UserLocation.objects.filter(pk=7).count() == left
    assert LocationFix.objects.filter(user_id=8).exists()


@pytest.mark.django_db(transaction=True)
def test_it_never_deadlocks_writers_of_the_same_users():
    def write(seed: int) -> None:
        chance = random.Random(seed)
        for at_ms in range(T, T + 20):
            users = chance.choices(range(1, 300), k=150)
            storage.write([(user_id, fix(at_ms, seed)) for user_id in users])
        connection.close()

    before = _deadlocks()
    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert _deadlocks() == before
    assert UserLocation.objects.filter(fix_ms=T + 19).count() > 200


def _deadlocks() -> int:
    if connection.vendor != "mysql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
        return int(cursor.fetchone()[1])
