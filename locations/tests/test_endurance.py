"""One user who reports for ever, and users who are no more."""

import resource

import pytest

from locations import clock_steps, live, reports
from locations.history import storage
from locations.live import functions
from locations.models import LocationFix, UserLocation
from locations.tests.history.test_storage import fix
from locations.tests.people import engine, measured, somebody
from web import times

pytestmark = pytest.mark.django_db

BATCH = 100
STATE_BYTES_MAX = 4_096
GROWTH_KB_MAX = 40_000


def _report_for_ever(fixes: int) -> None:
    """All fixes of one user lie within retention, a tenth of them twice."""
    alice = somebody()
    apart_ms = 6 * 86_400_000 // fixes
    began_ms = times.now_ms() - fixes * apart_ms
    memory_kb = 0
    for first in range(0, fixes, BATCH):
        whens = range(first, first + BATCH)
        reports.record(alice.pk, [measured(began_ms + n * apart_ms) for n in whens])
        if first % (10 * BATCH) == 0:
            repeated = reports.record(alice.pk, [measured(began_ms + n * apart_ms) for n in whens])
            assert {verdict.status for verdict in repeated.verdicts} == {"duplicate"}
            clock_steps.flush()
        if first == fixes // 10:
            memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock_steps.flush()
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_kb
    assert grown_kb < GROWTH_KB_MAX
    assert engine().memory_usage(functions.state_key(alice.pk)) < STATE_BYTES_MAX
    assert live.waiting_count() == 0
    assert engine().zcard(functions.GEO) <= 1
    assert list(UserLocation.objects.values_list("pk", flat=True)) == [alice.pk]
    assert LocationFix.objects.filter(user_id=alice.pk).count() == fixes


def test_it_keeps_one_row_and_one_small_state_of_who_reports_for_ever():
    _report_for_ever(5_000)


@pytest.mark.long
def test_it_keeps_one_row_and_one_small_state_after_a_million_fixes():
    _report_for_ever(1_000_000)


def test_it_forgets_where_users_were_who_are_no_more():
    alice = somebody()
    nobody = alice.pk + 1
    storage.write([(alice.pk, fix(times.now_ms())), (nobody, fix(times.now_ms() - 1_000))])
    assert clock_steps.forget_orphans() == 1
    assert clock_steps.forget_orphans() == 0
    assert list(UserLocation.objects.values_list("pk", flat=True)) == [alice.pk]
    assert not LocationFix.objects.filter(user_id=nobody).exists()
