"""What is dead, shut or new in a Cluster costs its own clubs only, and heals without a hand."""

import json
import shutil
import signal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from betting import bank, ledger
from betting.audit import reconcile
from betting.bank import routing
from betting.bank.address import read_address
from betting.bank.slots import slot_of
from operations import checks, gate, gate_watch, web_watch
from operations.clock import schedule
from operations.doctor.examination import examine
from operations.doctor.key_sample import Budget
from operations.metrics import Installation
from tests.wide.cluster import Cluster, clubs_of
from tests.wide.conftest import grant, heal

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND, THIRD = (clubs_of(number, 2) for number in range(3))


def recorded(club_id: int) -> int:
    return int(ledger.watermark(club_id).seq)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_dead_primary_costs_its_own_clubs_only(cluster: Cluster, how: signal.Signals) -> None:
    for club_id in FIRST + SECOND + THIRD:
        grant(club_id, "before")
    cluster.send_signal(1, how)
    if how == signal.SIGKILL:
        cluster.children[1].wait()
    for club_id in SECOND:
        with pytest.raises(bank.BankAway):
            grant(club_id, "meanwhile")
    # Whoever hangs was waited for once: nobody else's call stands behind it.
    resting = routing.servers(cluster.url).resting
    assert resting == ({cluster.name(1)} if how == signal.SIGSTOP else set())
    for club_id in FIRST + THIRD:
        grant(club_id, "meanwhile")
    with pytest.raises(bank.BankAway):
        schedule.record()
    with pytest.raises(bank.BankAway):
        gate_watch.inspect()
    assert [recorded(club_id) for club_id in FIRST + THIRD] == [2, 2, 2, 2]
    client = Client()
    told = client.get("/readyz/")
    assert told.status_code == 200
    assert "2 of 3" in told.json()["bank"] and f"club{SECOND[0]}" in told.json()["bank"]
    assert client.get("/readyz/all/").status_code == 503
    found = {metric.name: metric.samples for metric in Installation().collect()}
    up = {sample.labels["primary"]: sample.value for sample in found["ringside_bank_primary_up"]}
    assert up == {cluster.name(0): 1, cluster.name(1): 0, cluster.name(2): 1}
    assert len(found["ringside_journal_entries"]) == 4
    findings = examine(Budget(keys=100, seconds=5)).findings
    away = [each.instance for each in findings if each.word == "away"]
    assert away == [f"bank {cluster.name(1)}"]
    assert [problem.id for problem in checks.check_bank()] == ["ringside.W001"]
    if how == signal.SIGKILL:
        cluster.start(1)
    else:
        cluster.send_signal(1, signal.SIGCONT)
    heal(cluster)
    for club_id in SECOND:
        assert grant(club_id, "meanwhile") == 2
    cluster.wait_until(lambda: schedule.record() is None and recorded(SECOND[0]) == 2)
    assert client.get("/readyz/all/").json() == {"status": "ready"}


def test_no_node_is_needed_to_begin(cluster: Cluster) -> None:
    """Not the one named first, and not the owner of slot 0, which here are one."""
    cluster.kill(0)
    routing.servers.cache_clear()
    assert grant(THIRD[0], "anew") == 1
    assert [state.is_open for state in bank.states()].count(True) == 2
    with pytest.raises(bank.BankAway):
        grant(FIRST[0], "anew")
    for wrong in ("redis://127.0.0.1:1/0?cluster=1", "unix:///nowhere.sock"):
        with override_settings(REDIS_BANK_URL=wrong), pytest.raises(bank.BankAway):
            grant(THIRD[0], "anew")


def test_a_new_primary_is_made_ready_before_a_slot_is_served(cluster: Cluster) -> None:
    # A web process alone: it has inspected what there is.
    bank.distrust("The bank was not inspected yet.")
    well: set[str] = set()
    assert web_watch.inspect(well)
    number = cluster.add()
    cluster.meet(number)
    cluster.wait_until(lambda: cluster.knows_all(number))
    # No call has to fail first.
    web_watch._wait_for_work(well)
    assert web_watch.inspect(well) and len(well) == 4
    club_id = FIRST[1]
    assert grant(club_id, "before") == 1
    cluster.move_slot(slot_of(bank.Keys(club_id).head), 0, number)
    # The next call already finds it, and decides: no hand, and no refusal.
    assert grant(club_id, "after") == 2
    assert bank.primary_of(club_id).name == cluster.name(number)
    schedule.record()
    assert recorded(club_id) == 2 and gate_watch.inspect() == []
    cluster.move_slot(slot_of(bank.Keys(club_id).head), number, 0)
    assert grant(club_id, "home") == 3
    for other in range(3):
        cluster.ask(other, "CLUSTER", "FORGET", cluster.id_of(number))
    cluster.ask(number, "CLUSTER", "RESET")
    cluster.wait_until(lambda: bool(bank.primaries()) and callers(cluster, number) == 1)
    assert grant(club_id, "home") == 3
    cluster.drop(number)


def test_a_club_that_comes_while_a_primary_is_looked_at_keeps_it_shut(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspect, slot, home = gate.inspect, slot_of(bank.Keys(SECOND[0]).head), cluster.id_of(0)

    def inspect_while_it_comes(primary: bank.Primary) -> list[str]:
        found = inspect(primary)
        # The map is read, and a moment later another one holds.
        bank.primaries(anew=True)
        cluster.move_slot(slot, 1, 0)
        cluster.ask(2, "CLUSTER", "SETSLOT", slot, "NODE", home)
        return found

    first = bank.primary_of(FIRST[0])
    bank.shut_gate("looked at", first)
    monkeypatch.setattr(gate, "inspect", inspect_while_it_comes)
    try:
        assert gate.open_gate(first) == ["Clubs came to the bank meanwhile, or left it."]
    finally:
        cluster.move_slot(slot, 0, 1)
        cluster.ask(2, "CLUSTER", "SETSLOT", slot, "NODE", cluster.id_of(1))
    monkeypatch.undo()
    heal(cluster)
    assert grant(SECOND[0], "home") == 1


def callers(cluster: Cluster, number: int) -> int:
    """The connections to a node, the one that asks among them, and not those of other nodes."""
    told = str(cluster.ask(number, "CLIENT", "LIST")).splitlines()
    return sum("cmd=restore" not in line for line in told)


def test_a_club_that_left_a_shut_primary_is_looked_at_whole(cluster: Cluster) -> None:
    heal(cluster)
    club_id = SECOND[0]
    assert grant(club_id, "before") == 1
    schedule.record()
    cluster.kill(1)
    cluster.start(1)
    cluster.settle()
    # The head stays as the ledger has it, so that a look at heads finds nothing.
    cluster.ask(1, "HINCRBY", bank.Keys(club_id).wallets, 7, 1000)
    slot = slot_of(bank.Keys(club_id).head)
    cluster.move_slot(slot, 1, 0)
    assert bank.find_head(club_id) and bank.primary_of(club_id).name == cluster.name(0)
    found = gate_watch.inspect_primary(bank.primary_of(club_id), opens=True)
    assert f"club{club_id}" in " ".join(found)
    with pytest.raises(bank.BankAway):
        grant(club_id, "after")
    cluster.ask(0, "HINCRBY", bank.Keys(club_id).wallets, 7, -1000)
    heal(cluster)
    assert grant(club_id, "after") == 2
    cluster.move_slot(slot, 0, 1)


def test_a_primary_is_not_opened_for_a_club_that_came_while_it_was_looked_at(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = slot_of(bank.Keys(SECOND[0]).head)
    first = bank.primary_of(FIRST[0])
    bank.shut_gate("a reason", first)

    def look(primary: bank.Primary) -> list[str]:
        cluster.move_slot(slot, 1, 0)
        bank.find_head(SECOND[0])
        return []

    with monkeypatch.context() as patch:
        patch.setattr(gate, "inspect", look)
        assert "meanwhile" in " ".join(gate.open_gate(first))
    assert not bank.is_open(first)
    heal(cluster)
    cluster.move_slot(slot, 0, 1)


def test_a_club_on_its_way_is_found_key_by_key(cluster: Cluster) -> None:
    club_id = FIRST[1]
    grant(club_id, "before")
    slot = slot_of(bank.Keys(club_id).head)
    ids = cluster.id_of(0), cluster.id_of(1)
    cluster.ask(1, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    cluster.ask(0, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    keys = cluster.ask(0, "CLUSTER", "GETKEYSINSLOT", slot, 100)
    cluster.ask(0, "MIGRATE", "127.0.0.1", cluster.ports[1], "", 0, 5000, "KEYS", *keys)
    assert bank.head(club_id).seq == 1 and grant(club_id, "on-the-way") == 2
    for number in (1, 0):
        cluster.ask(number, "CLUSTER", "SETSLOT", slot, "NODE", ids[1])
    assert grant(club_id, "there") == 3
    cluster.move_slot(slot, 1, 0)


def test_one_club_that_differs_keeps_its_own_primary_shut(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    for club_id in FIRST + SECOND:
        grant(club_id, "before")
    schedule.record()
    for number in (0, 1):
        # Not both at once: two of three are a majority, without which no slot is served.
        cluster.kill(number)
        cluster.start(number)
        cluster.settle()
    cluster.ask(1, "DEL", bank.Keys(SECOND[0]).head)
    assert "missing" in " ".join(gate.open_gates())
    assert grant(FIRST[0], "after") == 2
    with pytest.raises(bank.BankAway):
        grant(SECOND[1], "after")
    epochs = {club_id: bank.head(club_id).epoch for club_id in (*FIRST, SECOND[1])}
    call_command("rebuild_bank", f"club{SECOND[0]}")
    assert "The bank is open." in capsys.readouterr().out
    assert grant(SECOND[1], "after") == 2 and grant(SECOND[0], "after") == 2
    assert bank.head(SECOND[0]).epoch == 2
    assert {club_id: bank.head(club_id).epoch for club_id in epochs} == epochs


def test_the_answered_tail_of_a_dead_node_is_brought_in_from_its_file(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    for club_id in SECOND:
        grant(club_id, "recorded")
    schedule.record()
    for club_id in (*FIRST, *SECOND):
        grant(club_id, "answered")
    cluster.kill(1)
    # Its machine is lost; the file was saved from the disk, and an empty server takes its place.
    files = cluster.files(1) / "appendonlydir"
    saved = files.rename(files.with_name("saved"))
    cluster.start(1)
    cluster.settle()
    schedule.record()
    assert "missing" in " ".join(gate.open_gates())
    assert grant(FIRST[0], "meanwhile") == 2
    slugs = [f"club{club_id}" for club_id in SECOND]
    with pytest.raises(CommandError, match="cannot be taken over"):
        call_command("rebuild_bank", *slugs, tail=cluster.files(1) / "nodes.conf")
    call_command("rebuild_bank", *slugs, tail=saved)
    assert "The bank is open." in capsys.readouterr().out
    for club_id in SECOND:
        again = bank.run(bank.grant(club_id, 7, 10, "answered"))
        assert isinstance(again, bank.Moved) and (again.seq, again.is_repeat) == (2, True)
        assert reconcile.reconcile(club_id).is_green
    shutil.rmtree(saved)


def test_passwords_and_users_reach_every_node(cluster: Cluster, settings: Any) -> None:
    for number in range(3):
        cluster.ask(number, "ACL", "SETUSER", "ringside", "on", ">s3cret", "~*", "&*", "+@all")
    settings.REDIS_BANK_URL = cluster.url.replace("//", "//ringside:s3cret@")
    assert [grant(club_id, "by-name") for club_id in (*FIRST, *THIRD)] == [1, 1, 1, 1]
    settings.REDIS_BANK_URL = cluster.url.replace("//", "//ringside:wrong@")
    with pytest.raises(bank.BankAway):
        grant(FIRST[0], "by-another")


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://a:1,b:2/bank", "redis://a:1,b:2/0", "redis://a:1/0?cluster=yes",
        "redis://a:1/3?cluster=1", "redis://a:1,:2/0?cluster=1", "unix:///a.sock?cluster=1",
    ],
)  # fmt: skip
def test_a_wrong_address_ends_in_a_sentence(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_BANK_URL cannot be read: .*\\."):
        read_address(url)


def test_it_reads_hosts_password_and_encryption_of_an_address() -> None:
    address = read_address("rediss://u:p@a:1,b:2/0?ssl_cert_reqs=none&cluster=1")
    assert address.is_cluster
    assert address.urls == (
        "rediss://u:p@a:1/0?ssl_cert_reqs=none", "rediss://u:p@b:2/0?ssl_cert_reqs=none",
    )  # fmt: skip


def test_a_node_of_a_cluster_without_the_mark_ends_in_a_sentence(
    cluster: Cluster, settings: Any
) -> None:
    settings.REDIS_BANK_URL = f"redis://127.0.0.1:{cluster.ports[0]}/0"
    problems = " ".join(gate.open_gates())
    assert "cluster=1" in problems
    assert any("cluster=1" in f"{found.msg} {found.hint}" for found in checks.check_bank())
    # A gate that was opened before is shut again.
    assert "cluster=1" in " ".join(gate_watch.inspect())
    assert "cluster=1" in json.dumps(Client().get("/readyz/").json())


def test_a_node_of_a_cluster_as_the_live_instance_ends_in_a_sentence(
    cluster: Cluster, settings: Any
) -> None:
    settings.REDIS_LIVE_URL = f"redis://127.0.0.1:{cluster.ports[0]}/0"
    assert any("node of a Cluster" in str(found.msg) for found in checks.check_live())
