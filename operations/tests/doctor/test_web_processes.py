"""Web processes of all machines are known: how many there are, and a print of their keys."""

import time
from typing import Any

import pytest

from operations import checks
from operations.doctor import web_processes
from operations.doctor.examination import examine
from operations.doctor.key_sample import Budget
from web.live import live_redis

pytestmark = pytest.mark.django_db


def words() -> set[str]:
    return {finding.word for finding in examine(Budget(keys=100, seconds=1)).findings}


def test_it_notices_a_machine_with_other_keys(settings: Any) -> None:
    web_processes.tell("one")
    assert web_processes.differing() == [] and not checks.check_web_processes()
    ours, settings.TOKEN_KEYS = settings.TOKEN_KEYS, {"1": "another" * 10}
    web_processes.tell("two")
    settings.TOKEN_KEYS = ours
    assert web_processes.differing() == ["TOKEN_KEYS"]
    [told] = checks.check_web_processes()
    assert "TOKEN_KEYS" in told.msg and told.id == "ringside.W006"
    assert "keys" in words()
    for process in web_processes.running():
        assert "another" not in str(process) and settings.SECRET_KEY not in str(process)


def test_it_forgets_a_process_that_is_gone() -> None:
    web_processes.tell("one")
    live_redis.ask([("ZINCRBY", web_processes.KEY, -web_processes.GONE_AFTER_S - 1, member)
                    for member in _members()])  # fmt: skip
    assert web_processes.running() == []
    web_processes.tell("two")
    assert len(_members()) == 1


def _members() -> list[str]:
    [found] = live_redis.ask([("ZRANGE", web_processes.KEY, 0, -1)])
    return list(found)


def test_it_says_when_an_engine_takes_fewer_connections_than_processes_open() -> None:
    assert web_processes.connections_sentence("live", 1000) == ""
    for number in range(60):
        web_processes.tell(str(number))
    assert "60" in web_processes.connections_sentence("live", 1000)
    assert web_processes.connections_sentence("database", 1000) == ""
    assert web_processes.connections_sentence("database", 200)
    live_redis.ask([("CONFIG", "SET", "maxclients", 1000)])
    assert "connections" in words()


def test_the_clock_of_a_machine_may_be_behind() -> None:
    # As far as NTP lets it.
    live_redis.ask([("ZADD", web_processes.KEY, time.time() + 1, '{"process": "one"}')])
    assert len(web_processes.running()) == 1
