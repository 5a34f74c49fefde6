"""What is sent to the servers of the bank, from threads and event loops, and their errors.

For this package alone. Nothing is retried: a lost reply means "not known".
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from redis import exceptions

from betting.bank.errors import (
    BankAway,
    BankBroken,
    BankFull,
    BankRubbish,
    BankSlow,
    Elsewhere,
    LibraryMissing,
    Unmarked,
)
from betting.bank.keys import Keys
from betting.bank.redis_clients import client_of, loop_client_of
from betting.bank.routing import ALONE, Servers, Step, Steps, servers
from betting.bank.slots import slot_of

log = logging.getLogger(__name__)

PROBE_EVERY_S = 0.1


def send(words: tuple[Any, ...], key: str) -> Any:
    """Send a command about `key` from a thread. Raises BankAway or BankFull."""
    return _drive(_servers().send(words, key))


async def asend(words: tuple[Any, ...], key: str) -> Any:
    """Send a command about `key` from the running event loop. Raises BankAway or BankFull."""
    return await _adrive(_servers().send(words, key))


@dataclass(frozen=True, slots=True)
class Primary:
    """One server that decides: the only one, or one of a Cluster. Its methods raise BankAway."""

    name: str

    @property
    def is_alone(self) -> bool:
        """Whether the bank is no Cluster."""
        return self.name == ALONE

    def ask(self, *words: Any) -> Any:
        """Send a command without keys, from a thread. Raises BankFull, too."""
        return _drive(_servers().to(self.name, words))

    async def aask(self, *words: Any) -> Any:
        """Send a command without keys, from the running event loop. Raises BankFull, too."""
        return await _adrive(_servers().to(self.name, words))

    def send(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Send commands in one go; of one that failed the answer is what `ask` would raise."""
        found = _servers()
        if self.name in found.resting:
            raise BankAway(f"{self.name} does not answer")
        try:
            with client_of(settings.REDIS_BANK_URL, self.name).pipeline(transaction=False) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                answers = pipe.execute(raise_on_error=False)
        except _ERRORS as error:
            away = _translated(error)
            found.note(self.name, away)
            _probe_resting()
            raise away from error
        return [_translated(each) if isinstance(each, Exception) else each for each in answers]


def primaries(*, anew: bool = False) -> list[Primary]:
    """Every primary, also those that are away and those without a slot. Raises BankAway.

    A Cluster is asked at most once a second, but always when read `anew`; one of which no node
    answers tells none.
    """
    return [Primary(name) for name in _drive(_servers().primaries(anew=anew))]


async def aprimaries() -> list[Primary]:
    """Every primary, from the running event loop; as `primaries`."""
    return [Primary(name) for name in await _adrive(_servers().primaries())]


def primary_of(club_id: int) -> Primary:
    """The primary that has a club. Raises BankAway."""
    return Primary(_drive(_servers().primary_of(slot_of(Keys(club_id).head))))


def known_primary_of(key_or_club: str | int) -> str:
    """The name of the primary that has a key or a club, asking nobody; empty when not known."""
    key = key_or_club if isinstance(key_or_club, str) else Keys(key_or_club).head
    found = _servers()
    return found.known_primary_of(slot_of(key)) if found.address.is_cluster else ALONE


def each_primary(*words: Any) -> list[Any]:
    """Send a command without keys to every primary. Raises BankAway when one of them is away."""
    return [primary.ask(*words) for primary in primaries()]


def find_keys(pattern: str, club_id: int) -> list[str]:
    """All keys like `pattern` on the primary of a club; for operators, it walks everything."""
    primary, found, cursor = primary_of(club_id), [], "0"
    while True:
        cursor, some = primary.ask("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)
        found += some
        if str(cursor) == "0":
            return found


# --- Sending a step


def _servers() -> Servers:
    return servers(settings.REDIS_BANK_URL)


def _drive(steps: Steps) -> Any:
    """Send each step from a thread, until the last answer is there."""
    try:
        step = next(steps)
        while True:
            try:
                answer = _talk(step)
            except _ERRORS as error:
                step = _fail(steps, error)
            else:
                step = steps.send(answer)
    except StopIteration as ended:
        return ended.value


async def _adrive(steps: Steps) -> Any:
    """Send each step from the running event loop; as `_drive`."""
    try:
        step = next(steps)
        while True:
            try:
                answer = await _atalk(step)
            except _ERRORS as error:
                step = _fail(steps, error)
            else:
                step = steps.send(answer)
    except StopIteration as ended:
        return ended.value


def _fail(steps: Steps, error: Exception) -> Any:
    """Hand on what a step raised, and have servers that rest be asked whether they are back."""
    away = _translated(error)
    away.__cause__ = error
    try:
        return steps.throw(away)
    finally:
        _probe_resting()


def _talk(step: Step) -> Any:
    client = client_of(settings.REDIS_BANK_URL, step.server)
    if not step.is_asking:
        return client.execute_command(*step.words)
    with client.pipeline(transaction=False) as pipe:
        pipe.execute_command("ASKING").execute_command(*step.words)
        return _answer(pipe.execute(raise_on_error=False))


async def _atalk(step: Step) -> Any:
    client = loop_client_of(settings.REDIS_BANK_URL, step.server)
    return await client.ask(step.words, is_asking=step.is_asking)


def _answer(answers: list[Any]) -> Any:
    _asking, answer = answers
    if isinstance(answer, Exception):
        raise answer
    return answer


# --- Servers that rest

# The addresses whose resting servers are being asked.
_probed: set[str] = set()


def _probe_resting(url: str = "") -> None:
    """Ask servers that rest, in a thread of its own, until each of them answers."""
    url = url or settings.REDIS_BANK_URL
    if servers(url).resting and url not in _probed:
        _probed.add(url)
        threading.Thread(target=_probe, args=(url,), name="bank probe", daemon=True).start()


def _probe(url: str) -> None:
    resting = servers(url).resting
    while resting:
        for server in list(resting):
            if _answers(url, server):
                log.warning("The bank's server %s answers again, or is down.", server)
                resting.discard(server)
        time.sleep(PROBE_EVERY_S)
    _probed.discard(url)
    # One may have begun to rest in between.
    _probe_resting(url)


def _answers(url: str, server: str) -> bool:
    """Whether a server answers, or is down for certain: then nobody waits for it any more."""
    client = client_of(url, server)
    client.connection_pool.disconnect(inuse_connections=False)
    try:
        client.execute_command("PING")
    except exceptions.TimeoutError:
        return False
    except _ERRORS:
        return True
    return True


# --- Errors

_ERRORS = (exceptions.RedisError, OSError)
_AWAY = (
    exceptions.ConnectionError,
    exceptions.ReadOnlyError,
    exceptions.ClusterError,
    OSError,
)
# What a server answers while a script hangs: it is up and cannot decide now.
_NOT_NOW = ("BUSY ",)


def _translated(error: Exception) -> Exception:
    if isinstance(error, exceptions.AskError):
        if not _servers().address.is_cluster:
            return Unmarked()
        is_for_this_call = not isinstance(error, exceptions.MovedError)
        address = f"{error.host}:{error.port}"
        return Elsewhere(error.slot_id, address, is_for_this_call=is_for_this_call)
    if isinstance(error, exceptions.OutOfMemoryError | exceptions.TryAgainError):
        return BankFull(str(error))
    if str(error).startswith("Function not found"):
        return LibraryMissing(str(error))
    if str(error).startswith("WRONGTYPE"):
        return BankRubbish(str(error))
    if isinstance(error, exceptions.TimeoutError | TimeoutError):
        return BankSlow(str(error))
    if isinstance(error, _AWAY) or str(error).startswith(_NOT_NOW):
        return BankAway(str(error))
    log.error("The bank answered with an error that should not exist: %s", error)
    return BankBroken(str(error))
