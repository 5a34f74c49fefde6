"""The listening socket, and the addresses that people are told.

Standard library only.
"""

import errno
import ipaddress
import json
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from launcher.words import gettext as _
from launcher.words import language

# Enough for the largest frame; a slow reader must be felt in the process, not in the kernel.
SEND_BUFFER_BYTES = 32 * 1024
BACKLOG = 2048
DEFAULT_PORT = 8000
PORT_MAX = 65_535


class CannotListen(RuntimeError):
    """A host, a port or a certificate cannot be used here; the message says why."""


class PortTaken(CannotListen):
    """Another program listens there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Host and port we listen on, and the names people may call it by."""

    host: str
    port: int
    is_tls: bool

    @property
    def local_url(self) -> str:
        """The address for this machine itself."""
        return self._url("127.0.0.1" if self._is_everywhere else self.host)

    @property
    def lan_url(self) -> str | None:
        """The address for phones in the same network, or None when only we can call."""
        if self._is_everywhere:
            host = lan_host()
            return self._url(host) if host else None
        return None if is_loopback(self.host) else self._url(self.host)

    @property
    def public_url(self) -> str:
        """The address pages are told to be at, unless PUBLIC_URL says otherwise."""
        return self.lan_url or self.local_url

    @property
    def loopback_urls(self) -> list[str]:
        """What this machine's own browser may call it."""
        return [self._url(name) for name in ("127.0.0.1", "localhost")]

    @property
    def _is_everywhere(self) -> bool:
        return self.host in ("0.0.0.0", "::")  # noqa: S104

    def _url(self, host: str) -> str:
        name = f"[{host}]" if ":" in host else host
        return f"{'https' if self.is_tls else 'http'}://{name}:{self.port}"


def listen(host: str, port: int | None) -> socket.socket:
    """Make the listening socket; without a port 8000 or, if that is taken, the next free one.

    Workers inherit it, so connections made while one restarts wait instead of failing.
    """
    if port is not None:
        return _listen_at(host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + 20):
        try:
            return _listen_at(host, candidate)
        except PortTaken:
            continue
    raise PortTaken(
        _("The ports %(first)d to %(last)d are taken; choose --port N.")
        % {"first": DEFAULT_PORT, "last": DEFAULT_PORT + 19}
    )


def _listen_at(host: str, port: int) -> socket.socket:
    # The resolver would take 99999 for 34463.
    if not 0 <= port <= PORT_MAX:
        raise CannotListen(
            _("--port takes a number from 0 to %(most)d, not %(port)d.")
            % {"most": PORT_MAX, "port": port}
        )
    try:
        family, kind, protocol, _name, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as problem:
        raise CannotListen(
            _("--host %(host)s is no address of this machine.") % {"host": host}
        ) from problem
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listener.bind(where)
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        why = PortTaken if problem.errno == errno.EADDRINUSE else CannotListen
        raise why(
            _("Cannot listen on %(host)s port %(port)d: %(why)s.")
            % {"host": host, "port": port, "why": problem.strerror}
        ) from problem
    return listener


def try_certificate(cert: Path, key: Path) -> None:
    """Read a certificate and its key as the server will. Raises CannotListen."""
    for path in (cert, key):
        try:
            path.open("rb").close()
        except OSError as problem:
            raise CannotListen(
                _("%(path)s cannot be read: %(why)s.") % {"path": path, "why": problem.strerror}
            ) from problem
    try:
        # Nobody could type the password of a key into a server.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except ssl.SSLError as problem:
        raise CannotListen(
            _(
                "%(cert)s and %(key)s are no certificate and its own key, without a password, as"
                " PEM: %(why)s."
            )
            % {"cert": cert, "key": key, "why": problem}
        ) from problem


def is_loopback(host: str) -> bool:
    """Whether only this machine can call an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def lan_host() -> str | None:
    """This machine's address in its network; asks the routing table and sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        try:
            asker.connect(("192.0.2.1", 9))
        except OSError:
            return None
        host: str = asker.getsockname()[0]
    return None if is_loopback(host) else host


def why_not_ready(address: Address, timeout_s: float = 3) -> str | None:
    """Ask /readyz/; None when it answers 200, else the reason in words."""
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    # The environment may name a proxy, which must not stand between us and our own server.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
    )
    try:
        asked = urllib.request.Request(f"{address.local_url}/readyz/")  # noqa: S310
        asked.add_header("Accept-Language", language())
        opener.open(asked, timeout=timeout_s).close()
    except urllib.error.HTTPError as refused:
        return _reason(refused.read())
    except (OSError, ValueError) as problem:
        return _("no answer yet (%(why)s)") % {"why": problem}
    return None


def _reason(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return body[:200].decode(errors="replace").strip()


def show_qr(python: Path, url: str) -> None:
    """Draw a QR of an address in the terminal."""
    subprocess.run([str(python), "-m", "segno.cli", "--compact", url], check=False)
