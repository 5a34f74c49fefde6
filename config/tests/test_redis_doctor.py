"""`redis_doctor` finds what was planted in real servers, and says nothing where all is well."""

import json
import shlex
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import override_settings

from betting import bank
from config import checks, gate
from config.doctor.examination import Examination, examine
from config.doctor.findings import Finding
from config.doctor.keys import Budget
from config.launch import engines
from config.tests.engines import HOME, PAIR
from rooms import live

pytestmark = pytest.mark.django_db
BUDGET = Budget(keys=50_000, seconds=10)
MB = 2**20


class Ward:
    """A private bank and a private live instance, to be spoilt by one test."""

    def __init__(self, home: Path) -> None:
        self.home = home
        server = engines.redis_server() if PAIR == "real" else engines.valkey_server()
        self.children = [
            engines.start_redis(server, home / role, home / f"{role}.sock", role)
            for role in ("bank", "live")
        ]

    def use(self, settings: Any) -> None:
        """Make these the engines of the house."""
        for role in ("bank", "live"):
            setattr(settings, f"REDIS_{role.upper()}_URL", f"unix://{self.home / role}.sock")
        ask_live_anew()

    def close(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def talk(self, role: str, *words: Any) -> Any:
        """Send one command, as an operator would."""
        send = bank.primaries()[0] if role == "bank" else live.send
        [answer] = send([words])
        assert not isinstance(answer, Exception), answer
        return answer

    def set(self, role: str, *pairs: str) -> None:
        self.talk(role, "CONFIG", "SET", *pairs)

    def dial(self, role: str) -> socket.socket:
        """A client that speaks the protocol by hand."""
        caller = socket.socket(socket.AF_UNIX)
        caller.connect(str(self.home / f"{role}.sock"))
        return caller


def ask_live_anew() -> None:
    """Forget the connection to the live instance of another test, and that it was away."""
    live._client.cache_clear()
    live._away_until_s = 0.0


@pytest.fixture
def own_ward(settings: Any) -> Iterator[Ward]:
    """One that cannot be healed again."""
    made = Ward(HOME / f"ward-{time.monotonic_ns()}")
    made.use(settings)
    assert gate.open_gates() == []
    yield made
    ask_live_anew()
    made.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Ward, dict[str, dict[str, str]]]]:
    """One for the others, with its settings as they were when all was well."""
    made = Ward(HOME / "ward")
    with override_settings():
        made.use(django_settings)
        good = {role: made.talk(role, "CONFIG GET", "*") for role in ("bank", "live")}
    yield made, good
    made.close()


@pytest.fixture
def ward(shared: Any, settings: Any) -> Iterator[Ward]:
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
    ask_live_anew()


def found(role: str, word: str, about: Examination) -> Finding:
    """The one finding with a word; every other finding fails the test."""
    assert [(each.instance, each.word) for each in about.findings] == [(role, word)]
    return about.findings[0]


def test_it_says_nothing_about_a_good_set_up(own_ward: Ward) -> None:
    live.ask(live.say(1, "{}") + live.renew(1, [7], time.time()))
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


@pytest.mark.parametrize("planted", SETTINGS)
def test_it_finds_a_wrong_setting_and_says_what_mends_it(ward: Ward, planted: str) -> None:
    role, name, value, is_dangerous = SETTINGS[planted]
    ward.set(role, name, value)
    finding = found(role, name, examine(BUDGET))
    assert finding.is_dangerous == is_dangerous
    # What it says is what mends it.
    ward.talk(role, *shlex.split(finding.mend))
    assert examine(BUDGET).findings == []


def stuck_reader(ward: Ward) -> Callable[[], None]:
    """A subscriber that never reads what it is told."""
    caller = ward.dial("live")
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.sendall(b"SUBSCRIBE news\r\n")
    assert caller.recv(100)
    live.ask([("PUBLISH", "news", "x" * MB) for _number in range(4)])
    return caller.close


def half_a_command(ward: Ward) -> Callable[[], None]:
    """A client that sends three megabytes of a value and not its end."""
    caller = ward.dial("bank")
    caller.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n" % (4 * MB) + b"x" * (3 * MB))
    return caller.close


def subscriber_at_the_bank(ward: Ward) -> Callable[[], None]:
    caller = ward.dial("bank")
    caller.sendall(b"SUBSCRIBE news\r\n")
    assert caller.recv(100)
    return caller.close


def failed_rewrite(ward: Ward) -> None:
    """What a rewrite has written cannot be put in its place."""
    for number in range(3, 9):
        (ward.home / "bank" / "appendonlydir" / f"appendonly.aof.{number}.base.aof").mkdir()
    ward.talk("bank", "BGREWRITEAOF")
    deadline = time.monotonic() + 5
    while ward.talk("bank", "INFO", "persistence")["aof_last_bgrewrite_status"] == "ok":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def evictions(ward: Ward) -> None:
    """More is cached than live has room for."""
    ward.set("live", "maxmemory", "4mb", "maxmemory-clients", "1gb")
    live.ask([("SET", f"cache:{n}", "x" * 10_000, "EX", 900) for n in range(600)])
    ward.set("live", "maxmemory", "128mb", "maxmemory-clients", "25%")


def full_bank(ward: Ward) -> None:
    used = ward.talk("bank", "INFO", "memory")["used_memory"]
    ward.set("bank", "maxmemory", str(int(used / 0.8)))


def big_key(ward: Ward) -> None:
    """The nicknames of everybody who ever joined, in a list without a limit."""
    ward.set("live", "maxmemory", "32mb")
    names = ["a-nickname-of-somebody"] * 10_000
    live.ask([("RPUSH", "cache:names", *names) for _turn in range(20)])
    live.ask([("EXPIRE", "cache:names", 900)])


def replica(ward: Ward) -> None:
    ward.talk("bank", "REPLICAOF", "127.0.0.1", "1")


def open_door(ward: Ward) -> None:
    """Listening everywhere, without a password."""
    ward.set("live", "bind", "* -::*", "protected-mode", "no")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ward.port = free.getsockname()[1]
    ward.set("live", "port", str(ward.port))


def turned_away(ward: Ward) -> None:
    """More clients than there are places."""
    ward.set("live", "maxclients", "3")
    callers = [ward.dial("live") for _number in range(4)]
    for caller in callers[:-1]:
        caller.close()
    assert b"max number of clients" in callers[-1].recv(100)
    callers[-1].close()
    ward.set("live", "maxclients", "10000")


def slow_command(ward: Ward) -> None:
    """A script that keeps the one thread busy, longer and longer until it is half a second."""
    turns, took_s = 10_000_000, 0.0
    with ward.dial("live") as caller:
        while took_s < 0.55:
            began_s = time.monotonic()
            caller.sendall(b"EVAL 'for n = 1, %d do end return 1' 0\r\n" % turns)
            assert caller.recv(100) == b":1\r\n"
            took_s = time.monotonic() - began_s
            turns *= 2


def endless_key(ward: Ward) -> None:
    live.ask([("SET", "somebody:forgot", "an end")])


def key_with_an_end(ward: Ward) -> None:
    ward.talk("bank", "SET", "{c1}:m:1:bets", "first answers", "EX", 900)


def holes_in_the_heap(ward: Ward) -> None:
    """Many values, and then all but each twentieth go."""
    parts = [range(start, start + 10_000) for start in range(0, 160_000, 10_000)]
    for part in parts:
        live.ask([("SET", f"cache:{n}", "x" * 400, "EX", 900) for n in part])
    for part in parts:
        live.ask([("UNLINK", *(f"cache:{n}" for n in part if n % 20))])


PLANTS: dict[str, tuple[str, Callable[[Ward], Any]]] = {
    "output-buffer": ("live", stuck_reader),
    "input-buffer": ("bank", half_a_command),
    "pubsub": ("bank", subscriber_at_the_bank),
    "evicted": ("live", evictions),
    "full": ("bank", full_bank),
    "big-key": ("live", big_key),
    "replica": ("bank", replica),
    "open-door": ("live", open_door),
    "maxclients": ("live", turned_away),
    "slow": ("live", slow_command),
    "endless-key": ("live", endless_key),
    "ending-key": ("bank", key_with_an_end),
    "fragmented": ("live", holes_in_the_heap),
}


SLOW_TO_PLANT = [pytest.param("fragmented", marks=pytest.mark.long)]


@pytest.mark.parametrize("word", [*(PLANTS.keys() - {"fragmented"}), *SLOW_TO_PLANT])
def test_it_finds_what_went_wrong_meanwhile(ward: Ward, word: str) -> None:
    role, plant = PLANTS[word]
    undo = plant(ward)
    try:
        finding = found(role, word, examine(BUDGET))
        assert finding.sentence.endswith(".") and finding.mend
    finally:
        if undo:
            undo()


def test_it_finds_a_file_that_could_not_be_written(own_ward: Ward) -> None:
    failed_rewrite(own_ward)
    assert found("bank", "aof", examine(BUDGET)).is_dangerous
    assert gate.open_gates() != []


def test_it_finds_both_roles_on_one_server(ward: Ward, settings: Any) -> None:
    settings.REDIS_LIVE_URL = settings.REDIS_BANK_URL
    ask_live_anew()
    words = {each.word for each in examine(BUDGET).findings}
    assert words == {"one-server", "maxmemory-policy"}
    assert {problem.id for problem in checks.check_live()} == {"ringside.E002"}


def test_it_says_which_instance_is_gone(own_ward: Ward) -> None:
    own_ward.children[1].kill()
    own_ward.children[1].wait()
    assert found("live", "away", examine(BUDGET)).is_dangerous is False


def test_it_stops_at_its_budget_and_says_so(ward: Ward) -> None:
    live.ask([("SET", f"cache:{n}", "x", "EX", 900) for n in range(2_000)])
    about = examine(Budget(keys=500, seconds=10))
    [seen] = [each.sample for each in about.examined if each.instance.role == "live"]
    assert 500 <= seen.seen < 2_000 and not seen.is_whole
    about = examine(Budget(keys=500_000, seconds=0))
    assert all(each.sample.seen < 50 for each in about.examined)


def test_it_exits_1_and_tells_programs_everything(ward: Ward) -> None:
    ward.set("bank", "appendfsync", "everysec")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("redis_doctor", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert ended.value.code == 1
    assert [each["mend"] for each in told["findings"]] == ["CONFIG SET appendfsync always"]
    assert told["instances"]["bank"]["maxmemory_bytes"] == 256 * MB


def test_the_gate_and_the_checks_refuse_what_it_calls_dangerous(ward: Ward) -> None:
    ward.set("bank", "maxmemory-policy", "allkeys-lru")
    [danger] = [each for each in examine(BUDGET).findings if each.is_dangerous]
    assert [(p.msg, p.hint) for p in checks.check_bank()] == [(danger.sentence, danger.mend)]
    assert danger.sentence in gate.open_gates()[0]
