"""Small charts of the last hour: paths for SVG, in a box of 160 by 40.

Each point is the highest of half a minute; where nothing was sampled the line has a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from web.times import HOUR_MS

WIDTH, HEIGHT = 160, 40
POINTS = 120
# A line at the very top would be cut in half.
TOP = 3

Value = float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """The line, the area below it, and how far down the limit is drawn (None: no limit)."""

    line: str
    area: str
    limit_y: float | None


def chart(moments: Sequence[tuple[int, Value]], until_ms: int, limit: float | None = None) -> Chart:
    """Draw (time in ms, value) of the hour before `until_ms`; zero is the foot of the box."""
    points = _points(moments, until_ms)
    highest = max((value for value in points if value is not None), default=0.0)
    most = max(highest, limit or 0.0) or 1.0
    runs = _runs(points, most)
    return Chart(
        line="".join(_line(run) for run in runs),
        area="".join(f"{_line(run)}V{HEIGHT}H{run[0][0]}Z" for run in runs),
        limit_y=None if limit is None else _y(limit, most),
    )


def _points(moments: Sequence[tuple[int, Value]], until_ms: int) -> list[Value]:
    points: list[Value] = [None] * POINTS
    for at_ms, value in moments:
        place = POINTS - 1 - (until_ms - at_ms) * POINTS // HOUR_MS
        if value is not None and 0 <= place < POINTS:
            points[place] = max(value, points[place] or 0.0)
    return points


def _runs(points: Sequence[Value], most: float) -> list[list[tuple[float, float]]]:
    """Neighbouring points together; each run is at least one step long, so that it is seen."""
    step = WIDTH / POINTS
    runs: list[list[tuple[float, float]]] = []
    was_missing = True
    for place, value in enumerate(points):
        if value is not None:
            if was_missing:
                runs.append([(round(place * step, 1), _y(value, most))])
            runs[-1].append((round((place + 1) * step, 1), _y(value, most)))
        was_missing = value is None
    return runs


def _y(value: float, most: float) -> float:
    return round(HEIGHT - (HEIGHT - TOP) * value / most, 1)


def _line(run: Sequence[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:g} {y:g}" for x, y in run)
