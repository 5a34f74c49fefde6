"""Damage: whether the house noticed it, whether an operator's way out works, and what is lost."""

import time
from collections.abc import Callable
from enum import StrEnum

from simulation.storms.checks import RECONCILE
from simulation.storms.harms import Harm
from simulation.storms.redis_line import say
from simulation.storms.site import Site
from simulation.storms.storm_course import Found, check, comes_true
from simulation.storms.storm_evening import Evening

BEHIND_S = 2.0
BETS_BEHIND = 10
QUIET_WITHIN_S = 30.0
# The gate looks once a second, and a bank takes a moment to be read.
SETTLES_WITHIN_S = 12.0
# So many bets on an open bank touch most wallets and markets.
BETS_TO_BELIEVE = 30
# A bank that was just started is shut for a moment while it is looked at.
STAYS_SHUT_S = 2.5
OPENS_BY_ITSELF_WITHIN_S = 3.0
OPENS_WITHIN_S = 15.0
GOES_ON_WITHIN_S = 60.0
WAYS_OUT = (("rebuild_bank",), ("rebuild_bank", "--lose-tail"))
# What `rebuild_bank` asks for where another library has the name of ours.
FLUSH = "FUNCTION FLUSH"


class Verdict(StrEnum):
    """How damage ended."""

    EQUAL = "all is equal"
    NAMED = "reconcile names it"
    SHUT = "the gate is shut"
    WRONG = "nobody noticed"


def suffer(site: Site, evening: Evening, harm: Harm, found: Found) -> None:
    """Do damage while nobody bets, let people go on, and hold the house to what it says then."""
    began_s = time.monotonic()
    if harm.is_sql_behind:
        _leave_sql_behind(site, evening)
    evening.be_quiet()
    comes_true(lambda: not evening.in_flight, QUIET_WITHIN_S)
    harm.begin(site)
    site.lines.heal()
    site.revive()
    evening.be_quiet(is_quiet=False)
    verdict, why = _judge(site, evening)
    harm.end(site)
    if verdict is Verdict.WRONG:
        found.problems.append(f"After {harm.sentence}: {why}")
    elif verdict is Verdict.EQUAL:
        found.add_check([])
    elif not _goes_on(site, evening, must_rebuild=verdict is Verdict.NAMED):
        found.problems.append(f"After {harm.sentence}: no way out. {site.why_not_ready()}")
    else:
        problems = check(site, evening, forgives_epochs=True)
        found.add_check([f"After {harm.sentence}, and the way out: {each}" for each in problems])
    found.verdicts[verdict] = found.verdicts.get(verdict, 0) + 1
    found.shut[harm.kind] = found.shut.get(harm.kind, 0) + (verdict is Verdict.SHUT)
    found.back_s.setdefault(harm.kind, []).append(time.monotonic() - began_s)


def _leave_sql_behind(site: Site, evening: Evening) -> None:
    line, before = site.lines["sql"], evening.history.accepted
    line.is_refusing = True
    line.cut()
    comes_true(lambda: evening.history.accepted >= before + BETS_BEHIND, BEHIND_S)


def _judge(site: Site, evening: Evening) -> tuple[Verdict, str]:
    """What the house says of the damage once people bet on it again."""
    before = evening.history.accepted
    if why := _settles(site, lambda: evening.history.accepted >= before + BETS_TO_BELIEVE):
        return Verdict.SHUT, why
    problems = check(site, evening, forgives_epochs=True)
    if not problems:
        if evening.history.accepted == before:
            return Verdict.WRONG, "no bet is accepted, and /readyz/ does not say why."
        return Verdict.EQUAL, ""
    # The watch may have needed those bets to see it.
    if why := site.why_not_ready():
        return Verdict.SHUT, why
    if all(problem.startswith(RECONCILE) for problem in problems):
        return Verdict.NAMED, problems[0]
    return Verdict.WRONG, " ".join(problems)


def _settles(site: Site, is_believed: Callable[[], bool]) -> str | None:
    """Wait until people bet on it, or the same sentence keeps it shut; as `why_not_ready`."""
    until_s = time.monotonic() + SETTLES_WITHIN_S
    why, since_s = site.why_not_ready(), time.monotonic()
    while time.monotonic() < until_s and not is_believed():
        if why and time.monotonic() > since_s + STAYS_SHUT_S:
            return why
        time.sleep(0.1)
        if (told := site.why_not_ready()) != why:
            why, since_s = told, time.monotonic()
    return site.why_not_ready()


def _goes_on(site: Site, evening: Evening, *, must_rebuild: bool) -> bool:
    """Whether bets go on: by themselves, or by the ways out that an operator has."""

    def is_ready() -> bool:
        return site.why_not_ready() == ""

    if not must_rebuild and comes_true(is_ready, OPENS_BY_ITSELF_WITHIN_S):
        return _accepts(evening)
    for command in WAYS_OUT:
        told = site.manage(*command)
        if FLUSH in told.stderr:
            say(site.engines.socket("bank"), FLUSH)
            told = site.manage(*command)
        if not told.returncode:
            return comes_true(is_ready, OPENS_WITHIN_S) and _accepts(evening)
    return False


def _accepts(evening: Evening) -> bool:
    before = evening.history.accepted
    return comes_true(lambda: evening.history.accepted > before, GOES_ON_WITHIN_S)
