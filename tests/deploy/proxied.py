"""A house as it stands in production: nginx of deploy/ in front of two web processes, over TLS.

Engines, clock and database are those of a house; the web processes listen each on a port of its
own, so that one can be restarted while the other serves.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from launcher import processes
from launcher.venv import ROOT
from tests.servers import House, free_ports, house_in

CONFIGURATION = ROOT / "deploy" / "nginx"
START_TIMEOUT_S = 30
UPSTREAMS = 2
# A server lies where an ordinary user's PATH does not look.
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
HAS_NGINX = Path(NGINX).exists()


class Nginx:
    """nginx with the configuration of deploy/nginx, on ports and with a certificate of its own."""

    child: subprocess.Popen[bytes] | None = None
    host = "127.0.0.1"

    def __init__(self, folder: Path, web_ports: list[int], room_sockets_max: int = 2500) -> None:
        self.folder = folder
        self.plain_port, self.port, self.figures_port = free_ports(3)
        self.url = f"https://{self.host}:{self.port}"
        self._write(web_ports, room_sockets_max)

    @property
    def trust(self) -> ssl.SSLContext:
        """What makes a client believe the certificate."""
        return ssl.create_default_context(cafile=str(self.folder / "tls" / "fullchain.pem"))

    def start(self) -> None:
        """Start, without waiting."""
        self.child = processes.start(
            [*self.command, "-g", "daemon off;"], log=self.folder / "nginx.log"
        )

    def wait(self) -> None:
        """Wait until somebody answers at the door."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not _listens(self.host, self.port):
            assert self.child and self.child.poll() is None, (self.folder / "nginx.log").read_text()
            assert time.monotonic() < deadline, "nginx did not start"
            time.sleep(0.02)

    @property
    def command(self) -> list[str]:
        """nginx on our folder; with -t it only reads its configuration."""
        return [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def _write(self, web_ports: list[int], room_sockets_max: int) -> None:
        tls = self.folder / "tls"
        tls.mkdir(parents=True)
        text = (CONFIGURATION / "nginx.conf").read_text()
        user = "user root;\n" if os.geteuid() == 0 else ""
        changes = {
            "listen 80 ": f"listen {self.host}:{self.plain_port} ",
            "listen 443 ": f"listen {self.host}:{self.port} ",
            "/tmp/ringside-nginx": f"{self.folder}/run",  # noqa: S108
            "worker_rlimit_nofile 65536;": user,
            "worker_processes auto;": "worker_processes 1;",
        }
        for there, here in changes.items():
            assert there in text, f"nginx.conf holds no {there!r}"
            text = text.replace(there, here)
        (self.folder / "nginx.conf").write_text(text)
        upstream = (CONFIGURATION / "upstream.conf").read_text()
        assert "https://play.example.org" in upstream
        upstream = upstream.replace("https://play.example.org", self.url)
        upstream = _with_servers(upstream, web_ports)
        assert upstream.count("max_conns=2500") == len(web_ports)
        upstream = upstream.replace("max_conns=2500", f"max_conns={room_sockets_max}")
        (self.folder / "upstream.conf").write_text(upstream + self._figures())
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", f"/CN={self.host}", "-addext",
             f"subjectAltName=IP:{self.host}", "-keyout", str(tls / "privkey.pem"),
             "-out", str(tls / "fullchain.pem")],
            check=True, capture_output=True,
        )  # fmt: skip

    def _figures(self) -> str:
        """The door of the containers' nginx for Prometheus."""
        text = (CONFIGURATION / "upstream-compose.conf").read_text()
        assert "listen 8001;" in text
        door = text[text.index("server {") :]
        return door.replace("listen 8001;", f"listen 127.0.0.1:{self.figures_port};")


def _with_servers(upstream: str, ports: list[int]) -> str:
    """The upstreams with as many servers as there are ports."""
    upstream = re.sub(r".*127\.0\.0\.1:8002 .*\n", "", upstream)
    lines = re.findall(r".*127\.0\.0\.1:8001 .*\n", upstream)
    assert len(lines) == UPSTREAMS
    for line in lines:
        servers = "".join(line.replace("8001", str(port)) for port in ports)
        upstream = upstream.replace(line, servers)
    return upstream


class Web:
    """One web process that listens by itself, as a systemd unit or a container runs it."""

    child: subprocess.Popen[bytes] | None = None

    def __init__(self, house: House, env: dict[str, str], port: int) -> None:
        self.house, self.env, self.port = house, env, port
        self.log = house.data_dir / "logs" / f"web-{port}.log"

    def start(self) -> None:
        """Start, without waiting."""
        command = [sys.executable, "-P", "-m", "config.serve", "--port", str(self.port)]
        self.child = processes.start(command, log=self.log, env=self.env, cwd=ROOT)

    def wait(self) -> None:
        """Wait until it answers."""
        self.house.wait_until(self._answers, START_TIMEOUT_S)

    async def restart(self) -> None:
        """End it as a supervisor does, wait for its end, and start the next one.

        Not in another thread: a child ends with the thread that started it.
        """
        assert self.child is not None
        self.child.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(self.child.wait, START_TIMEOUT_S) == 0, self.log.read_text()
        self.start()
        await asyncio.to_thread(self.wait)

    def _answers(self) -> bool:
        assert self.child and self.child.poll() is None, self.log.read_text()[-3000:]
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz/", timeout=1).is_success
        except httpx.TransportError:
            return False


class Proxied:
    """nginx, the house behind it, and the two web processes between."""

    def __init__(self, nginx: Nginx, house: House, webs: list[Web]) -> None:
        self.nginx, self.house, self.webs = nginx, house, webs


@contextmanager
def proxied_in(
    folder: Path, *, webs_count: int = 2, room_sockets_max: int = 2500, **settings: str
) -> Iterator[Proxied]:
    """Everything of it, stopped afterwards."""
    web_ports = free_ports(webs_count)
    nginx = Nginx(folder / "nginx", web_ports, room_sockets_max)
    told = {"PUBLIC_URL": nginx.url, "TRUSTED_PROXIES": "127.0.0.1", **settings}
    with house_in(folder, options=("--no-demo",), **told) as house:
        chosen = json.loads((house.data_dir / "running.json").read_text())["settings"]
        env = {**house.env, **chosen, "DATA_DIR": str(house.data_dir)}
        webs = [Web(house, env, port) for port in web_ports]
        try:
            for each in (*webs, nginx):
                each.start()
            for each in (*webs, nginx):
                each.wait()
            yield Proxied(nginx, house, webs)
        finally:
            for each in (nginx, *webs):
                if each.child:
                    processes.stop(each.child)


def _listens(host: str, port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex((host, port)) == 0
