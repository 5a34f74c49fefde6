"""A few of the harms of `./ringside storm`, all kinds on one house: every receipt stands."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from launcher.development import benches
from simulation.storms import damage_verdicts
from simulation.storms.harms import Harm, plan
from simulation.storms.kinds import damages, faults, power
from simulation.storms.site import Site, open_site
from simulation.storms.storm_course import Found, check, suffer
from simulation.storms.storm_evening import Evening

pytestmark = [
    pytest.mark.server,
    pytest.mark.storm,
    pytest.mark.skipif(
        not (shutil.which("mariadbd") and shutil.which("redis-server") and shutil.which("cc")),
        reason="needs MariaDB, Redis and a C compiler",
    ),
]

# How fast bets go on is measured by the command; here only that they do.
GOES_ON_WITHIN_S = 60
FAULTS, DAMAGES = 2, 1
# The command draws others.
SEED = 7


@pytest.fixture
def site() -> Iterator[Site]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="storm-"))
        yield stack.enter_context(open_site(power.engines_without_power(Path(folder))))


def test_every_receipt_stands_whatever_breaks(site: Site) -> None:
    found = Found()

    def drawn(draws: list, count: int) -> Iterator[Harm]:
        for harm in islice(plan(draws, random.Random(SEED), site), count):
            print(harm.sentence)  # noqa: T201
            yield harm

    bounded = partial(suffer, within_s=GOES_ON_WITHIN_S)
    with Evening(site.url, people=8, seed=SEED) as evening:
        for harm in drawn([*faults.short_draws(site)], FAULTS):
            bounded(site, evening, harm, found)
        for harm in drawn(power.draws(site), 1):
            bounded(site, evening, harm, found)
        assert found.problems + check(site, evening) == []
        damages.keep_older(site)
        for harm in drawn(damages.draws(site), DAMAGES):
            damage_verdicts.suffer(site, evening, harm, found)
    assert found.problems + check(site, evening, has_ended=True, forgives_epochs=True) == []


@pytest.mark.long
@pytest.mark.parametrize("options", [[], ["--embedded"]])
def test_it_notices_hundreds_of_damages(options: list[str]) -> None:
    assert benches.storm(["quick-damage", "--harms", "300", *options]) == 0


@pytest.mark.long
@pytest.mark.parametrize("kind", ["faults", "damage", "power"])
def test_it_keeps_every_receipt_for_minutes(kind: str) -> None:
    assert benches.storm([kind, "--minutes", "10", "--within", "30"]) == 0
