"""Rates and sizes: exact with the live instance, kept locally without it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from unittest.mock import patch

import pytest
import redis
from django.conf import settings
from django.test import override_settings
from django.utils import translation

from web import limits
from web.limits import Bucket, Rate
from web.refusals import Refused


def admitted(name: str, times: int, *subjects: str) -> int:
    taken = 0
    for _ in range(times):
        with suppress(Refused):
            limits.check(name, *subjects)
            taken += 1
    return taken


@pytest.fixture
def away():
    """The live instance cannot be reached; nothing listens on that socket."""
    with override_settings(REDIS_LIVE_URL="unix:///nowhere/live.sock"):
        yield
    limits._local.__init__()


def test_it_admits_a_burst_and_then_says_how_long_to_wait():
    assert admitted("guests", 12, "192.0.2.1") == 10
    with pytest.raises(Refused) as refused:
        limits.check("guests", "192.0.2.1")
    assert refused.value.code == "too_fast"
    assert 1 <= refused.value.retry_after_s <= 6
    assert f"{refused.value.retry_after_s} second" in refused.value.as_json()["message"]


def test_it_tells_the_wait_in_the_words_of_the_reader():
    for wait_s, english, korean in (
        (0.2, "Too fast. Please wait 1 second.", "너무 빨라요. 1초 뒤에 다시 해 주세요."),
        (90, "Too fast. Please wait 90 seconds.", "너무 빨라요. 90초 뒤에 다시 해 주세요."),
        (432, "Too fast. Please wait 8 minutes.", "너무 빨라요. 8분 뒤에 다시 해 주세요."),
    ):
        for language, told in (("en", english), ("ko", korean)):
            with translation.override(language):
                refused = Refused("too_fast", retry_after_s=wait_s)
            assert refused.as_json()["message"] == told
    assert Refused("too_fast").as_json()["message"] == "Too fast. Please wait a moment."
    assert Refused("busy", retry_after_s=9).as_json()["message"].startswith("Very busy.")


def test_it_lets_a_whole_venue_in_from_its_one_address(settings, monkeypatch):
    # Nothing becomes free while these ask.
    monkeypatch.setitem(limits.LIMITS, "guests", (Rate(0.0001, 10),))
    settings.VENUE_NETWORKS = ["192.0.2.0/24", "2001:db8:5::/48"]

    def came_in(address: str) -> int:
        taken = 0
        for _ in range(520):
            with suppress(Refused):
                limits.check_address("guests", address)
                taken += 1
        return taken

    assert [came_in(address) for address in ("192.0.2.9", "2001:db8:5::1")] == [500] * 2
    assert [came_in(address) for address in ("198.51.100.9", "2001:db8:6::1", "unix")] == [10] * 3


def test_it_counts_subjects_apart():
    assert admitted("log_ins", 6, "192.0.2.1") == 5
    assert admitted("log_ins", 6, "192.0.2.2") == 5


def test_it_counts_nothing_for_anybody_when_one_of_them_is_refused():
    assert admitted("log_ins", 5, "busy") == 5
    assert admitted("log_ins", 5, "busy", "calm") == 0
    assert admitted("log_ins", 6, "calm") == 5


def test_it_asks_without_taking():
    for _ in range(40):
        limits.check("code_misses", "192.0.2.1", cost=0)
    assert admitted("code_misses", 40, "192.0.2.1") == 30
    with pytest.raises(Refused):
        limits.check("code_misses", "192.0.2.1", cost=0)


def test_it_admits_exactly_the_burst_to_many_at_once():
    barrier = threading.Barrier(20)

    def ask(_: int) -> int:
        barrier.wait()
        return admitted("bets", 5, "user:1")

    with ThreadPoolExecutor(20) as pool:
        assert 20 <= sum(pool.map(ask, range(20))) <= 25


def test_it_lets_every_key_expire_when_its_allowance_is_whole():
    limits.check("guests", "192.0.2.1")
    with redis.Redis.from_url(settings.REDIS_LIVE_URL) as live:
        keys = live.keys("{limits}:guests:*")
        assert len(keys) == 2
        assert all(0 < live.pttl(key) <= 433_000 for key in keys)


def test_it_loads_its_library_once_it_is_missing():
    with redis.Redis.from_url(settings.REDIS_LIVE_URL) as live:
        live.function_flush()
        limits.check("guests", "192.0.2.1")
        (library,) = live.function_list(library="ringside_limits_v1")
    assert library


def test_it_keeps_limits_locally_while_the_live_instance_is_away(away):
    assert admitted("log_ins", 20, "192.0.2.1") == 5


def test_it_bounds_what_it_keeps_locally():
    kept = limits._LocalBuckets()
    with patch.object(limits, "_LOCAL_KEYS_MAX", 10):
        for number in range(100):
            kept.take(str(number), Rate(1, 1))
    assert len(kept._buckets) == 10


def test_it_fills_a_bucket_again_with_time():
    bucket = Bucket(Rate(5, 20))
    assert [bucket.take(100.0) for _ in range(20)] == [None] * 20
    assert bucket.take(100.0) == pytest.approx(0.2, abs=0.01)
    assert bucket.take(100.21) is None
    assert bucket.take(100.21) is not None
    assert [bucket.take(200.0) for _ in range(21)].count(None) == 20
