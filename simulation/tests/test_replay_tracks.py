"""Recorded rides, played over every way in to a whole house, come out as they were recorded."""

import csv
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.venv import ROOT
from simulation import phones
from tests.servers import House, house_in

pytestmark = [pytest.mark.server, pytest.mark.long]

RECORDED = ROOT / "locations" / "tests" / "data" / "aracaju_some.csv"
# locations/tests/test_judgement.py finds the same ones held.
JUMPING = 6


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="1000", WEB_WORKERS="2") as made,
    ):
        yield made


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder as replay_tracks reads it."""
    shutil.copy(RECORDED, tmp_path / "aracaju_points.csv")
    return tmp_path


@pytest.mark.parametrize("way", phones.WAYS)
def test_it_keeps_what_was_recorded_and_holds_the_jumps(
    house: House, recorded: Path, way: str
) -> None:
    command = ("replay_tracks", str(recorded), "--speed", "100", "--url", house.url, "--way", way)
    done = house.manage(*command, timeout_s=280)
    assert done.returncode == 0, done.stderr
    with RECORDED.open() as file:
        rows = list(csv.DictReader(file))
    (line,) = [line for line in done.stdout.splitlines() if f" {way} " in line]
    _, tracks, fixes, _, held, same = [
        cell.strip().replace(",", "") for cell in line.strip("│ ").split("│")
    ]
    assert int(tracks) == int(same) == len({row["track_id"] for row in rows})
    assert int(fixes) == len(rows)
    if way in ("socket", "post"):
        assert int(held) == JUMPING
