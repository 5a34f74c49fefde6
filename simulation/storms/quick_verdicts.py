"""Damage done to a house in one process: as damage_verdicts, without a wait."""

import io
import time
from collections.abc import Callable, Iterator

from django.core.management import CommandError, call_command

from simulation.storms import checks
from simulation.storms.damage_verdicts import FLUSH, WAYS_OUT, Verdict
from simulation.storms.harms import Harm
from simulation.storms.quick_house import QuickHouse
from simulation.storms.redis_line import say
from simulation.storms.storm_course import Found

BETS_BEFORE, BETS_BEHIND = 8, 6
# As often as there are people, so that each wallet is touched.
BETS_AFTER = 16

# What is wrong with the bank, in sentences, once the house has looked and done what it does then.
Look = Callable[[], list[str]]


def suffer(house: QuickHouse, look: Look, harm: Harm, found: Found) -> None:
    """Do damage between bets, let people go on, and hold the house to what it says then."""
    began_s = time.monotonic()
    house.ask_and_settle()
    house.bet(BETS_BEFORE)
    house.catch_up()
    if harm.is_sql_behind:
        house.bet(BETS_BEHIND)
    harm.begin(house.site)
    house.site.revive()
    verdict, why = _judge(house, look)
    harm.end(house.site)
    if verdict is Verdict.WRONG:
        found.problems.append(f"After {harm.sentence}: {why}")
    elif verdict is not Verdict.EQUAL:
        problems = list(_go_on(house, look, must_rebuild=verdict is Verdict.NAMED))
        found.problems += [f"After {harm.sentence}, and the way out: {each}" for each in problems]
    found.add_check([])
    found.verdicts[verdict] = found.verdicts.get(verdict, 0) + 1
    found.shut[harm.kind] = found.shut.get(harm.kind, 0) + (verdict is Verdict.SHUT)
    found.back_s.setdefault(harm.kind, []).append(time.monotonic() - began_s)


def _judge(house: QuickHouse, look: Look) -> tuple[Verdict, str]:
    if problems := look():
        return Verdict.SHUT, problems[0]
    house.catch_up()
    accepted = house.bet(BETS_AFTER)
    house.catch_up()
    if problems := look():
        return Verdict.SHUT, problems[0]
    broken = _broken(house)
    if not broken and not accepted:
        return Verdict.WRONG, "no bet is accepted, and the gate is open."
    if not broken:
        return Verdict.EQUAL, ""
    if all(each.startswith(checks.RECONCILE) for each in broken):
        return Verdict.NAMED, broken[0]
    return Verdict.WRONG, " ".join(broken)


def _broken(house: QuickHouse) -> list[str]:
    return list(checks.broken_now(house.told(), forgives_epochs=True))


def _try(command: tuple[str, ...]) -> str:
    """Why a command failed, or nothing."""
    try:
        call_command(*command, stdout=io.StringIO(), stderr=io.StringIO())
    except CommandError as error:
        return str(error)
    return ""


def _go_on(house: QuickHouse, look: Look, *, must_rebuild: bool) -> Iterator[str]:
    """Go on by itself or by an operator's ways out; what is wrong then."""
    problems = ["a rebuild is needed"] if must_rebuild else look()
    for command in WAYS_OUT:
        if problems and FLUSH in (told := _try(command)):
            say(house.site.engines.socket("bank"), FLUSH)
            told = _try(command)
        if problems:
            problems = [told] if told else look()
    if problems:
        yield f"no way out. {problems[0]}"
        return
    house.ask_and_settle()
    if not house.bet(BETS_AFTER):
        yield "no bet is accepted, and the gate is open."
    house.catch_up()
    yield from look()
    yield from _broken(house)
