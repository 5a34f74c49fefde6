"""`redis_doctor` finds what was planted in real servers, and says nothing where all is well."""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import override_settings

from betting import bank
from betting.audit import verdicts
from betting.audit.reconcile import Report
from launcher import engines, processes
from launcher.venv import ROOT
from operations import checks, gate, sample_store
from operations.doctor.examination import Examination, examine
from operations.doctor.findings import Finding
from operations.doctor.key_sample import Budget
from operations.tests.doctor import faults
from operations.tests.private_instances import Instances, said_by
from rooms import live
from tests.engines import HOME, PAIR
from tests.servers import free_ports

pytestmark = pytest.mark.django_db
BUDGET = Budget(keys=50_000, seconds=10)
MB = 2**20


@pytest.fixture
def own_instances(settings: Any) -> Iterator[Instances]:
    """One that cannot be healed again."""
    made = Instances(HOME / f"instances-{time.monotonic_ns()}")
    made.use(settings)
    assert gate.open_gates() == []
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Instances, dict[str, dict[str, str]]]]:
    """One for the others, with its settings as they were when all was well."""
    made = Instances(HOME / "instances")
    with override_settings():
        made.use(django_settings)
        good = {role: made.talk(role, "CONFIG GET", "*") for role in ("bank", "live")}
    yield made, good
    made.close()


@pytest.fixture
def instances(shared: Any, settings: Any) -> Iterator[Instances]:
    """As good as new at the end of each test."""
    made, good = shared
    made.use(settings)
    yield made
    made.use(settings)
    for role, before in good.items():
        made.talk(role, "REPLICAOF", "NO", "ONE")
        for name, value in made.talk(role, "CONFIG GET", "*").items():
            if value != before[name]:
                made.set(role, name, before[name])
        for words in ("FLUSHALL", "CONFIG RESETSTAT", "SLOWLOG RESET", "LATENCY RESET"):
            made.talk(role, *words.split())


def found(role: str, word: str, about: Examination) -> Finding:
    """The one finding with a word; every other finding fails the test."""
    assert [(each.instance, each.word) for each in about.findings] == [(role, word)]
    return about.findings[0]


def test_it_says_nothing_about_a_good_set_up(own_instances: Instances) -> None:
    live.ask(live.say(1, "{}") + live.renew(1, [7], time.time()))
    sample_store.keep("{}", 1)
    verdicts.keep(Report(1, None, differences=[]), "quick", 1)
    verdicts.want(1)
    bank.run(bank.start_epoch(1, bank.Head.fresh(epoch=1)))
    out = StringIO()
    call_command("redis_doctor", stdout=out)
    assert "Both are well." in out.getvalue()


SETTINGS = {
    "a bank without maxmemory": ("bank", "maxmemory", "0", True),
    "a bank that evicts": ("bank", "maxmemory-policy", "allkeys-lru", True),
    "a bank that evicts what has an end": ("bank", "maxmemory-policy", "volatile-lru", True),
    "a bank that keeps nothing": ("bank", "appendonly", "no", True),
    "a bank that may lose a second": ("bank", "appendfsync", "everysec", True),
    "a bank that leaves it to the system": ("bank", "appendfsync", "no", True),
    "no fsync during rewrites": ("bank", "no-appendfsync-on-rewrite", "yes", True),
    "a cut file loaded in silence": ("bank", "aof-load-truncated", "yes", True),
    "a file that cannot be mended": ("bank", "aof-use-rdb-preamble", "yes", True),
    "snapshots at the bank": ("bank", "save", "60 1", False),
    "rewrites at any time": ("bank", "auto-aof-rewrite-min-size", "64mb", False),
    "live without maxmemory": ("live", "maxmemory", "0", True),
    "live that refuses when full": ("live", "maxmemory-policy", "noeviction", True),
    "live that forgets what has no end": ("live", "maxmemory-policy", "allkeys-lru", True),
    "clients without a limit": ("live", "maxmemory-clients", "0", False),
    "half a command of any length": ("bank", "client-query-buffer-limit", "1gb", False),
    "subscribers without a limit": ("live", "client-output-buffer-limit", "pubsub 0 0 0", False),
    "dead peers kept": ("live", "tcp-keepalive", "0", False),
    "no slow log": ("bank", "slowlog-log-slower-than", "-1", False),
    "no latency monitor": ("bank", "latency-monitor-threshold", "0", False),
}


@pytest.mark.parametrize("fault", SETTINGS)
def test_it_finds_a_wrong_setting_and_says_what_mends_it(instances: Instances, fault: str) -> None:
    role, name, value, is_dangerous = SETTINGS[fault]
    instances.set(role, name, value)
    finding = found(role, name, examine(BUDGET))
    assert finding.is_dangerous == is_dangerous
    # What it says is what mends it.
    instances.talk(role, *shlex.split(finding.mend))
    assert examine(BUDGET).findings == []


@pytest.mark.parametrize("word", faults.FAULTS)
def test_it_finds_what_went_wrong_meanwhile(instances: Instances, word: str) -> None:
    role, cause = faults.FAULTS[word]
    undo = cause(instances)
    try:
        finding = found(role, word, examine(BUDGET))
        assert finding.sentence.endswith(".") and finding.mend
    finally:
        if undo:
            undo()


def test_its_slow_log_names_command_and_key_only(instances: Instances) -> None:
    """A position is packed bytes, which are no text, and where somebody is."""
    packed = b"\xff\xfe48.137154 11.576124\x80"
    for role in ("bank", "live"):
        instances.set(role, "slowlog-log-slower-than", "0")
        instances.talk(role, "XADD", "cache:waiting", "*", "fix", packed)
        instances.talk(role, "SET", b"cache:\xff", packed, "EX", 900)
        instances.talk(role, "GET", "{limits}:guests:0:192.0.2.7")
        about = examine(BUDGET)
        [one] = [each for each in about.examined if each.instance.role == role]
        assert "48.137154" not in str(about.tables())
        words = {entry.words for entry in one.instance.slow}
        assert {"XADD cache:waiting", "SET cache:\ufffd", "GET {limits}:guests:0:…"} <= words


def test_it_finds_a_file_that_could_not_be_written(own_instances: Instances) -> None:
    faults.failed_rewrite(own_instances)
    assert found("bank", "aof", examine(BUDGET)).is_dangerous
    assert gate.open_gates() != []


@pytest.mark.long
def test_it_finds_holes_in_the_heap(own_instances: Instances) -> None:
    faults.holes_in_the_heap(own_instances)
    assert "hold nothing" in found("live", "fragmented", examine(BUDGET)).sentence


def test_it_looks_into_every_primary_of_a_cluster(instances: Instances, settings: Any) -> None:
    """A Cluster of one, on a port, because its members find each other by address."""
    home = HOME / f"cluster-{time.monotonic_ns()}"
    home.mkdir()
    port, bus_port = free_ports(2)
    server = engines.redis_server() if PAIR == "real" else engines.valkey_server()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes",
               "--cluster-port", str(bus_port), "--dir", str(home),
               "--maxmemory", "64mb"]  # fmt: skip
    for name, value in engines.BANK_SETTINGS.items():
        command += [f"--{name}", value]
    with processes.start(command, log=home / "log") as child:
        slots = b"CLUSTER ADDSLOTSRANGE 0 16383\r\n"
        deadline = time.monotonic() + 30
        while not said_by(port, slots).startswith(b"+OK"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        settings.REDIS_BANK_URL = f"redis://127.0.0.1:{port}?cluster=1"
        words = {each.word: each for each in examine(BUDGET).findings}
        child.kill()
    assert set(words) == {"cluster-replica-no-failover", "cluster-require-full-coverage"}
    assert words["cluster-replica-no-failover"].instance == f"bank 127.0.0.1:{port}"


def test_it_finds_both_roles_on_one_server(instances: Instances, settings: Any) -> None:
    settings.REDIS_LIVE_URL = settings.REDIS_BANK_URL
    words = {each.word for each in examine(BUDGET).findings}
    assert words == {"one-server", "maxmemory-policy"}
    assert {problem.id for problem in checks.check_live()} == {"ringside.E002"}


def test_it_says_which_instance_is_gone(own_instances: Instances) -> None:
    own_instances.children[1].kill()
    own_instances.children[1].wait()
    assert found("live", "away", examine(BUDGET)).is_dangerous is False


def test_it_stops_at_its_budget_and_says_so(instances: Instances) -> None:
    live.ask([("SET", f"cache:{n}", "x", "EX", 900) for n in range(2_000)])
    about = examine(Budget(keys=500, seconds=10))
    [seen] = [each.sample for each in about.examined if each.instance.role == "live"]
    assert 500 <= seen.seen < 2_000 and not seen.is_whole
    about = examine(Budget(keys=500_000, seconds=0))
    assert all(each.sample.seen < 50 for each in about.examined)


def test_it_exits_1_and_tells_programs_everything(instances: Instances) -> None:
    instances.set("bank", "appendfsync", "everysec")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("redis_doctor", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert ended.value.code == 1
    assert [each["mend"] for each in told["findings"]] == ["CONFIG SET appendfsync always"]
    assert told["instances"]["bank"]["maxmemory_bytes"] == 256 * MB


def test_it_runs_where_everything_else_refuses_to(instances: Instances, tmp_path: Any) -> None:
    """With a bank that loses coins, and a database in which there is nothing."""
    instances.set("bank", "appendfsync", "no")
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
        **{f"REDIS_{role.upper()}_URL": instances.url(role) for role in ("bank", "live")},
    }
    assert checks.check_bank()
    command = [sys.executable, str(ROOT / "manage.py"), "redis_doctor"]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (1, "")
    assert "CONFIG SET appendfsync always" in told.stdout


class Terminal(StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


def test_it_draws_tables_at_a_terminal_and_lines_elsewhere(instances: Instances) -> None:
    instances.set("live", "tcp-keepalive", "0")
    told = {}
    for out in (Terminal(), StringIO()):
        with pytest.raises(SystemExit):
            call_command("redis_doctor", stdout=out, no_color=True)
        told[type(out)] = out.getvalue()
    assert "┏" in told[Terminal] and "┏" not in told[StringIO]
    assert "Instances: Policy; bank: noeviction; live: volatile-ttl" in told[StringIO]
    for text in told.values():
        assert "live: tcp-keepalive: tcp-keepalive is 0" in text
        assert "CONFIG SET tcp-keepalive 60" in text


def test_the_gate_and_the_checks_refuse_what_it_calls_dangerous(
    instances: Instances,
) -> None:
    instances.set("bank", "maxmemory-policy", "allkeys-lru")
    [danger] = [each for each in examine(BUDGET).findings if each.is_dangerous]
    assert [(p.msg, p.hint) for p in checks.check_bank()] == [(danger.sentence, danger.mend)]
    assert danger.sentence in gate.open_gates()[0]
