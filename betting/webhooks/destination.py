"""The way to a webhook's server: https, to public addresses alone, and no further.

The name is looked up once, every address it has must be allowed, and the connection goes to one of
those: a name that changes between look-up and connection changes nothing. No redirect is followed.
"""

import http.client
import os
import socket
import ssl
from contextlib import suppress
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from web.parsing import malformed

URL_CHARACTERS_MAX = 500
_NAT64 = IPv6Network("64:ff9b::/96")
# What IANA has given out of IPv6 for public addresses; all else is private, special or unused.
_UNICAST = IPv6Network("2000::/3")
# Special by IANA's registries, and global for the Python of some of those who run this.
_SPECIAL = [ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")]

Address = IPv4Address | IPv6Address


class NotAllowed(OSError):
    """The name leads to an address that webhooks may not reach."""


def read_url(text: str) -> str:
    """An address as it is kept. Raises Refused: malformed, for one that is not plain https."""
    why = _("It begins with https:// and holds no user, no password, no blank and no #.")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises for a port that is none.
    except ValueError:
        raise malformed("url", why) from None
    is_plain = parts.hostname and not (parts.username or parts.password or parts.fragment)
    is_ascii = text.isascii() and text.isprintable() and " " not in text
    if parts.scheme != "https" or not (is_plain and is_ascii) or len(text) > URL_CHARACTERS_MAX:
        raise malformed("url", why)
    return text


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body; returns the status. Raises OSError or HTTPException in time."""
    parts = urlsplit(url)
    connection = _Guarded(parts.hostname or "", parts.port or 443)
    # A server that answers one byte at a time would hold a thread for ever.
    timer = Timer(settings.WEBHOOK_TIMEOUT_S, connection.cut)
    timer.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        timer.cancel()
        connection.close()


class _Guarded(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int) -> None:
        self._tls = _trusted(os.environ.get("SSL_CERT_FILE", ""))
        self._is_late = False
        super().__init__(host, port, timeout=settings.WEBHOOK_TIMEOUT_S, context=self._tls)

    def connect(self) -> None:
        address = allowed_address(self.host, self.port)
        plain = socket.create_connection((address, self.port), timeout=self.timeout)
        # Kept before the handshake, so that a server that is slow at it can be cut off, too.
        secure = self._tls.wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = secure
        # It was cut off while there was nothing to cut.
        if self._is_late:
            raise TimeoutError("The name or the connection took too long.")
        secure.do_handshake()

    def cut(self) -> None:
        """End the connection from another thread; a reader gets an OSError, now or later."""
        self._is_late = True
        with suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


@cache
def _trusted(_file: str) -> ssl.SSLContext:
    """Whom the system trusts, read once: that takes longer than sending."""
    return ssl.create_default_context()


def allowed_address(host: str, port: int) -> str:
    """An address of a name, all of whose addresses are allowed. Raises NotAllowed, OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]) for info in found]
    for address in addresses:
        if not is_allowed(address):
            raise NotAllowed(f"{address} is private")
    return addresses[0]


def is_allowed(text: str) -> bool:
    """Whether webhooks may reach an address: a public one, or one of WEBHOOK_NETWORKS."""
    address = ip_address(text.partition("%")[0])
    if any(address in ip_network(network) for network in settings.WEBHOOK_NETWORKS):
        return True
    return all(map(_is_public, _ends(address)))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    is_special = any(address in network for network in _SPECIAL)
    return address.is_global and not (address.is_multicast or is_special)


def _ends(address: Address) -> list[Address]:
    """Where a connection to an address may end: what is made of it on the way, and itself."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFF_FFFF)]
    inside = (address.sixtofour, *(address.teredo or ()))
    return [address, *(each for each in inside if each is not None)]
