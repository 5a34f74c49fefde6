"""The watch: what shuts a bank that is open, what people are told, and what opens it again."""

import time
from typing import Any

import pytest

from betting import bank, ledger
from betting.audit.rebuild import rebuild
from betting.models import LedgerEntry, Watermark
from operations import gate, gate_watch
from operations.clock import schedule
from operations.metrics import Installation
from operations.tests.private_bank import PrivateBank
from operations.views import _bank_of_some
from rooms.models import Club

pytestmark = pytest.mark.django_db


def _club() -> int:
    return Club.objects.get(slug="main").pk


def _grant(command: str) -> Any:
    return bank.run(bank.grant(_club(), 7, 100, command))


def _told() -> str:
    gate._public.clear()
    return _bank_of_some()[0]


def _tick_until_open() -> None:
    """Let the clock look until it opens, at most for 30 s: the server may rewrite its file."""
    for _ in range(300):
        schedule.open_gate()
        if bank.is_open():
            return
        time.sleep(0.1)


@pytest.fixture(autouse=True)
def _running(private: PrivateBank) -> None:
    assert gate.open_gates() == []
    for number in range(3):
        _grant(f"gift:{number}")
    ledger.record_all(_club())


def test_it_leaves_a_sound_bank_open_whatever_waits_to_be_recorded() -> None:
    assert gate_watch.watch(*bank.primaries()) == []
    _grant("more")
    _grant("yet-more")
    assert gate_watch.watch(*bank.primaries()) == []
    assert bank.is_open() and bank.shut_reason() == ""


@pytest.mark.parametrize("name, wrong, right", [
    ("appendfsync", "no", "always"),
    ("maxmemory-policy", "allkeys-lru", "noeviction"),
    ("maxmemory", "0", "64mb"),
    ("appendonly", "no", "yes"),
])  # fmt: skip
def test_it_shuts_on_a_setting_that_loses_coins_until_it_is_right(
    name: str, wrong: str, right: str
) -> None:
    bank.each_primary("CONFIG", "SET", name, wrong)
    schedule.open_gate()
    assert not bank.is_open()
    assert name in bank.shut_reason() and name in _told()
    with pytest.raises(bank.BankAway):
        _grant("meanwhile")
    schedule.open_gate()
    assert not bank.is_open()
    bank.each_primary("CONFIG", "SET", name, right)
    _tick_until_open()
    assert bank.is_open() and bank.shut_reason() == ""
    _grant("afterwards")


def test_it_shows_why_in_the_metrics() -> None:
    bank.shut_gate("A reason.")
    shown = {metric.name: metric.samples for metric in Installation().collect()}
    [sample] = shown["ringside_gate_shut"]
    assert sample.labels == {"reason": "A reason."}
    assert [sample.value for sample in shown["ringside_bank_up"]] == [0]


def test_it_loads_a_library_anew_that_was_flushed() -> None:
    bank.each_primary("FUNCTION", "FLUSH")
    assert not bank.is_open()
    assert "library" in _told()
    schedule.open_gate()
    assert bank.is_open()
    assert _grant("gift:0").is_repeat
    assert _grant("new").coins_after == 400


def test_it_replaces_a_library_of_the_same_name_that_lacks_functions() -> None:
    other = (
        f"#!lua name={bank.LIBRARY}\n"
        "redis.register_function('grant_v1', function() return {'done'} end)"
    )
    bank.each_primary("FUNCTION", "LOAD", "REPLACE", other)
    schedule.open_gate()
    assert bank.is_open()
    assert _grant("new").coins_after == 400


def test_it_shuts_a_library_that_was_changed_and_opened_by_itself() -> None:
    changed = bank.library_source().replace("gate_is_open = false", "gate_is_open = true", 1)
    bank.each_primary("FUNCTION", "LOAD", "REPLACE", changed)
    assert bank.is_open()
    schedule.open_gate()
    assert not bank.is_open()
    assert "another" in bank.shut_reason()


def test_it_shuts_when_everything_was_flushed_until_the_bank_is_rebuilt() -> None:
    bank.each_primary("FLUSHALL")
    schedule.open_gate()
    assert not bank.is_open()
    assert "rebuild_bank" in _told()
    schedule.open_gate()
    assert not bank.is_open()
    rebuild(_club(), progress=lambda *_: None)
    schedule.open_gate()
    assert bank.is_open()
    assert _grant("new").coins_after == 400


def _put_sql_back_to(seq: int) -> None:
    """As a backup leaves it that was taken after entry `seq`."""
    club = _club()
    last = LedgerEntry.objects.get(club=club, seq=seq)
    newer = LedgerEntry.objects.filter(club=club, seq__gt=seq)
    newer._raw_delete(newer.db)
    Watermark.objects.filter(club=club).update(seq=seq, chain=last.chain, at_ms=last.at_ms)


def test_it_shuts_when_sql_is_older_and_the_journal_was_trimmed() -> None:
    bank.trim(_club(), 1, 3)
    _grant("new")
    _put_sql_back_to(1)
    schedule.open_gate()
    assert not bank.is_open()
    assert "rebuild_bank" in _told()
    schedule.open_gate()
    assert not bank.is_open()


def test_it_records_again_when_sql_is_older_and_the_journal_reaches_back() -> None:
    _put_sql_back_to(1)
    schedule.open_gate()
    assert bank.is_open()


def test_it_shuts_when_the_watermark_is_ahead_of_the_bank() -> None:
    Watermark.objects.filter(club=_club()).update(seq=13)
    schedule.open_gate()
    assert not bank.is_open()
    assert "older copy" in bank.shut_reason()


def test_it_shuts_when_the_head_is_on_another_chain() -> None:
    bank.put(bank.Keys(_club()).head, {"chain": "0" * 40})
    schedule.open_gate()
    assert not bank.is_open()
    assert "at entry 3" in bank.shut_reason()


def test_it_shuts_when_the_journal_cannot_be_recorded() -> None:
    bank.command("HSET", bank.Keys(_club()).wallets, 7, 900)
    _grant("too-much")
    with pytest.raises(ledger.JournalBroken):
        schedule.record()
    assert not bank.is_open()
    assert "from entry 4" in bank.shut_reason()
    assert "900" not in _told() and "1000" not in _told()
    schedule.open_gate()
    assert not bank.is_open()


def test_a_ticket_of_a_bank_that_was_restarted_opens_nothing(private: PrivateBank) -> None:
    ticket = bank.begin_look()
    private.restart()
    assert not bank.open_gate(ticket)
    assert not bank.is_open()


def test_a_ticket_taken_before_the_gate_was_shut_opens_nothing() -> None:
    ticket = bank.begin_look()
    bank.shut_gate("A reason.")
    assert not bank.open_gate(ticket)
    assert bank.shut_reason() == "A reason."
    assert bank.open_gate(bank.begin_look())


def test_two_who_look_at_once_may_both_open() -> None:
    bank.shut_gate("A reason.")
    first, second = bank.begin_look(), bank.begin_look()
    assert bank.open_gate(first) and bank.is_open()
    # The bank is open already, and was not shut since.
    bank.open_gate(second)
    assert bank.is_open()


def test_it_tells_a_head_of_another_type_and_what_cannot_be_read() -> None:
    bank.each_primary("ACL", "SETUSER", "default", "-hmget")
    with pytest.raises(bank.BankBroken):
        gate_watch.watch(*bank.primaries())
    bank.each_primary("ACL", "SETUSER", "default", "+hmget")
    assert gate_watch.watch(*bank.primaries()) == []
    head = bank.Keys(_club()).head
    bank.each_primary("DEL", head)
    bank.each_primary("SET", head, "rubbish")
    assert "cannot be read" in " ".join(gate_watch.watch(*bank.primaries()))
    assert not bank.is_open()
