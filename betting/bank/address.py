"""REDIS_BANK_URL as it is read: one server, or the nodes of a Cluster with which a process begins.

    redis://bank:6379/0
    rediss://user:password@a:6379,b:6379,c:6379/0?cluster=1

Any node that answers tells of all others, so several are named: none of them need be there.
"""

from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("redis", "rediss", "unix")
CLUSTER_MARK = "cluster"


@dataclass(frozen=True, slots=True)
class Address:
    """`urls` has one address for each server named, in the order of REDIS_BANK_URL."""

    urls: tuple[str, ...]
    is_cluster: bool


@cache
def read_address(url: str) -> Address:
    """Read an address. Raises ImproperlyConfigured with a sentence that says what is wrong."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    mark = query.pop(CLUSTER_MARK, None)
    if parts.scheme not in SCHEMES:
        raise _wrong("it must begin with redis://, rediss:// or unix://")
    if mark not in (None, "1"):
        raise _wrong("cluster is 1 for a Cluster, and left out for one server")
    user, at, hosts = parts.netloc.rpartition("@")
    named, is_cluster = hosts.split(","), mark == "1"
    if len(named) > 1 and not is_cluster:
        raise _wrong("several servers are a Cluster, which ?cluster=1 at its end says")
    if is_cluster and (parts.scheme == "unix" or parts.path not in ("", "/", "/0")):
        raise _wrong("a Cluster is reached by host and port, and has the database 0 alone")
    if not is_cluster:
        return Address((url,), is_cluster=False)
    ends = parts._replace(query=urlencode(query))
    for host in named:
        _require_host(host)
    urls = (ends._replace(netloc=f"{user}{at}{host}").geturl() for host in named)
    return Address(tuple(urls), is_cluster=True)


def _require_host(host: str) -> None:
    try:
        found = urlsplit(f"//{host}")
        is_sound = bool(found.hostname) and found.port != 0
    except ValueError:
        is_sound = False
    if not is_sound:
        raise _wrong(f"{host!r} is no host with a port")


def _wrong(why: str) -> ImproperlyConfigured:
    # The address itself holds a password.
    return ImproperlyConfigured(f"REDIS_BANK_URL cannot be read: {why}.")
