"""Recorded rides and walks, read into tracks that phones can play.

Reads what it finds of `aracaju_points.csv` (seconds, degrees), `courier_chunks.csv` (seconds,
metres from an origin that was removed; placed round a spot) and `single_tracks.csv` (clock,
degrees, accuracy). Points without a time, or at a time that the track had already, are left out.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from rooms.places import METRES_PER_DEGREE

# Where couriers are placed unless told otherwise: beside the rides, in Aracaju.
SPOT = (-10.9472, -37.0731)
ACCURACY_M = 10.0


@dataclass(frozen=True, slots=True)
class Point:
    """Seconds from the start of the track, degrees, metres."""

    at_s: float
    lat: float
    lon: float
    accuracy_m: float = ACCURACY_M


@dataclass(slots=True)
class Track:
    """One recording, in the order of time."""

    name: str
    points: list[Point] = field(default_factory=list)

    @property
    def lasts_s(self) -> float:
        return self.points[-1].at_s if self.points else 0.0


def read(folder: Path, spot: tuple[float, float] = SPOT) -> list[Track]:
    """All tracks of a folder with at least two points. Raises FileNotFoundError without any."""
    readers = {
        "aracaju_points.csv": _rides,
        "courier_chunks.csv": lambda rows: _couriers(rows, spot),
        "single_tracks.csv": _singles,
    }
    tracks: list[Track] = []
    for name, reader in readers.items():
        if (folder / name).is_file():
            with (folder / name).open(newline="") as file:
                tracks += [_in_time(track) for track in reader(csv.DictReader(file))]
    found = [track for track in tracks if len(track.points) >= 2]
    if not found:
        raise FileNotFoundError(f"No recorded tracks in {folder}.")
    return found


def _rides(rows: Iterator[dict[str, str]]) -> Iterator[Track]:
    for name, group in groupby(rows, key=lambda row: row["track_id"]):
        points = [Point(float(r["t_offset_s"]), float(r["lat"]), float(r["lon"])) for r in group]
        yield Track(f"ride {name}", points)


def _couriers(rows: Iterator[dict[str, str]], spot: tuple[float, float]) -> Iterator[Track]:
    width = METRES_PER_DEGREE * math.cos(math.radians(spot[0]))
    for name, group in groupby(rows, key=lambda row: row["chunk"]):
        points = [
            Point(
                float(row["t_s"]),
                spot[0] + float(row["y_m"]) / METRES_PER_DEGREE,
                spot[1] + float(row["x_m"]) / width,
            )
            for row in group
        ]
        yield Track(f"courier {name}", points)


def _singles(rows: Iterator[dict[str, str]]) -> Iterator[Track]:
    for name, group in groupby(rows, key=lambda row: row["track"]):
        points = [
            Point(
                _seconds(row["time_utc"]),
                float(row["lat"]),
                float(row["lon"]),
                float(row["acc_m"] or ACCURACY_M),
            )
            for row in group
            if row["time_utc"]
        ]
        yield Track(name, points)


def _seconds(clock: str) -> float:
    moment = datetime.fromisoformat(clock)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_time(track: Track) -> Track:
    """Sorted by time, one point a millisecond, beginning at zero."""
    by_ms = {round(point.at_s * 1000): point for point in reversed(track.points)}
    times = sorted(by_ms)
    points = [
        Point((ms - times[0]) / 1000, by_ms[ms].lat, by_ms[ms].lon, by_ms[ms].accuracy_m)
        for ms in times
    ]
    return Track(track.name, points)
