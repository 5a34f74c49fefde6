"""One storm: harm after harm while people bet, and what must be true between and at the end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from launcher.private_house import HouseFailed
from simulation.storms.harms import Harm
from simulation.storms.site import Site
from simulation.storms.storm_evening import Evening

# A gate that told why it was shut opens by itself within this.
OPENS_WITHIN_S = 180
PAUSE_S = 1.0
CHECK_EVERY_S = 60
CHECK_TIMEOUT_S = 400
CHECK_TRIES = 3


@dataclass(slots=True)
class Found:
    """What a storm found; `problems` are promises that were broken."""

    problems: list[str] = field(default_factory=list)
    # Of each kind of harm: seconds until bets were accepted again, one figure each.
    back_s: dict[str, list[float]] = field(default_factory=dict)
    # Of each kind: how often a shut gate said why within its time.
    shut: dict[str, int] = field(default_factory=dict)
    # Of damage: how it ended, how often.
    verdicts: dict[str, int] = field(default_factory=dict)
    checks: int = 0
    checked_at_s: float = field(default_factory=time.monotonic)

    def add_check(self, problems: list[str]) -> None:
        """Note what a check of everything found."""
        self.problems += problems
        self.checks += 1
        self.checked_at_s = time.monotonic()

    @property
    def harms(self) -> int:
        return sum(map(len, self.back_s.values()))


Suffer = Callable[[Site, Evening, Harm, Found], None]


def suffer(site: Site, evening: Evening, harm: Harm, found: Found, *, within_s: float) -> None:
    """Begin a harm, end it, and see that bets go on in time or a sentence says why not."""
    harm.begin(site)
    time.sleep(harm.lasts_s)
    harm.end(site)
    site.lines.heal()
    site.revive()
    began_s, before = time.monotonic(), evening.history.accepted
    found.back_s.setdefault(harm.kind, [])
    why = _wait(site, lambda: evening.history.accepted > before, within_s)
    if why is None:
        found.problems.append(
            f"After {harm.sentence}: no bet was accepted within {within_s:g} s, and /readyz/ does"
            " not say why."
        )
    elif why:
        found.shut[harm.kind] = found.shut.get(harm.kind, 0) + 1
    if not comes_true(lambda: evening.history.accepted > before, OPENS_WITHIN_S):
        found.problems.append(f"After {harm.sentence}: bets never went on. {why}")
    found.back_s[harm.kind].append(time.monotonic() - began_s)
    time.sleep(PAUSE_S)


def _wait(site: Site, is_accepting: Callable[[], bool], within_s: float) -> str | None:
    """Nothing when bets are accepted, a sentence why not, None when neither was so in time."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        if is_accepting():
            return ""
        if why := site.why_not_ready():
            return why
        time.sleep(0.1)
    return "" if is_accepting() else None


def comes_true(is_so: Callable[[], bool], within_s: float) -> bool:
    """Wait for something to come true; whether it did in time."""
    until_s = time.monotonic() + within_s
    while not is_so() and time.monotonic() < until_s:
        time.sleep(0.05)
    return is_so()


def check(
    site: Site, evening: Evening, *, has_ended: bool = False, forgives_epochs: bool = False
) -> list[str]:
    """Hold SQL against its invariants and every receipt, and the bank against SQL; sentences."""
    history = site.folder / "history.json"
    evening.history.save(history)
    options = {"--ended": has_ended, "--forgive-epochs": forgives_epochs}
    given = [option for option, is_given in options.items() if is_given]
    for _ in range(CHECK_TRIES):
        told = site.manage("check_history", str(history), *given, timeout_s=CHECK_TIMEOUT_S)
        # One that says nothing was not made: an engine was away, or too busy.
        if told.stdout:
            break
    if not told.returncode:
        return []
    return told.stdout.splitlines() or [told.stderr.strip()[-1000:]]


def storm(
    site: Site,
    evening: Evening,
    harms: Iterator[Harm],
    *,
    suffer: Suffer,
    forgives_epochs: bool,
    found: Found,
) -> None:
    """Harm the site as long as there are harms; the first check that finds something ends it."""
    for harm in harms:
        try:
            suffer(site, evening, harm, found)
        except HouseFailed as failed:
            found.problems.append(f"After {harm.sentence}: the house does not run. {failed}")
        if not found.problems and time.monotonic() > found.checked_at_s + CHECK_EVERY_S:
            found.add_check(check(site, evening, forgives_epochs=forgives_epochs))
        if found.problems:
            return
