"""How somebody who sees a room's answers would work out where another person is.

The same attack for every oracle: ask from many spots, average whatever point is shown, walk
outwards until an answer changes, bisect each change to a decimetre, and intersect the circles.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from rooms.places import METRES_PER_DEGREE

# Outwards in steps of this, up to this far: the edges of coarse distances lie on the way.
STRIDE_M = 450.0
STRIDES = 5
FINE_M = 0.1
FIT_STEPS = 40

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer about the victim: a point that was shown, a distance that was told, or nothing."""

    point: Point | None = None
    away_m: float | None = None


Oracle = Callable[[Point], Seen]


@dataclass(slots=True)
class Attacker:
    """One attack on one victim with a budget of questions."""

    ask_server: Oracle
    budget: int
    asked: int = 0
    points: list[Point] = field(default_factory=list)
    circles: list[tuple[Point, float]] = field(default_factory=list)

    def find(self, start: Point, chance: random.Random) -> Point:
        """The best guess after the budget is used up."""
        self._ask(start)
        while self.asked < self.budget:
            spot = moved(start, chance.uniform(0, 400), chance.uniform(0, 2 * math.pi))
            self._walk(spot, chance.uniform(0, 2 * math.pi))
        guess = mean(self.points) if self.points else start
        return _intersect(self.circles, guess) if len(self.circles) >= 3 else guess

    def _ask(self, at: Point) -> Seen:
        self.asked += 1
        seen = self.ask_server(at)
        if seen.point:
            self.points.append(seen.point)
        return seen

    def _walk(self, start: Point, bearing: float) -> None:
        """Go straight on until the answer changes, and find the spot where it does."""
        here, before = 0.0, self._ask(start)
        for _stride in range(STRIDES):
            after = self._ask(moved(start, here + STRIDE_M, bearing))
            if after != before:
                return self._bisect(start, bearing, (here, before), (here + STRIDE_M, after))
            here += STRIDE_M

    def _bisect(
        self, start: Point, bearing: float, near: tuple[float, Seen], far: tuple[float, Seen]
    ) -> None:
        while far[0] - near[0] > FINE_M and self.asked < self.budget:
            middle_m = (near[0] + far[0]) / 2
            seen = self._ask(moved(start, middle_m, bearing))
            if seen == near[1]:
                near = (middle_m, seen)
            else:
                far = (middle_m, seen)
        told = (near[1].away_m, far[1].away_m)
        if told[0] is not None and told[1] is not None and far[0] - near[0] <= FINE_M:
            self.circles.append((moved(start, near[0], bearing), (told[0] + told[1]) / 2))


def _intersect(circles: list[tuple[Point, float]], guess: Point) -> Point:
    """The point that lies best on all circles, by Gauss-Newton."""
    for _step in range(FIT_STEPS):
        a = b = c = u = v = 0.0
        for centre, radius_m in circles:
            north, east = offset_m(centre, guess)
            away_m = math.hypot(north, east) or 1.0
            n, e, miss = north / away_m, east / away_m, radius_m - away_m
            a, b, c, u, v = a + n * n, b + n * e, c + e * e, u + n * miss, v + e * miss
        size = a * c - b * b
        if abs(size) < 1e-9:
            break
        north, east = (c * u - b * v) / size, (a * v - b * u) / size
        guess = moved(guess, math.hypot(north, east), math.atan2(east, north))
    return guess


def mean(points: list[Point]) -> Point:
    """The middle of points that are near each other."""
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def moved(at: Point, by_m: float, bearing: float) -> Point:
    """A point some metres away; bearing in radians from north."""
    lat = at[0] + by_m * math.cos(bearing) / METRES_PER_DEGREE
    width = METRES_PER_DEGREE * math.cos(math.radians(at[0]))
    return lat, at[1] + by_m * math.sin(bearing) / width


def offset_m(a: Point, b: Point) -> tuple[float, float]:
    """Metres to the north and to the east from a to b."""
    width = METRES_PER_DEGREE * math.cos(math.radians((a[0] + b[0]) / 2))
    return (b[0] - a[0]) * METRES_PER_DEGREE, (b[1] - a[1]) * width
