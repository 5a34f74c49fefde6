"""Two machines of one house: folder, web process and clock of their own, engines shared.

Where network namespaces may be made each machine is one and nginx stands in a third, so that a
machine can vanish: nothing comes back from it, not even a refusal. Elsewhere a machine is a folder.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import redis

from launcher import engines, processes
from launcher.private_house import House
from launcher.venv import ROOT
from tests.deploy.proxied import Nginx
from tests.engines import PAIR
from tests.servers import free_ports, prepared

NAMES = ("a", "b")
TOKEN = "figures-of-two-machines"
PATIENCE_S = 60.0
SYSCTL = ROOT / "deploy" / "sysctl" / "ringside-nginx.conf"
# Nobody has it: what is sent there is lost without a word.
NOBODY = "02:00:00:00:00:99"


class Folders:
    """Machines on one address, where nothing else is allowed."""

    outside = edge = "127.0.0.1"
    is_network = False

    def address(self, _number: int) -> str:
        return "127.0.0.1"

    def caller(self, _number: int) -> str:
        """The address from which nginx calls a machine."""
        return "127.0.0.1"

    def inside(self, _name: str) -> list[str]:
        """What stands before a command that runs on a machine, or at the edge."""
        return []


class Network(Folders):
    """A namespace for each machine behind that of the edge; engines and people are outside."""

    is_network = True

    def __init__(self, names: Sequence[str] = NAMES) -> None:
        self._names = names
        self._mark = f"rs{os.getpid():x}"
        self._net = f"100.{64 + os.getpid() % 64}"
        self.outside, self.edge = f"{self._net}.0.1", f"{self._net}.0.2"

    def address(self, number: int) -> str:
        return f"{self._net}.{number + 1}.2"

    def caller(self, number: int) -> str:
        return f"{self._net}.{number + 1}.1"

    def inside(self, name: str) -> list[str]:
        return ["ip", "netns", "exec", self._mark + name]

    def make(self) -> None:
        """Make all of it. Raises CalledProcessError where that is not allowed."""
        for name in ("edge", *self._names):
            _run("ip", "netns", "add", self._mark + name)
            self._ip(name, "link set lo up")
        _run("ip", "link", "add", self._mark, "type", "veth", "peer", "name", "out", "netns",
             f"{self._mark}edge")  # fmt: skip
        _run("ip", "addr", "add", f"{self.outside}/30", "dev", self._mark)
        _run("ip", "link", "set", self._mark, "up")
        self._join("edge", "out", self.edge)
        for number, name in enumerate(self._names):
            self._ip(
                "edge", f"link add name {name} type veth peer name up netns {self._mark}{name}"
            )
            self._join("edge", name, self.caller(number))
            self._join(name, "up", self.address(number))
            self._ip(name, f"route add default via {self.caller(number)}")
        _run("ip", "route", "add", f"{self._net}.0.0/16", "via", self.edge)
        _run(*self.inside("edge"), "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        _run(*self.inside("edge"), "sysctl", "-q", "-p", str(SYSCTL))

    def close(self) -> None:
        """Remove what was made of it; the inner links go with their namespaces."""
        # At once: a namespace lives on for a while where a connection was cut off.
        with suppress(subprocess.CalledProcessError):
            _run("ip", "link", "del", self._mark)
        for name in ("edge", *self._names):
            with suppress(subprocess.CalledProcessError):
                _run("ip", "netns", "del", self._mark + name)

    def cut_off(self, number: int) -> None:
        """Let everything that is sent to a machine or by it vanish."""
        name = self._names[number]
        for there, dev, to in (
            ("edge", name, self.address(number)),
            (name, "up", self.caller(number)),
        ):
            self._ip(there, f"neigh replace {to} lladdr {NOBODY} dev {dev} nud permanent")

    def _join(self, name: str, dev: str, address: str) -> None:
        self._ip(name, f"addr add {address}/30 dev {dev}")
        self._ip(name, f"link set dev {dev} up")

    def _ip(self, name: str, words: str) -> None:
        _run("ip", "-n", self._mark + name, *words.split())


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def network(names: Sequence[str] = NAMES) -> Iterator[Folders]:
    """Namespaces where they may be made, else folders."""
    made = Network(names)
    try:
        made.make()
    except (subprocess.CalledProcessError, FileNotFoundError):
        made.close()
        yield Folders()
        return
    try:
        yield made
    finally:
        made.close()


class Edge(Nginx):
    """nginx with the files of deploy/nginx, before the web processes of all machines."""

    def __init__(self, folder: Path, net: Folders, ports: list[int]) -> None:
        self.net, self.web_ports = net, ports
        self.host = net.edge
        super().__init__(folder, ports)
        upstream = folder / "upstream.conf"
        text = upstream.read_text()
        for number, port in enumerate(ports):
            text = text.replace(f"127.0.0.1:{port} ", f"{net.address(number)}:{port} ")
        upstream.write_text(text)

    @property
    def command(self) -> list[str]:
        return [*self.net.inside("edge"), *super().command]


class Machine:
    """One of them: what it runs, and where."""

    def __init__(self, number: int, port: int, folder: Path, settings: dict[str, str]) -> None:
        self.name, self.number = NAMES[number], number
        self.folder = folder / self.name
        self.folder.mkdir()
        self.port = port
        self.env = House(self.folder, {**settings, "DATA_DIR": str(self.folder)}).env
        self.children: list[subprocess.Popen[bytes]] = []

    @property
    def static(self) -> Path:
        """Its collected files."""
        return self.folder / "static"


class Machines:
    """Both, the engines they share, and nginx before them."""

    def __init__(self, folder: Path, net: Folders) -> None:
        self.folder, self.net = folder, net
        ports = free_ports(len(NAMES))
        self.nginx = Edge(folder / "nginx", net, ports)
        self._engines: list[subprocess.Popen[bytes]] = []
        self.settings = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "PUBLIC_URL": self.nginx.url,
            "TRUSTED_PROXIES": ",".join({net.caller(number) for number in range(len(NAMES))}),
            "ALLOWED_ORIGINS": ",".join(
                f"http://{net.address(number)}:{port}" for number, port in enumerate(ports)
            ),
            "ALLOWED_HOSTS": ",".join({net.edge, *map(net.address, range(len(NAMES)))}),
            "LIMITS_SCALE": "1000",
            "METRICS_TOKEN": TOKEN,
            **self._start_engines(),
        }
        self.all = [
            Machine(number, port, folder, self.settings) for number, port in enumerate(ports)
        ]

    def url(self, number: int) -> str:
        """The address of the web process of a machine."""
        return f"http://{self.net.address(number)}:{self.all[number].port}"

    def lay_out_static(self) -> None:
        """Give each machine collected files of its own."""
        for machine in self.all:
            shutil.copytree(prepared() / "static", machine.static)

    def start(self) -> None:
        """Prepare one machine after the other, and start all that they run."""
        for machine in self.all:
            _run_manage(self.net, machine, "prepare")
            serve = ["-m", "config.serve", "--host", self.net.address(machine.number)]
            self._begin(machine, "web", [*serve, "--port", str(machine.port)])
            self._begin(machine, "clock", ["manage.py", "clock"])
        self.nginx.start()
        self.nginx.wait()
        for machine in self.all:
            wait_until(lambda at=machine.number: self._answers(at), machine.folder / "web.log")

    def cut_off(self, number: int) -> None:
        """Let a machine vanish; where there is no network, by the end of its processes."""
        if isinstance(self.net, Network):
            self.net.cut_off(number)
            return
        for child in self.all[number].children:
            child.send_signal(signal.SIGKILL)

    def figure(self, number: int, name: str) -> float:
        """The sum of a metric over its labels, as a machine's web process tells it."""
        told = httpx.get(
            f"{self.url(number)}/metrics/", headers={"Authorization": f"Bearer {TOKEN}"},
            trust_env=False, timeout=PATIENCE_S,
        )  # fmt: skip
        found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", told.text, re.MULTILINE)
        return sum(map(float, found))

    def close(self) -> None:
        """End everything."""
        # Kindly: the workers of an nginx that is killed would go on.
        if self.nginx.child:
            processes.stop(self.nginx.child)
        webs = [child for machine in self.all for child in machine.children]
        for child in (*webs, *self._engines):
            child.kill()
            child.wait()

    def _begin(self, machine: Machine, name: str, command: list[str]) -> None:
        log = machine.folder / f"{name}.log"
        whole = [*self.net.inside(machine.name), sys.executable, "-P", *command]
        machine.children.append(processes.start(whole, log=log, env=machine.env, cwd=ROOT))

    def _answers(self, number: int) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url(number)}/readyz/", timeout=5, trust_env=False).is_success
        return False

    def _start_engines(self) -> dict[str, str]:
        """Both Redis and, where the pair says so, MariaDB; returns the settings that name them."""
        bank, live, sql = free_ports(3)
        host = self.net.outside
        for port, settings in ((bank, engines.BANK_SETTINGS), (live, engines.LIVE_SETTINGS)):
            self._redis(port, settings)
        named = {
            "REDIS_BANK_URL": f"redis://{host}:{bank}/0",
            "REDIS_LIVE_URL": f"redis://{host}:{live}/0",
        }
        if PAIR != "real":
            tables = self.folder / "ringside.sqlite3"
            shutil.copy(prepared() / tables.name, tables)
            return {**named, "DATABASE_URL": f"sqlite:///{tables}"}
        door = self.folder / "sql.sock"
        options = ("--skip-networking=0", f"--port={sql}", f"--bind-address={host}")
        self._engines.append(engines.start_mariadb(self.folder / "sql", door, options))
        grant = "GRANT ALL ON ringside.* TO ringside@'%' IDENTIFIED BY 'word'"
        _run("mariadb", "--no-defaults", f"--socket={door}", "-uroot", "-e", grant)
        return {**named, "DATABASE_URL": f"mysql://ringside:word@{host}:{sql}/ringside"}

    def _redis(self, port: int, settings: dict[str, str]) -> None:
        place = self.folder / f"redis-{port}"
        place.mkdir()
        server = engines.redis_server() if PAIR == "real" else engines.valkey_server()
        command = [server, "--port", str(port), "--dir", str(place), "--maxmemory", "64mb"]
        command += ["--bind", self.net.outside, "--protected-mode", "no"]
        for name, value in settings.items():
            command += [f"--{name}", value]
        log = place.with_suffix(".log")
        self._engines.append(processes.start(command, log=log))

        def answers() -> bool:
            with suppress(redis.RedisError), redis.Redis(self.net.outside, port) as line:
                return bool(line.ping())
            return False

        wait_until(answers, log)


def _run_manage(net: Folders, machine: Machine, *command: str) -> None:
    whole = [*net.inside(machine.name), sys.executable, "-P", "manage.py", *command]
    told = subprocess.run(
        whole, env=machine.env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr


def wait_until(is_so: Callable[..., Any], log: Path) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, log.read_text()[-3000:] if log.exists() else log
        time.sleep(0.02)


@contextmanager
def machines_in(folder: Path) -> Iterator[Machines]:
    """Two machines under a folder, ended after; not started yet."""
    with ExitStack() as stack:
        made = Machines(folder, stack.enter_context(network()))
        stack.callback(made.close)
        yield made
