"""What a harm is, and how a plan of them is drawn from a seed."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simulation.storms.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """One thing that goes wrong: how it begins, how long it lasts, and how it ends."""

    kind: str
    sentence: str
    begin: Callable[[Site], object]
    lasts_s: float = 0.0
    # Of damage: whether the last bets before it are in the bank alone.
    is_sql_behind: bool = False
    # Beside reviving what was killed and letting all lines pass again.
    end: Callable[[Site], object] = lambda _site: None


Draw = Callable[[random.Random, Site], Harm]


def plan(draws: Sequence[Draw], chance: random.Random, site: Site) -> Iterator[Harm]:
    """Harms without end, each draw once in every round; the same seed draws the same ones."""
    while True:
        for draw in chance.sample(draws, len(draws)):
            yield draw(chance, site)
