"""Operators see ages and counts; who looks at a position is noted."""

import pytest
from django.test import Client

from accounts.models import User
from locations import live, steps
from locations.models import Look
from locations.positions import record
from locations.tests.people import measured, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(settings) -> Client:
    settings.ROOT_URLCONF = "locations.tests.admin_urls"
    client = Client()
    client.force_login(User.objects.create_superuser("Op", "op@example.org", "pass-word-1"))
    return client


def test_it_lists_positions_by_age_without_coordinates(operator):
    alice = somebody()
    record(alice.pk, [measured(live.now_ms() - 5_000), measured(live.now_ms(), 91)])
    steps.flush()
    page = operator.get("/admin/locations/userlocation/").content.decode()
    assert "Alice" in page and "refused.range" in page
    assert "37.56" not in page and "375665" not in page
    assert not Look.objects.exists()


def test_it_notes_who_looked_at_a_position(operator):
    alice = somebody()
    record(alice.pk, [measured(live.now_ms())])
    steps.flush()
    page = operator.get(f"/admin/locations/userlocation/{alice.pk}/change/").content.decode()
    assert "375665000" in page
    look = Look.objects.get()
    assert (look.user_id, look.by.nickname, look.why) == (alice.pk, "Op", "position")


@pytest.mark.parametrize(
    "model",
    ["userlocation", "device", "sharing", "look", "betdecision"],
)  # fmt: skip
def test_it_lets_nobody_write_here_by_hand(operator, model):
    assert operator.get(f"/admin/locations/{model}/").status_code == 200
    assert operator.get(f"/admin/locations/{model}/add/").status_code == 403
