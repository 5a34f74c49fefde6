"""deploy/three-machines: the services as they are written, run on three machines of a network."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher import processes
from launcher.venv import ROOT
from tests.deploy.proxied import HAS_NGINX, NGINX
from tests.servers import prepared
from tests.wide.machines import Folders, network, wait_until

pytestmark = pytest.mark.server

DEPLOY = ROOT / "deploy"
FOLDER = DEPLOY / "three-machines"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
NAMES = ("a", "b", "c")
RUN = {"a": ("bank", "live", "sentinel"), "b": ("bank", "live-replica", "sentinel"),
       "c": ("bank", "sentinel")}  # fmt: skip
VARIABLE = re.compile(r"\$\{(\w+)(?::[?-][^}]*)?\}")


def told(*command: str | Path, env: dict[str, str]) -> str:
    """What a command says; fails with it."""
    done = subprocess.run(
        command, env={**os.environ, **env}, cwd=ROOT, text=True, check=False, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


class Three:
    """The machines, and what is started on them as the compose file says."""

    def __init__(self, folder: Path, net: Folders) -> None:
        self.folder, self.net = folder, net
        self.addresses = dict(zip(NAMES, map(net.address, range(len(NAMES))), strict=True))
        self.given = {name.upper(): address for name, address in self.addresses.items()}
        self.secrets = folder / "secrets"
        told(DEPLOY / "secrets", self.secrets, env=self.given)
        self.password = (self.secrets / "redis_password").read_text()
        self.tables = folder / "ringside.sqlite3"
        shutil.copy(prepared() / "ringside.sqlite3", self.tables)
        self.children: list[subprocess.Popen[bytes]] = []

    def fill(self, text: str, name: str, data: Path) -> str:
        """A word of the compose file as it is on a machine, its volumes being a folder."""
        known = {**self.given, "HERE": self.addresses[name], "ALLOWED_HOSTS": self.addresses[name],
                 "PUBLIC_URL": "https://play.example.org"}  # fmt: skip
        text = VARIABLE.sub(lambda found: known[found[1]], text)
        return text.replace("/run/secrets", str(self.secrets)).replace("/data", str(data))

    def command(self, name: str, service: str, *instead: str) -> tuple[list[str], dict[str, str]]:
        """How a service is run on a machine, or another command in its place."""
        kept = service if service in ("bank", "sentinel", "live", "live-replica") else "machine"
        data = self.folder / name / kept
        data.mkdir(parents=True, exist_ok=True)
        asked = SERVICES[service]
        words = [self.fill(word, name, data) for word in instead or asked.get("command", ["web"])]
        given = {
            key: self.fill(value, name, data) for key, value in asked.get("environment", {}).items()
        }
        env = {"DATA_DIR": str(data), **given}
        if service in ("bank", "live", "live-replica"):
            env["DATA_DIR"] = str(data)
            words += ["--aclfile", str(self.secrets / "redis_users")]
        if kept == "machine":
            # The database is that of the tests; its address of the compose file is read elsewhere.
            env |= {
                "DATABASE_URL": f"sqlite:///{self.tables}",
                "SECRET_KEY": "",
                "DATABASE_URL_FILE": "",
            }
            env |= {"REDIS_BANK_URL": "", "REDIS_LIVE_URL": ""}
        return [*self.net.inside(name), str(DEPLOY / "entry"), *words], env

    def start(self, name: str, service: str) -> Path:
        """Start a service; returns its log."""
        command, env = self.command(name, service)
        log = self.folder / f"{name}-{service}.log"
        self.children.append(processes.start(command, log=log, env={**os.environ, **env}, cwd=ROOT))
        return log

    def run(self, name: str, *words: str) -> str:
        """A command of manage.py on a machine."""
        command, env = self.command(name, "prepare", *words)
        return told(*command, env=env)

    def answers(self, name: str, port: int) -> bool:
        """Whether the server at a port of a machine answers."""
        ask = ["redis-cli", "-h", self.addresses[name], "-p", str(port), "ping"]
        done = subprocess.run([*self.net.inside(name), *ask], capture_output=True, check=False)
        return b"PONG" in done.stdout or b"NOAUTH" in done.stdout

    def ask(self, port: int, *words: str) -> str:
        """Ask a server of the first machine."""
        sign_in = ["-a", self.password, "--no-auth-warning"] if port != 26379 else []
        where = ["-h", self.addresses["a"], "-p", str(port), *sign_in]
        return told(*self.net.inside("a"), "redis-cli", *where, *words, env={})

    def close(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    if not (shutil.which("redis-server") and shutil.which("redis-cli")):
        pytest.skip("redis-server is not installed")
    with ExitStack() as stack:
        net = stack.enter_context(network(NAMES))
        if not net.is_network:
            pytest.skip("network namespaces may not be made here")
        made = Three(tmp_path_factory.mktemp("three"), net)
        stack.callback(made.close)
        for name in NAMES:
            for service in RUN[name]:
                made.start(name, service)
        for name, port in (*((name, 6379) for name in NAMES), ("a", 6380), ("b", 6380)):
            wait_until(
                lambda name=name, port=port: made.answers(name, port),
                made.folder / f"{name}-bank.log",
            )
        yield made


def test_three_machines_are_set_up_as_the_document_says(three: Three) -> None:
    text = (ROOT / "docs" / "deploying.md").read_text()
    (create,) = re.findall(r"docker compose exec bank (redis-cli --cluster create .+)", text)
    for number, name in enumerate(NAMES):
        create = create.replace(f"10.0.0.{number + 11}", three.addresses[name])
    create = create.replace("PASSWORD", three.password)
    told(*three.net.inside("a"), *create.split(), env={})
    wait_until(
        lambda: "cluster_state:ok" in three.ask(6379, "CLUSTER", "INFO"),
        three.folder / "a-bank.log",
    )
    wait_until(lambda: "num-other-sentinels\n2" in three.ask(26379, "SENTINEL", "MASTER", "live"),
               three.folder / "a-sentinel.log")  # fmt: skip
    ask = ["redis-cli", "-h", three.addresses["b"], "-p", "6380", "-a", three.password, "INFO"]
    wait_until(
        lambda: "master_link_status:up" in told(*three.net.inside("b"), *ask, env={}),
        three.folder / "b-live-replica.log",
    )
    # The second machine is the first to come: nothing hangs on an order.
    assert "stays shut" not in three.run("b", "prepare")
    found = three.run("b", "check", "--deploy", "--tag", "security", "--tag", "engines")
    assert "no issues" in found, found
    examined = three.run("b", "redis_doctor")
    assert all(f"bank {address}:6379" in examined for address in three.addresses.values())
    log = three.start("b", "web-1")
    command, env = three.command("b", "web-1")
    cmdline = three.folder / "web"
    cmdline.write_text("python\0-m\0config.serve")
    health = [*three.net.inside("b"), str(DEPLOY / "health"), str(cmdline)]
    wait_until(
        lambda: (
            not subprocess.run(health, env={**os.environ, **env}, capture_output=True).returncode
        ),
        log,
    )


# --- The files themselves


def test_every_container_is_hardened_and_only_nginx_is_published() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert name == "prepare" or "mem_limit" in service, name
        assert name in ("prepare", "clock") or service["healthcheck"]["test"], name
        # What is no container of our image lies on the machine's own address alone.
        assert name == "nginx" or service["network_mode"] == "host", name
        assert "ports" not in service or name == "nginx"
        for secret in service.get("secrets", []):
            assert secret in COMPOSE["secrets"], secret
    assert SERVICES["nginx"]["ports"] == ["80:80", "443:443"]
    for name in ("bank", "live", "live-replica", "sentinel"):
        assert SERVICES[name]["command"][1:3] == ["--bind", "${HERE:?}"], name


def test_every_file_that_is_mounted_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.replace("${COMPOSE_PROFILES:-primary}", "replica").partition(":")[0]
            if source.startswith("."):
                assert (FOLDER / source).exists(), source


def test_the_kernel_is_told_the_same_in_a_container_and_on_a_machine() -> None:
    lines = (DEPLOY / "sysctl" / "ringside-nginx.conf").read_text().splitlines()
    ours = dict(line.split(" = ") for line in lines if not line.startswith("#"))
    told_there = {key: str(value) for key, value in SERVICES["nginx"]["sysctls"].items()}
    assert ours.items() <= told_there.items()


@pytest.mark.skipif(not HAS_NGINX, reason="nginx is not installed")
def test_nginx_understands_the_addresses_of_three_machines(tmp_path: Path) -> None:
    given = {
        "A": "10.0.0.11",
        "B": "10.0.0.12",
        "C": "10.0.0.13",
        "PUBLIC_URL": "https://a.example",
    }
    text = VARIABLE.sub(
        lambda found: given[found[1]], (FOLDER / "servers.conf.template").read_text()
    )
    assert re.findall(r"server (\S+) ", text) == 2 * [
        f"10.0.0.{machine}:{port}" for machine in (11, 12, 13) for port in (8001, 8002)
    ]
    code = "map $uri $room_code { default AB2CD3; }"
    (tmp_path / "nginx.conf").write_text(
        f"events {{}}\npid {tmp_path}/pid;\nhttp {{ {code} {text} }}\n"
    )
    told(NGINX, "-t", "-c", str(tmp_path / "nginx.conf"), env={})
