"""REDIS_LIVE_URL: one server, or Sentinels that name one."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from web.live_address import read_live_address


def test_it_leaves_the_address_of_one_server_to_its_clients() -> None:
    found = read_live_address("redis://:secret@live:6379/0")
    assert found.layer_host() == {"address": "redis://:secret@live:6379/0"}
    assert found.cache(A=1) == {"LOCATION": "redis://:secret@live:6379/0", "OPTIONS": {"A": 1}}


def test_it_reads_sentinels_name_database_and_passwords() -> None:
    found = read_live_address(
        "redis+sentinel://u:p%40ss@a:1,b,[::1]:3/live/2?sentinel_password=other"
    )
    assert found.sentinels == (("a", 1), ("b", 26379), ("::1", 3))
    assert (found.name, found.options) == ("live", {"db": 2, "username": "u", "password": "p@ss"})
    assert found.sentinel_options["password"] == "other"
    assert found.layer_host()["master_name"] == "live"
    assert found.cache()["LOCATION"] == "redis://live"


@pytest.mark.parametrize(
    "url",
    [
        "http://live:6379/0", "redis://a:1,b:2/0", "redis+sentinel://a:1/", "redis+sentinel://a:1/Live/0",
        "redis+sentinel://a:1/live/x", "redis+sentinel://a:1,:2/live/0", "rediss+sentinel://a:1/live/0",
        "redis+sentinel://a:1/live/0?sentinel=1",
        "redis://a:1/0?cluster=1",
    ],
)  # fmt: skip
def test_a_wrong_address_ends_in_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"REDIS_LIVE_URL cannot be read: .*\."):
        read_live_address(url)
