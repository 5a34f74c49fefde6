"""What deploy/ says is what the servers understand and what the house asks of them."""

import fnmatch
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher import engines, processes
from launcher.venv import PYTHON, ROOT, VERSION
from operations import checks
from operations.doctor.examination import examine
from operations.doctor.key_sample import Budget
from tests.deploy.proxied import HAS_NGINX, NGINX
from tests.servers import free_ports
from web.server import shutdown

# Once for both pairs: they start what they need themselves.
pytestmark = pytest.mark.server

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
HOUSE_NETWORK = COMPOSE["networks"]["house"]
OURS = ("prepare", "web-1", "web-2", "clock")
HAS_REDIS = bool(shutil.which("redis-server"))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What deploy/secrets makes."""
    folder = tmp_path_factory.mktemp("secrets") / "made"
    subprocess.run([DEPLOY / "secrets", folder], check=True)
    return folder


def run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env={**os.environ, **env}, cwd=ROOT, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
    )  # fmt: skip


# --- Secrets and settings


def settings_text() -> str:
    """The modules that read settings, as text."""
    return "".join(
        (ROOT / "config" / f"{name}.py").read_text() for name in ("settings", "databases")
    )


def test_it_makes_every_secret_once_and_keeps_it(secrets: Path) -> None:
    made = {path.name: path.read_text() for path in secrets.iterdir()}
    named = {name: Path(file["file"]).name for name, file in COMPOSE["secrets"].items()}
    assert set(named.values()) <= set(made)
    subprocess.run([DEPLOY / "secrets", secrets], check=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == made
    assert secrets.stat().st_mode & 0o077 == 0
    assert len(set(made.values())) == len(made)


def test_the_house_accepts_the_environment_of_each_service(secrets: Path, tmp_path: Path) -> None:
    source = settings_text()
    for service in OURS:
        named = SERVICES[service]["environment"]
        for name in named:
            assert f'"{name.removesuffix("_FILE")}"' in source, f"{service}: nobody reads {name}"
    env = {
        name: value.replace("/run/secrets", str(secrets)).replace(
            "${PUBLIC_URL:?the address that people type, as https://play.example.org}",
            "https://play.example.org",
        )
        for name, value in SERVICES["web-1"]["environment"].items()
    }
    engines_named = dict.fromkeys(
        ("SECRET_KEY", "DATABASE_URL", "REDIS_BANK_URL", "REDIS_LIVE_URL"), ""
    )
    told = run(
        PYTHON, "manage.py", "check", "--deploy", "--tag", "security", "--tag", "engines",
        **{**engines_named, **env, "DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    # Nobody answers under those names here; everything else is as it must be.
    warned = set(re.findall(r"\((\w+\.\w+)\)", told.stdout))
    assert warned <= {"ringside.W001", "ringside.W002", "ringside.W003"}, told.stdout
    assert told.returncode == 0, told.stdout


# --- Containers


def test_every_container_is_hardened_and_looked_after() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        assert service["image"] == "ringside" or re.search(r":\d", service["image"]), name
        if name not in ("prepare", "clock"):
            assert service["healthcheck"]["test"], name
        if name != "prepare":
            assert "mem_limit" in service, name
    assert HOUSE_NETWORK["internal"] is True
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["nginx"]
    # Whoever is not on this machine comes in by http and https.
    ports = [port for port in SERVICES["nginx"]["ports"] if not port.startswith("127.0.0.1:")]
    assert ports == ["80:80", "443:443"]


def test_nginx_calls_the_web_processes_and_is_believed() -> None:
    def address(name: str) -> str:
        found: str = SERVICES[name]["networks"]["house"]["ipv4_address"]
        return found

    text = (DEPLOY / "nginx" / "upstream-compose.conf").read_text()
    called = re.findall(r"server ([\d.]+):8000", text)
    assert called == [address("web-1"), address("web-2")] * 2
    assert SERVICES["web-1"]["environment"]["TRUSTED_PROXIES"] == address("nginx")
    [given_out] = [ip_network(net["ip_range"]) for net in HOUSE_NETWORK["ipam"]["config"]]
    fixed = [ip_address(address(name)) for name in ("nginx", "web-1", "web-2")]
    assert not [found for found in fixed if found in given_out]


def test_every_file_that_is_mounted_or_copied_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE)[-1] == "10001"
    assert not re.search(r"^FROM [^:\s]+(:latest)?( |$)", dockerfile, re.MULTILINE)
    (entry,) = re.findall(r'^ENTRYPOINT \["/srv/ringside/(.+)"\]$', dockerfile, re.MULTILINE)
    assert os.access(ROOT / entry, os.X_OK)
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        for source in sources.split():
            assert source == "." or list(ROOT.glob(source)), source


def test_the_image_says_what_it_is_and_looks_after_its_health(tmp_path: Path) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"ARG VERSION={VERSION}\n" in dockerfile
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", dockerfile))
    assert labels >= {"title", "version", "revision", "licenses"}
    assert 'CMD ["/srv/ringside/deploy/health"]' in dockerfile
    another, web = tmp_path / "clock", tmp_path / "web"
    another.write_text("python\0manage.py\0clock")
    web.write_text("python\0-m\0config.serve")
    (port,) = free_ports(1)
    assert run(DEPLOY / "health", another, PORT=str(port)).returncode == 0
    assert run(DEPLOY / "health", web, PORT=str(port)).returncode != 0, "nobody answers there"


@pytest.mark.long
def test_the_image_has_everything_it_needs(tmp_path: Path) -> None:
    root = tmp_path / "srv"
    hidden = (ROOT / ".dockerignore").read_text().split()

    def ignored(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(ROOT)
        return {name for name in names if _is_hidden(str(here / name), hidden)}

    shutil.copytree(ROOT, root, ignore=ignored)
    (root / ".venv").symlink_to(ROOT / ".venv")
    env = {"SECRET_KEY": "x" * 50, "DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": ""}
    env |= {
        "STATIC_ROOT": str(root / "static-collected"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/x",
    }
    command = [root / "deploy" / "entry", "collectstatic", "--no-input", "--verbosity", "0"]
    told = run(*command, **env)
    assert told.returncode == 0, told.stdout
    assert len(list((root / "static-collected").glob("staticfiles.*.json"))) == 1
    load = "import config.asgi, config.serve; print(config.asgi.__file__)"
    told = subprocess.run(
        [PYTHON, "-c", load], cwd=root, env={**os.environ, **env}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert told.stdout.strip() == str(root / "config" / "asgi.py"), told.stderr


def _is_hidden(name: str, patterns: list[str]) -> bool:
    parts = name.split("/")
    for pattern in patterns:
        if pattern.startswith("**/"):
            if any(fnmatch.fnmatch(part, pattern[3:]) for part in parts):
                return True
        elif name == pattern or name.startswith(f"{pattern}/"):
            return True
    return False


# --- The servers


@contextmanager
def redis(role: str, folder: Path, secrets: Path) -> Iterator[str]:
    """A server as its container starts it; gives its URL."""
    door = folder / f"{role}.sock"
    data = folder / role
    data.mkdir(parents=True, exist_ok=True)
    command = [DEPLOY / "entry", role, "--port", "0", "--unixsocket", door, "--aclfile"]
    command.append(secrets / "redis_users")
    env = {**os.environ, "DATA_DIR": str(data)}
    child = processes.start([str(w) for w in command], log=folder / f"{role}.log", env=env)
    try:
        deadline = time.monotonic() + 60
        while not engines.answers(door):
            said = (folder / f"{role}.log").read_text()
            assert child.poll() is None and time.monotonic() < deadline, said
            time.sleep(0.02)
        yield f"unix://:{(secrets / 'redis_password').read_text()}@{door}"
    finally:
        processes.stop(child)


@pytest.mark.skipif(not HAS_REDIS, reason="redis-server is not installed")
@pytest.mark.django_db
def test_the_doctor_finds_both_redis_well(secrets: Path, tmp_path: Path, settings: Any) -> None:
    with redis("bank", tmp_path, secrets) as bank, redis("live", tmp_path, secrets) as live:
        settings.REDIS_BANK_URL, settings.REDIS_LIVE_URL = bank, live
        found = examine(Budget(keys=100, seconds=1))
        assert {each.instance.role for each in found.examined} == {"bank", "live"}
        assert found.findings == []
        assert checks.check_bank() == checks.check_live() == []
        door = tmp_path / "bank.sock"
        ask = ["redis-cli", "-s", str(door), "-e", "--no-auth-warning"]
        health = SERVICES["bank"]["healthcheck"]["test"][3:]
        assert run(*ask, *health).stdout.strip() == "PONG"
        assert "NOPERM" in run(*ask, "--user", "health", "--pass", "-", "dbsize").stdout
        assert "NOAUTH" in run(*ask, "ping").stdout


@pytest.mark.skipif(not HAS_REDIS, reason="redis-server is not installed")
def test_the_bank_starts_from_a_torn_file_and_says_what_was_cut(
    secrets: Path, tmp_path: Path
) -> None:
    password = (secrets / "redis_password").read_text()
    ask = ["redis-cli", "-s", str(tmp_path / "bank.sock"), "-a", password, "--no-auth-warning"]
    with redis("bank", tmp_path, secrets):
        assert run(*ask, "set", "kept", "1").stdout.strip() == "OK"
        assert run(*ask, "set", "torn", "1").stdout.strip() == "OK"
        pid = re.search(r"process_id:(\d+)", run(*ask, "info", "server").stdout)
        assert pid
        os.kill(int(pid[1]), signal.SIGKILL)
    (file,) = (tmp_path / "bank" / "appendonlydir").glob("*.incr.aof")
    os.truncate(file, file.stat().st_size - 5)
    with redis("bank", tmp_path, secrets):
        assert run(*ask, "get", "kept").stdout.strip() == "1"
        assert run(*ask, "get", "torn").stdout.strip() == ""
    told = (tmp_path / "bank.log").read_text()
    assert "were cut off" in told and "an untouched copy lies in" in told


@pytest.mark.skipif(not shutil.which("mariadbd"), reason="MariaDB is not installed")
@pytest.mark.parametrize(
    ("file", "must"),
    [
        ("ringside", {
            "innodb-flush-log-at-trx-commit": "1", "sync-binlog": "1",
            "collation-server": "utf8mb4_bin", "transaction-isolation": "READ-COMMITTED",
        }),
        ("primary", {
            "rpl-semi-sync-master-enabled": "TRUE", "rpl-semi-sync-slave-enabled": "FALSE",
            "rpl-semi-sync-master-wait-point": "AFTER_SYNC", "read-only": "FALSE",
        }),
        ("replica", {
            "rpl-semi-sync-slave-enabled": "TRUE", "read-only": "TRUE", "log-slave-updates": "TRUE",
        }),
    ],
)  # fmt: skip
def test_mariadb_understands_its_files(file: str, must: dict[str, str]) -> None:
    path = DEPLOY / "mariadb" / f"{file}.cnf"
    told = run("mariadbd", f"--defaults-file={path}", "--help", "--verbose")
    assert told.returncode == 0, told.stdout[-2000:]
    values = dict(line.split(None, 1) for line in told.stdout.splitlines() if len(line.split()) > 1)
    assert {name: values[name].strip() for name in must} == must


@pytest.mark.skipif(not HAS_NGINX, reason="nginx is not installed")
def test_nginx_understands_the_addresses_of_the_containers(tmp_path: Path) -> None:
    template = (DEPLOY / "nginx" / "public-url.conf.template").read_text()
    made = tmp_path / "public-url.conf"
    made.write_text(template.replace("${PUBLIC_URL}", "https://play.example.org"))
    upstream = (DEPLOY / "nginx" / "upstream-compose.conf").read_text()
    upstream = upstream.replace("/tmp/public-url.conf", str(made))  # noqa: S108
    code = "map $uri $room_code { default AB2CD3; }"
    text = f"events {{}}\npid {tmp_path}/pid;\nhttp {{ {code} {upstream} }}\n"
    (tmp_path / "nginx.conf").write_text(text)
    told = run(NGINX, "-t", "-c", str(tmp_path / "nginx.conf"))
    assert told.returncode == 0, told.stdout


# --- systemd


def test_nginx_starts_under_the_unit_of_debian() -> None:
    (change,) = re.findall(r"^sed '(.+)'", (ROOT / "docs" / "deploying.md").read_text(), re.M)
    changed = run("sed", change, DEPLOY / "nginx" / "nginx.conf").stdout
    assert "\npid /run/nginx.pid;\n" in changed and "/dev/stdout" not in changed
    assert re.findall(r"^ +access_log (\S+) (\S+);", changed, re.M) == [
        ("syslog:server=unix:/dev/log", "without_query")
    ]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").glob("ringside*"):
        text = unit.read_text().replace("/opt/ringside", str(ROOT))
        (tmp_path / unit.name).write_text(text)
    shutil.copy(tmp_path / "ringside-web@.service", tmp_path / "ringside-web@8001.service")
    names = ["web@8001.service", "clock.service", "prepare.service", "bank.service"]
    names += ["live.service", "bank-node.service", "sentinel.service"]
    told = run("systemd-analyze", "verify", *(str(tmp_path / f"ringside-{n}") for n in names))
    ours = [line for line in told.stdout.splitlines() if "ringside" in line]
    assert not ours, told.stdout


def test_a_web_process_tells_systemd_that_it_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        shutdown.tell_supervisor("READY=1")
        assert ear.recv(64) == b"READY=1"
    monkeypatch.delenv("NOTIFY_SOCKET")
    shutdown.tell_supervisor("READY=1")


def test_the_environment_of_the_units_is_what_the_settings_read() -> None:
    source = settings_text()
    lines = (DEPLOY / "systemd" / "ringside.env").read_text().splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert len(names) == 8
    for name in names:
        assert f'"{name}"' in source, name
