"""The instances as they are now: one reading of everything that the rules judge.

Reads by the clients of each role and changes nothing. Nothing here grows with the number of keys;
for these see key_sample.py.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from betting import bank
from web.live import live_redis

Ask = Callable[[Sequence[tuple[Any, ...]]], list[Any]]
Role = Literal["bank", "live"]
SLOW_ENTRIES = 10
WORDS_CHARACTERS_MAX = 60
_SETTINGS = (("CONFIG GET", "*"), ("INFO", "everything"))
_WATCHED = (
    ("CLIENT LIST",), ("SLOWLOG", "GET", SLOW_ENTRIES), ("LATENCY", "LATEST"),
    ("INFO", "commandstats"), ("DBSIZE",), ("ACL GETUSER", "default"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slow:
    """An entry of the slow log: the command and its key; values are private."""

    words: str
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One server of a role. What it would not tell is empty, and named in `withheld`."""

    role: Role
    name: str
    ask: Ask
    settings: dict[str, str]
    info: dict[str, Any]
    clients: list[dict[str, str]] = field(default_factory=list)
    slow: list[Slow] = field(default_factory=list)
    stalls: list[list[Any]] = field(default_factory=list)
    commands: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys_count: int = 0
    needs_password: bool = True
    withheld: tuple[str, ...] = ()

    @property
    def used_share(self) -> float:
        """How much of maxmemory is used, from 0 to 1 and above; 0 without a maxmemory."""
        limit = int(self.settings.get("maxmemory", 0))
        return int(self.info.get("used_memory", 0)) / limit if limit else 0.0

    def number(self, setting: str) -> int:
        """A setting that is a whole number; 0 when this server does not know it."""
        return int(self.settings.get(setting) or 0)


def banks() -> list[Instance]:
    """Settings and state of every primary of the bank. Raises BankAway when one is away."""
    return [read(primary) for primary in bank.primaries()]


def read(primary: bank.Primary) -> Instance:
    """Settings and state of a primary of the bank. Raises BankAway."""
    return _read("bank", name_of(primary), primary.send)


def name_of(primary: bank.Primary) -> str:
    """What a primary is called; by its address in a Cluster."""
    return "bank" if primary.is_alone else f"bank {primary.name}"


def lives() -> list[Instance]:
    """Settings and state of the live instance. Raises LiveAway."""
    return [_read("live", "live", live_redis.send)]


def watched(instance: Instance) -> Instance:
    """An instance with its clients, slow log, stalls and command statistics."""
    answers = dict(_answered(_WATCHED, instance.ask(_WATCHED)))
    user = _as_dict(answers.get("ACL GETUSER", []))
    return replace(
        instance,
        clients=answers.get("CLIENT LIST", []),
        slow=[_slow(entry) for entry in answers.get("SLOWLOG", [])],
        stalls=answers.get("LATENCY", []),
        commands=answers.get("INFO", {}),
        keys_count=answers.get("DBSIZE", 0),
        needs_password="nopass" not in user.get("flags", []),
        withheld=(
            *instance.withheld,
            *(words[0] for words in _WATCHED if words[0] not in answers),
        ),
    )


def _read(role: Role, name: str, ask: Ask) -> Instance:
    answers = dict(_answered(_SETTINGS, ask(_SETTINGS)))
    withheld = tuple(words[0] for words in _SETTINGS if words[0] not in answers)
    return Instance(
        role=role,
        name=name,
        ask=ask,
        settings=_as_dict(answers.get("CONFIG GET", {})),
        info=answers.get("INFO", {}),
        withheld=withheld,
    )


def _answered(asked: Sequence[tuple[Any, ...]], answers: list[Any]) -> Iterator[tuple[str, Any]]:
    for words, answer in zip(asked, answers, strict=True):
        if not isinstance(answer, Exception):
            yield words[0], answer


def _as_dict(reply: Any) -> dict[str, Any]:
    """Pairs as a dict; the client makes one of them in some versions only."""
    return reply if isinstance(reply, dict) else dict(zip(*[iter(reply)] * 2, strict=True))


def without_subject(key: str) -> str:
    """A key as it may be shown: a limit's without the address or the account it is about."""
    return ":".join([*key.split(":")[:3], "…"]) if key.startswith("{limits}:") else key


def _slow(entry: list[Any]) -> Slow:
    _id, _at_s, took_us, words, *_more = entry
    told = [word.decode(errors="replace") if isinstance(word, bytes) else word for word in words]
    named = " ".join(without_subject(word) for word in told[:2])
    return Slow(named[:WORDS_CHARACTERS_MAX], took_us / 1000)
