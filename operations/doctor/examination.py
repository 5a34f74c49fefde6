"""One examination of both roles: findings, and the figures that they are read from."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _

from betting import bank
from betting.audit import installation
from operations.doctor import report, required_settings, symptoms, web_processes
from operations.doctor.findings import Finding
from operations.doctor.instances import Instance, banks, lives, name_of, read, watched
from operations.doctor.key_sample import Budget, KeySample, Share, sample, shares
from operations.tables import Table
from rooms.models import Club
from web.live import live_redis
from web.times import now_ms

PINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One instance, the keys that were looked at, and how long it takes to answer."""

    instance: Instance
    sample: KeySample
    answers_in_ms: float
    answers_in_ms_max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything about both roles at one moment. Healthy without findings."""

    at_ms: int
    took_ms: int
    findings: list[Finding]
    examined: list[Examined]
    clubs: list[Share] = field(default_factory=list)
    rooms: list[Share] = field(default_factory=list)

    def plain(self) -> dict[str, dict[str, Any]]:
        """The figures of each instance, with units in their names."""
        return {
            each.instance.name: {
                **report.plain(each.instance, each.sample),
                "answers_in_ms": each.answers_in_ms,
                "answers_in_ms_max": each.answers_in_ms_max,
            }
            for each in self.examined
        }

    def tables(self) -> list[Table]:
        """Everything for people: overview, clubs and rooms, then each instance in detail."""
        tables = [report.overview(self.plain()), *report.share_tables(self.clubs, self.rooms)]
        for each in self.examined:
            tables += [
                report.key_table(each.instance, each.sample),
                report.client_table(each.instance),
                report.command_table(each.instance),
                report.slow_table(each.instance),
            ]
        return tables

    def as_dict(self) -> dict[str, Any]:
        """What `redis_doctor --json` prints: findings, and the figures of each instance."""
        return {
            "at_ms": self.at_ms,
            "took_ms": self.took_ms,
            "findings": [asdict(each) for each in self.findings],
            "instances": self.plain(),
            "clubs_bytes": {share.of: share.size_bytes for share in self.clubs},
            "rooms_bytes": {share.of: share.size_bytes for share in self.rooms},
        }


def examine(budget: Budget) -> Examination:
    """Examine both roles; an instance that is away is a finding. Changes nothing."""
    began_s = time.monotonic()
    found, findings = [], []
    for name, read_one in _roles():
        try:
            found += [watched(each) for each in read_one()]
        except (bank.BankAway, live_redis.LiveAway) as error:
            findings.append(_away(name, str(error)))
    findings += _of_another_installation()
    with suppress(live_redis.LiveAway, DatabaseError):
        findings += _of_web_processes(found)
    examined = []
    for each in found:
        try:
            examined.append(_examine(each, budget))
        except (bank.BankAway, live_redis.LiveAway) as error:
            findings.append(_away(each.name, str(error)))
    shared = list(required_settings.alone(found))
    findings += shared
    for one in examined:
        findings += _judge(one)
        # The keys of two roles on one server cannot be told apart.
        findings += [] if shared else _judge_keys(one)
    clubs, rooms = shares([one.sample for one in examined])
    return Examination(
        at_ms=now_ms(),
        took_ms=round(1000 * (time.monotonic() - began_s)),
        findings=sorted(findings, key=lambda finding: not finding.is_dangerous),
        examined=examined,
        clubs=clubs,
        rooms=rooms,
    )


def _roles() -> Iterator[tuple[str, Callable[[], list[Instance]]]]:
    """Each server by its name, and what reads it; an own one for each primary of the bank."""
    try:
        for primary in bank.primaries():
            yield name_of(primary), partial(_read_alone, primary)
    except bank.BankAway:
        yield "bank", banks
    yield "live", lives


def _read_alone(primary: bank.Primary) -> list[Instance]:
    return [read(primary)]


def _examine(instance: Instance, budget: Budget) -> Examined:
    waits_ms = []
    for _turn in range(PINGS):
        began_s = time.perf_counter()
        instance.ask([("PING",)])
        waits_ms.append(1000 * (time.perf_counter() - began_s))
    return Examined(
        instance=instance,
        sample=sample(instance, budget),
        answers_in_ms=sorted(waits_ms)[PINGS // 2],
        answers_in_ms_max=max(waits_ms),
    )


def _judge(one: Examined) -> list[Finding]:
    instance = one.instance
    findings = required_settings.dangers(instance)
    for rule in (*required_settings.OTHER[instance.role], *symptoms.SYMPTOMS):
        findings += rule(instance)
    return findings


def _judge_keys(one: Examined) -> list[Finding]:
    about = (one.instance, one.sample)
    return [*symptoms.big_keys(*about), *symptoms.endless_keys(*about)]


def _of_another_installation() -> list[Finding]:
    """Clubs whose bank belongs to another installation; none while an engine is away."""
    found = []
    with suppress(bank.BankAway, DatabaseError):
        club_ids = list(Club.objects.values_list("pk", flat=True))
        for primary in bank.primaries():
            own = [id_ for id_ in club_ids if bank.known_primary_of(id_) == primary.name]
            with suppress(bank.BankAway):
                found += installation.foreign_sentences(primary, own)
    return [
        Finding(
            instance="bank", word="installation", sentence=sentence, mend="REDIS_BANK_URL",
            is_dangerous=True,
        )
        for sentence in found
    ]  # fmt: skip


def _of_web_processes(found: Sequence[Instance]) -> Iterator[Finding]:
    """Keys that differ between machines, and engines that take fewer connections than all open."""
    for name in web_processes.differing():
        sentence = web_processes.differing_sentence(name)
        yield Finding(instance="web", word="keys", sentence=sentence, mend=name)
    for each in found:
        limit = each.number("maxclients")
        if sentence := web_processes.connections_sentence(each.role, limit):
            mend = "CONFIG SET maxclients 10000"
            yield Finding(instance=each.name, word="connections", sentence=sentence, mend=mend)
    if sentence := web_processes.database_sentence():
        mend = "SET GLOBAL max_connections = 1000"
        yield Finding(instance="database", word="connections", sentence=sentence, mend=mend)


def _away(name: str, why: str) -> Finding:
    return Finding(
        instance=name,
        word="away",
        sentence=_("The instance does not answer: %(why)s.") % {"why": why.rstrip(".") or "-"},
        mend="REDIS_BANK_URL" if name.startswith("bank") else "REDIS_LIVE_URL",
        is_dangerous=name.startswith("bank"),
    )
