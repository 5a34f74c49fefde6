"""Where a request comes from: whose forwarded address counts, and what one network is."""

import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.http import HttpRequest

from web.asgi_types import Application, Receive, Scope, Send

# How a peer on a Unix socket is written in TRUSTED_PROXIES and in the log.
UNIX = "unix"
_NETWORK_BITS = 64
# How a server that listens on both kinds of addresses writes an IPv4 peer.
_MAPPED = "::ffff:"


# A hop as proxies write it: bare, in quotes, after "for=", IPv6 in brackets, written out or with a
# zone, and either with the client's port behind it.
_HOP = re.compile(
    r"""\s*(?:for=)?"?(?:\[(?P<v6>[0-9a-f:.]+)(?:%[^\]]*)?\](?::\d*)?"""
    r"""|(?P<whole>(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4})(?::\d+)?"""
    r"""|(?P<v4>\d+\.\d+\.\d+\.\d+)(?::\d*)?|(?P<bare>[0-9a-f:.]+)(?:%[\w.-]*)?)"?\s*""",
    re.ASCII | re.IGNORECASE,
)

log = logging.getLogger(__name__)


def _read(address: str) -> IPv4Address | IPv6Address:
    """Read an address; an IPv4 one that is written as IPv6 is the IPv4 one."""
    found = ip_address(address)
    return getattr(found, "ipv4_mapped", None) or found


def read_hop(hop: str) -> str:
    """Read the address out of one hop of X-Forwarded-For, whatever stands around it.

    A peer on a Unix socket, "unix:" of nginx, is UNIX. Raises ValueError for what holds no address,
    such as "unknown".
    """
    if hop.strip(' "') == f"{UNIX}:":
        return UNIX
    found = _HOP.fullmatch(hop)
    if found is None:
        raise ValueError(hop)
    return str(_read(found["v6"] or found["whole"] or found["v4"] or found["bare"]))


@lru_cache(maxsize=64)
def _warn_of(peer: str, hop: str) -> None:
    """Say once that a proxy writes what cannot be read: everybody behind it counts as one."""
    log.warning(
        "The proxy at %s writes %.60r into X-Forwarded-For, which is no address: "
        "whoever comes through it counts as one address.", peer, hop,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _networks(listed: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in listed if text != UNIX)


def is_among(address: str, listed: tuple[str, ...]) -> bool:
    """Whether an address, or the word unix, belongs to these addresses and networks."""
    if address == UNIX:
        return UNIX in listed
    try:
        found = _read(address)
    except ValueError:
        return False
    return any(found in network for network in _networks(listed))


def client_address(peer: str, forwarded: Iterable[str], trusted: Iterable[str]) -> str:
    """The address that counts, read from the right of X-Forwarded-For.

    `peer` is who opened the connection; only while the last known hop is one of `trusted` is
    the hop before it believed. So what a stranger writes into the header changes nothing.
    """
    trust = tuple(trusted)
    address = peer.removeprefix(_MAPPED) if "." in peer else peer or UNIX
    hops = [hop.strip() for line in forwarded for hop in line.split(",") if hop.strip()]
    while hops and is_among(address, trust):
        hop = hops.pop()
        try:
            found = read_hop(hop)
            if found == UNIX and UNIX not in trust:
                raise ValueError(hop)
        except ValueError:
            # A proxy that writes nonsense is not believed any further.
            _warn_of(address, hop)
            break
        address = found
    return address


def network(address: str) -> str:
    """What limits are counted for: an IPv4 address, or the /64 an IPv6 address belongs to."""
    try:
        found = _read(address)
    except ValueError:
        return address or UNIX
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(ip_network((found, _NETWORK_BITS), strict=False))


def of(request: HttpRequest) -> str:
    """The address of a request; the middleware `Forwarded` has already found the right one."""
    return str(request.META.get("REMOTE_ADDR") or UNIX)


class Forwarded:
    """ASGI middleware, outside of Django: sets the address that counts and the public scheme.

    Behind a proxy that ends TLS the connection itself is plain, but PUBLIC_URL says what
    browsers see; with it Django's HSTS and absolute addresses come out right.
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with `client` and `scheme` as the outside world sees them."""
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, "client": self._client(scope)}
            if settings.IS_HTTPS:
                scope["scheme"] = "https" if scope["type"] == "http" else "wss"
        await self._app(scope, receive, send)

    def _client(self, scope: Scope) -> tuple[str, int]:
        peer = scope.get("client") or (UNIX, 0)
        lines = [v.decode("latin-1") for k, v in scope["headers"] if k == b"x-forwarded-for"]
        address = client_address(peer[0], lines, settings.TRUSTED_PROXIES)
        return address, peer[1] if address == peer[0] else 0
