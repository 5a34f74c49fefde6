"""REDIS_LIVE_URL as it is read, for every client of the live instance.

    redis://live:6379/0
    redis+sentinel://user:password@a:26379,b:26379,c:26379/live/0?sentinel_password=secret

Of the second form are the Sentinels that say which server is the primary of the name "live": any
of them that answers is asked before each new connection. User and password are the server's.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

SENTINEL = "redis+sentinel"
SCHEMES = ("redis", "rediss", "unix", SENTINEL)
# A Sentinel that does not answer is passed over, and not asked again by the driver.
SENTINEL_TIMEOUT_S = 0.5
_OF_SENTINELS = {"sentinel_username": "username", "sentinel_password": "password"}


@dataclass(frozen=True, slots=True)
class LiveAddress:
    """One server by its `url`; or the primary of a `name`, of which `sentinels` know.

    `options` are those of a connection to the server, `sentinel_options` to a Sentinel.
    """

    url: str
    name: str = ""
    sentinels: tuple[tuple[str, int], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    sentinel_options: dict[str, Any] = field(default_factory=dict)

    @property
    def thread_sentinel_options(self) -> dict[str, Any]:
        """How threads connect to a Sentinel: each is asked once."""
        return {**self.sentinel_options, "retry": Retry(NoBackoff(), 0)}

    @property
    def loop_sentinel_options(self) -> dict[str, Any]:
        """How event loops connect to a Sentinel: each is asked once."""
        return {**self.sentinel_options, "retry": AsyncRetry(NoBackoff(), 0)}

    def layer_host(self) -> dict[str, Any]:
        """The host as channels_redis takes it."""
        if not self.name:
            return {"address": self.url}
        return {
            "master_name": self.name,
            "sentinels": list(self.sentinels),
            "sentinel_kwargs": self.loop_sentinel_options,
            "socket_connect_timeout": SENTINEL_TIMEOUT_S,
            **self.options,
        }

    def cache(self, **options: Any) -> dict[str, Any]:
        """Where the cache lies and how it is reached, as django_redis takes it."""
        if not self.name:
            return {"LOCATION": self.url, "OPTIONS": options}
        through = {
            "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
            "SENTINELS": list(self.sentinels),
            "SENTINEL_KWARGS": self.thread_sentinel_options,
            "CONNECTION_POOL_KWARGS": self.options,
        }
        return {"LOCATION": f"redis://{self.name}", "OPTIONS": {**options, **through}}


@cache
def read_live_address(url: str) -> LiveAddress:
    """Read an address. Raises ImproperlyConfigured with a sentence that says what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise _wrong("it must begin with redis://, rediss://, unix:// or redis+sentinel://")
    if "cluster" in dict(parse_qsl(parts.query)):
        raise _wrong("the live instance is one server, or one that Sentinels name, and no Cluster")
    if parts.scheme != SENTINEL:
        if "," in parts.netloc.rpartition("@")[2]:
            raise _wrong("several hosts are Sentinels, which redis+sentinel:// at its begin says")
        return LiveAddress(url)
    said, _, hosts = parts.netloc.rpartition("@")
    name, _, number = parts.path.removeprefix("/").partition("/")
    if not re.fullmatch(r"[a-z0-9._-]+", name) or not (number or "0").isdecimal():
        raise _wrong("after the Sentinels come /NAME/0: a name of small letters, and a database")
    user, _, password = said.partition(":")
    given = {"username": unquote(user), "password": unquote(password)}
    told = dict(parse_qsl(parts.query))
    if unknown := told.keys() - _OF_SENTINELS.keys():
        raise _wrong(f"{min(unknown)} is not known; there are {' and '.join(_OF_SENTINELS)}")
    timeouts = ("socket_timeout", "socket_connect_timeout")
    return LiveAddress(
        url,
        name=name,
        sentinels=tuple(_host_port(host) for host in hosts.split(",")),
        options={"db": int(number or 0), **{key: it for key, it in given.items() if it}},
        sentinel_options={
            **dict.fromkeys(timeouts, SENTINEL_TIMEOUT_S),
            **{_OF_SENTINELS[key]: value for key, value in told.items()},
        },
    )


def _host_port(text: str) -> tuple[str, int]:
    try:
        found = urlsplit(f"//{text}")
        host, port = found.hostname, found.port or 26379
    except ValueError:
        host, port = None, 0
    if not host:
        raise _wrong(f"{text!r} is no host with a port")
    return host, port


def _wrong(why: str) -> ImproperlyConfigured:
    # The address itself holds a password.
    return ImproperlyConfigured(f"REDIS_LIVE_URL cannot be read: {why}.")
