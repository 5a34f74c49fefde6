"""Whose bank it is: two houses on one never decide for each other."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from betting import bank, ledger
from betting.audit import house
from betting.models import House
from operations import gate, gate_watch, web_watch
from operations.doctor.examination import examine
from operations.doctor.key_sample import Budget
from operations.tests.private_bank import PrivateBank
from operations.views import _bank
from rooms.models import Club

pytestmark = pytest.mark.django_db


def _grant(command: str) -> Any:
    return bank.run(bank.grant(_club(), 7, 100, command))


def _club() -> int:
    return Club.objects.get(slug="main").pk


def _told() -> str:
    gate._told.until_s = 0
    return _bank()


@pytest.fixture(autouse=True)
def _running(private: PrivateBank) -> Any:
    assert gate.open_gates() == []
    _grant("first")
    ledger.record_all(_club())
    yield
    bank.distrust("")


def _become_another_house() -> str:
    """What a second house on the same bank is; returns the name of the first."""
    name = house.own_id()
    House.objects.update(name="0" * 32)
    return name


def test_a_bank_holds_the_id_of_its_house_across_restarts_and_rebuilds(
    private: PrivateBank,
) -> None:
    assert bank.command("HGET", bank.Keys(_club()).head, house.FIELD) == house.own_id()
    _grant("second")
    private.restart()
    assert gate.open_gates() == []
    call_command("rebuild_bank", "main", stdout=StringIO())
    assert bank.is_open()
    assert bank.command("HGET", bank.Keys(_club()).head, house.FIELD) == house.own_id()


def test_a_bank_of_an_earlier_version_becomes_this_house_s(private: PrivateBank) -> None:
    bank.command("HDEL", bank.Keys(_club()).head, house.FIELD)
    private.restart()
    assert gate.open_gates() == []
    assert bank.command("HGET", bank.Keys(_club()).head, house.FIELD) == house.own_id()


def test_another_house_decides_nothing_and_leaves_the_bank_open_for_its_own() -> None:
    first = _become_another_house()
    assert "another house's" in gate_watch.look()[0]
    with pytest.raises(bank.BankAway, match="another house's"):
        _grant("foreign")
    assert not bank.is_open() and "another house's" in _told()
    findings = examine(Budget(100, 1)).findings
    assert [each.word for each in findings if each.word == "house"] == ["house"]
    House.objects.update(name=first)
    assert gate_watch.look() == []
    assert bank.is_open() and _grant("own").coins_after == 200


def test_another_house_s_bank_stays_shut(private: PrivateBank) -> None:
    _become_another_house()
    private.restart()
    assert "another house's" in gate.open_gates()[0]
    assert not bank.is_open()
    with pytest.raises(CommandError, match="another house's"):
        call_command("rebuild_bank", "main")
    call_command("rebuild_bank", "main", "--take-over", stdout=StringIO())
    assert bank.is_open()


def test_a_web_process_decides_nothing_before_it_has_looked() -> None:
    bank.distrust("The bank was not looked at yet.")
    with pytest.raises(bank.BankAway, match="not looked at"):
        _grant("early")
    assert web_watch.look()
    assert _grant("later").coins_after == 200


def test_a_web_process_loads_a_flushed_library_without_a_clock() -> None:
    assert web_watch.look()
    bank.each_primary("FUNCTION", "FLUSH")
    with pytest.raises(bank.BankAway):
        _grant("flushed")
    assert bank.failed.is_set()
    assert web_watch.look()
    assert bank.is_open() and _grant("flushed").coins_after == 200


def test_a_web_process_shuts_a_bank_that_is_not_right() -> None:
    bank.each_primary("FLUSHALL")
    with pytest.raises(bank.BankAway):
        _grant("lost")
    assert web_watch.look()
    assert not bank.is_open() and "is missing" in bank.shut_reason()


def test_a_rebuild_needs_no_library_and_raises_no_epoch_when_it_fails(
    private: PrivateBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.each_primary("FUNCTION", "FLUSH")
    bank.each_primary("FLUSHALL")
    with monkeypatch.context() as broken:
        broken.setattr("betting.audit.rebuild._write", _fail)
        for _ in range(2):
            with pytest.raises(CommandError, match="does not answer"):
                call_command("rebuild_bank", "main")
    assert ledger.watermark(_club()).epoch == 1
    call_command("rebuild_bank", "main", stdout=StringIO())
    assert ledger.watermark(_club()).epoch == 2
    assert bank.is_open() and _grant("after").coins_after == 200


def _fail(*_: Any) -> None:
    raise bank.BankAway("it went away")


def test_a_rebuild_says_what_keeps_the_gate_shut() -> None:
    bank.each_primary("CONFIG", "SET", "appendfsync", "no")
    gate_watch.look()
    told = StringIO()
    call_command("rebuild_bank", "main", stdout=StringIO(), stderr=told)
    assert "appendfsync" in told.getvalue()
    call_command("reconcile", stdout=StringIO())
