"""What processes count is added up, also when one of them was killed or came again."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from launcher.venv import ROOT

COUNT = """
import sys
from collections.abc import Iterator
from pathlib import Path
from web.server.metrics import metric_files
metric_files.count_in_files(Path(sys.argv[1]))
from prometheus_client import Counter, Gauge
bets, sockets = Counter("bets", "."), Gauge("sockets", ".", multiprocess_mode="livesum")
bets.inc(10)
sockets.inc(1)
print(metric_files.latest().decode(), flush=True)
sys.stdin.read()
"""


class Counting:
    """A process that counts ten bets and sits on one socket until it is told to end."""

    def __init__(self, folder: Path) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-c", COUNT, str(folder)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.child.stdout
        lines = iter(self.child.stdout.readline, "")
        self.figures = dict(self._read(line) for line in self._until_sockets(lines))

    def end(self) -> None:
        self.child.kill()
        self.child.communicate()

    def _until_sockets(self, lines: Iterator[str]) -> list[str]:
        heard = []
        while len([line for line in heard if line[0] != "#"]) < 2:
            heard.append(next(lines))
        return [line for line in heard if line[0] != "#"]

    def _read(self, line: str) -> tuple[str, float]:
        name, figure = line.split()
        return name, float(figure)


def test_it_adds_up_who_lives_and_keeps_what_the_dead_counted(tmp_path: Path) -> None:
    one, other = Counting(tmp_path), Counting(tmp_path)
    try:
        assert other.figures == {"bets_total": 20, "sockets": 2}
        other.end()
        again = Counting(tmp_path)
        assert again.figures == {"bets_total": 30, "sockets": 2}
        again.end()
        files = {path.name for path in (tmp_path / "metrics").glob("*.db")}
        assert files == {f"{kind}_{n}.db" for kind in ("counter", "gauge_livesum") for n in (0, 1)}
    finally:
        one.end()
    fresh = Counting(tmp_path)
    fresh.end()
    assert fresh.figures == {"bets_total": 10, "sockets": 1}
