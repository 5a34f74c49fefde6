"""Whose bank it is: two installations on one never decide for each other."""

from collections import deque
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import (
    CommandError,
    call_command,
    get_commands,
    load_command_class,
)
from django.core.management.base import OutputWrapper, SystemCheckError
from django.test import Client

from betting import bank, ledger
from betting.audit import installation
from betting.models import Installation
from operations import gate, gate_watch, web_watch
from operations.doctor.examination import examine
from operations.doctor.key_sample import Budget
from operations.tests.private_bank import PrivateBank
from rooms.models import Club

pytestmark = pytest.mark.django_db


def _grant(command: str) -> Any:
    return bank.run(bank.grant(_club(), 7, 100, command))


def _held() -> str | None:
    """The id in the bank."""
    return bank.command("HGET", bank.Keys(_club()).head, installation.FIELD)


def _club() -> int:
    return Club.objects.get(slug="main").pk


def _told() -> str:
    """What `/readyz/` says of the bank, looked up anew."""
    gate._public.clear()
    return str(Client().get("/readyz/").json()["problems"]["bank"])


@pytest.fixture(autouse=True)
def _running(private: PrivateBank) -> Any:
    assert gate.open_gates() == []
    _grant("first")
    ledger.record_all(_club())
    yield
    bank.distrust("")


def _become_another_installation() -> str:
    """Be a second installation on the same bank; returns the id of the first."""
    name = installation.own_id()
    Installation.objects.update(name="0" * 32)
    return name


def test_it_keeps_its_id_in_the_bank_across_restarts_and_rebuilds(
    private: PrivateBank,
) -> None:
    assert _held() == installation.own_id()
    _grant("second")
    private.restart()
    assert gate.open_gates() == []
    call_command("rebuild_bank", "main", stdout=StringIO())
    assert bank.is_open()
    assert _held() == installation.own_id()


def test_it_takes_a_bank_of_an_earlier_version(private: PrivateBank) -> None:
    bank.command("HDEL", bank.Keys(_club()).head, installation.FIELD)
    private.restart()
    assert gate.open_gates() == []
    assert _held() == installation.own_id()


def _head() -> object:
    """All that the bank holds of the club."""
    return bank.command("HGETALL", bank.Keys(_club()).head)


def test_it_decides_nothing_in_a_foreign_bank_and_leaves_it_open_for_its_own() -> None:
    first = _become_another_installation()
    before = _head()
    for _turn in range(3):
        gate_watch._exchange._next_s = 0
        assert "another installation" in gate_watch.inspect()[0]
    assert _head() == before
    with pytest.raises(bank.BankAway, match="another installation"):
        _grant("foreign")
    assert not bank.is_open() and "another installation" in _told()
    findings = examine(Budget(100, 1)).findings
    assert [each.word for each in findings if each.word == "installation"] == ["installation"]
    Installation.objects.update(name=first)
    assert gate_watch.inspect() == []
    assert bank.is_open() and _grant("own").coins_after == 200


def test_it_opens_no_foreign_bank_unless_it_takes_it_over(private: PrivateBank) -> None:
    _become_another_installation()
    private.restart()
    assert "another installation" in gate.open_gates()[0]
    assert not bank.is_open()
    with pytest.raises(CommandError, match="another installation"):
        call_command("rebuild_bank", "main")
    call_command("rebuild_bank", "main", "--take-over", stdout=StringIO())
    assert bank.is_open()


def test_it_decides_nothing_before_the_first_inspection() -> None:
    bank.distrust("The bank was not inspected yet.")
    with pytest.raises(bank.BankAway, match="not inspected"):
        _grant("early")
    assert web_watch.inspect(set())
    assert _grant("later").coins_after == 200


def test_it_loads_a_flushed_library_without_a_clock() -> None:
    assert web_watch.inspect(set())
    bank.each_primary("FUNCTION", "FLUSH")
    with pytest.raises(bank.BankAway):
        _grant("flushed")
    assert bank.failures.take()
    assert web_watch.inspect(set())
    assert bank.is_open() and _grant("flushed").coins_after == 200


def test_it_shuts_a_bank_that_is_not_right() -> None:
    bank.each_primary("FLUSHALL")
    with pytest.raises(bank.BankAway):
        _grant("lost")
    assert web_watch.inspect(set())
    assert not bank.is_open() and "is missing" in bank.shut_reason()


def test_it_rebuilds_without_a_library_and_raises_no_epoch_when_that_fails(
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


def test_it_says_what_keeps_the_gate_shut_after_a_rebuild() -> None:
    bank.each_primary("CONFIG", "SET", "appendfsync", "no")
    gate_watch.inspect()
    told = StringIO()
    call_command("rebuild_bank", "main", stdout=StringIO(), stderr=told)
    assert "appendfsync" in told.getvalue()
    call_command("reconcile", stdout=StringIO())


class Copy:
    """A clock at one of several copies of the same SQL."""

    def __init__(self, words: str = "") -> None:
        self.words, self.exchange = words, installation.Exchange()

    def is_shared(self) -> bool:
        """What it says after another turn."""
        Installation.objects.update(words=self.words)
        self.exchange._next_s = 0
        try:
            return self.exchange.is_shared()
        finally:
            self.words = Installation.objects.get().words


def test_it_notices_that_a_copy_of_its_sql_uses_the_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Copy()
    assert not any(first.is_shared() for _ in range(5))
    second = Copy(first.words)
    said = [(first.is_shared(), second.is_shared()) for _ in range(3)]
    assert said[-1] == (True, True)
    monkeypatch.setattr(gate_watch, "_exchange", first.exchange)
    for _ in range(2):
        assert "Two copies" in gate_watch.inspect()[0]
        assert not bank.is_open() and "Two copies" in _told()
    # The other was stopped: a minute later it is believed again.
    first.exchange._strange_s = deque(at_s - 60 for at_s in first.exchange._strange_s)
    assert not first.is_shared()
    assert gate_watch.inspect() == [] and bank.is_open()


def test_it_takes_no_interrupted_exchange_for_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Copy()
    assert not own.is_shared()
    ask = bank.command

    def lose(name: str, *args: Any) -> Any:
        if name == "HSET":
            raise bank.BankAway("it went away")
        return ask(name, *args)

    for _ in range(4):
        with monkeypatch.context() as broken, pytest.raises(bank.BankAway):
            broken.setattr(bank, "command", lose)
            own.is_shared()
    # SQL as it was restored from a backup, once.
    own.words = "older"
    assert not any(own.is_shared() for _ in range(5))


def _from_a_shell(name: str, *words: str) -> None:
    """Run a command as `manage.py` does, with system checks where it asks for them."""
    command = load_command_class(get_commands()[name], name)
    command.stdout = command.stderr = OutputWrapper(StringIO())
    given = vars(command.create_parser("manage.py", name).parse_args(words))
    command.execute(**given)


def test_repairs_run_whatever_the_checks_of_settings_say(tmp_path: Path) -> None:
    bank.each_primary("CONFIG", "SET", "appendfsync", "no")
    with pytest.raises(SystemCheckError):
        _from_a_shell("reproject")
    kept = tmp_path / "receipts.json"
    kept.write_text('{"receipts": [], "anchors": []}')
    for words in (["reconcile"], ["rebuild_bank"], ["verify", str(kept)]):
        _from_a_shell(*words)
    with pytest.raises(CommandError, match="appendfsync"):
        _from_a_shell("open_gate")
