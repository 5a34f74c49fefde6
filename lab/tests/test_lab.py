"""The lab's own pieces: charts, reports, lines, private engines, and how it ends."""

import ast
import errno
import io
import os
import subprocess
import tempfile
import xml.etree.ElementTree as xml
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hiredis
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from rich.console import Console

from betting import bank
from lab import charts, language, running, workshop
from lab.charts import Bar, Curve
from lab.line import LineClosed, Refusal, pack
from lab.report import Claim, Report, Table, show
from lab.workshop import Workshop
from launcher import engines, prerequisites
from launcher.venv import ROOT
from tests.engines import PAIR

# What an experiment writes that people read: sentences of claims, conclusions and questions, with
# a figure for whatever stands in them.
SAID = {"Claim", "Table", "CannotRun", "tell", "_conclusion", "QUESTION", "CONCLUSION"}


def sentences() -> Iterator[str]:
    """Every text that is given to one of SAID, or returned or set under its name."""
    for path in sorted((ROOT / "lab" / "experiments").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            yield from map(written, said_by(node))


def said_by(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call) and node.args:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return node.args[:1] if name in SAID else []
    if isinstance(node, ast.FunctionDef) and node.name in SAID:
        return [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
    is_named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in SAID
    return [node.value] if is_named else []


def written(said: ast.expr) -> str:
    if isinstance(said, ast.Constant):
        return str(said.value)
    parts = said.values if isinstance(said, ast.JoinedStr) else []
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)


# Where words stand in the holes, with some of those words.
WORDS = {
    "7, 7: 7": "ws, own page: none",
    "7: 7 tries by 7 programs": "look then take: 7 tries by 7 programs",
}
SENTENCES = [WORDS.get(one, one) for one in sentences() if one]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def shop() -> Iterator[Workshop]:
    with Workshop(lambda _: None, 0.01, PAIR == "embedded") as made:
        yield made


def words(chart: str) -> list[str]:
    return [text.text or "" for text in xml.fromstring(chart).iter(f"{SVG}text")]


def widths(chart: str) -> list[float]:
    blocks = xml.fromstring(chart).iter(f"{SVG}rect")
    return [float(one.get("width", "0")) for one in blocks if "block" in one.get("class", "")]


def report(*, holds: bool) -> Report:
    table = Table("Some figures", ("what", "count"), [("one <thing>", 12345)])
    claims = [Claim("water is wet", True), Claim("stones swim", holds)]
    chart = {"stones.svg": charts.bars("Stones", "in pieces", [Bar("stone", (1,))])}
    return Report(
        name="stones", question="do they swim?", engines="a pond", tables=[table],
        conclusion="See above.", claims=claims, charts=chart,
    )  # fmt: skip


def test_bars_show_title_unit_labels_and_figures() -> None:
    chart = charts.bars("Tea & <milk>", "cups", [Bar("mine", (10,)), Bar("yours", (5,), "half")])
    assert words(chart) == ["Tea & <milk>", "cups", "mine", "10", "yours", "half"]


def test_bars_are_as_long_as_their_figures() -> None:
    long, short, none = widths(charts.bars("t", "u", [Bar("a", (90,)), Bar("b", (45,)),
                                                      Bar("c", (0,))]))  # fmt: skip
    assert long == pytest.approx(2 * short, abs=0.2) and none == 0


def test_parts_of_a_bar_lie_end_to_end_and_are_named() -> None:
    chart = charts.bars("t", "u", [Bar("a", (10, 30))], ("hot", "cold"))
    assert {"hot", "cold", "10 + 30"} <= set(words(chart))
    _, _, hot, cold = widths(chart)
    assert cold == pytest.approx(3 * hot, abs=0.2)


def test_curves_begin_at_nought_and_name_their_axes() -> None:
    chart = charts.lines("t", ("joins", "MB"), [Curve("list", [(0, 0), (80, 170)], "dies")])
    assert {"joins", "MB", "list: dies", "0", "200", "80"} <= set(words(chart))


def test_a_grid_shows_a_word_in_every_field() -> None:
    rows = [("first", ["yes", "no"]), ("second", ["no", "no"])]
    chart = charts.grid("t", "u", ["left", "right"], rows, {"yes": ("✓", 1), "no": ("–", 2)})
    assert words(chart).count("– no") == 3 and words(chart).count("✓ yes") == 1


def test_a_chart_follows_the_readers_dark_setting_and_runs_nothing() -> None:
    chart = charts.bars("t", "u", [Bar("a", (1,))])
    assert "prefers-color-scheme: dark" in chart and "<script" not in chart


def test_a_report_names_only_what_did_not_hold() -> None:
    assert report(holds=True).broken == []
    assert report(holds=False).broken == ["stones: stones swim"]


def test_a_report_away_from_a_terminal_is_markdown() -> None:
    out = io.StringIO()
    show(report(holds=False), Console(file=out, width=100))
    assert "## stones: do they swim?" in out.getvalue()
    assert "| one <thing> | 12,345 |" in out.getvalue()
    assert "FAILED stones swim" in out.getvalue()


def test_a_pipeline_keeps_errors_among_the_answers(shop: Workshop) -> None:
    with shop.redis().line() as line:
        first, error, last = line.pipeline([("SET", "a", "b"), ("INCR", "a"), ("GET", "a")])
        assert (first, type(error), last) == ("OK", hiredis.ReplyError, "b")
        with pytest.raises(Refusal, match="not an integer"):
            line.call("INCR", "a")


def test_half_a_command_is_not_answered(shop: Workshop) -> None:
    with shop.redis().line() as line:
        whole = pack("PING")
        line.send(whole[:5])
        assert not line.has_answer()
        line.send(whole[5:])
        assert line.read() == "PONG"


def test_a_line_says_when_its_server_is_gone(shop: Workshop) -> None:
    server = shop.redis()
    with server.line() as line:
        shop.stop(server.child)
        with pytest.raises(LineClosed):
            line.call("PING")


def test_a_server_that_may_have_no_more_memory_dies_and_not_the_machine(shop: Workshop) -> None:
    server = shop.redis(maxmemory="0")
    workshop.limit_memory(server.child, 2**24)
    with server.line() as line, pytest.raises(LineClosed):
        for number in range(64):
            line.call("SET", number, "x" * 2**20)
    assert server.child.wait(10) < 0


@pytest.mark.django_db
def test_the_private_bank_is_not_the_houses(shop: Workshop) -> None:
    seq, url = bank.head(1).seq, settings.REDIS_BANK_URL
    with shop.bank(1) as server:
        assert str(server.socket) in settings.REDIS_BANK_URL
        bank.run(bank.grant(1, 1, 100, "purse"))
        assert bank.head(1).in_wallets == 100
    assert url == settings.REDIS_BANK_URL
    assert (bank.head(1).seq, bank.head(1).in_wallets) == (seq, 0)


def test_a_workshop_leaves_no_process_and_no_folder() -> None:
    with pytest.raises(ValueError, match="a mistake"), Workshop(lambda _: None) as shop:
        child, folder = shop.redis().child, shop.folder
        raise ValueError("a mistake")
    assert child.poll() is not None and not folder.exists()


def test_it_sweeps_what_killed_runs_left_and_spares_the_living() -> None:
    place = Path(tempfile.gettempdir())
    gone = subprocess.Popen(["true"])
    gone.wait()
    dead, alive = (
        place / f"{workshop.PREFIX}{gone.pid}-x",
        place / f"{workshop.PREFIX}{os.getpid()}-x",
    )
    for folder in (dead, alive):
        folder.mkdir()
    try:
        workshop.sweep()
        assert not dead.exists() and alive.exists()
    finally:
        alive.rmdir()


def run_lab(name: str, out: Path) -> str:
    told = io.StringIO()
    call_command("lab", name, "--out", out, stdout=told)
    return told.getvalue()


@contextmanager
def experiment(monkeypatch: pytest.MonkeyPatch, run: Callable[[Workshop], Report]) -> Iterator[str]:
    monkeypatch.setitem(running.EXPERIMENTS, "stones", run)
    yield "stones"


def test_it_prints_and_writes_the_chart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:  # fmt: skip
    with experiment(monkeypatch, lambda _: report(holds=True)) as name:
        told = run_lab(name, tmp_path)
    assert "2 assertions held, 0 did not" in told
    assert words((tmp_path / "stones.svg").read_text())[0] == "Stones"


def test_it_fails_with_the_name_of_what_did_not_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with experiment(monkeypatch, lambda _: report(holds=False)) as name:
        with pytest.raises(CommandError, match="stones: stones swim") as ended:
            run_lab(name, tmp_path)
        assert ended.value.returncode == 1


def test_it_says_which_experiment_cannot_run_and_how_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pond = prerequisites.Tool(programs=("no-such-pond",), packages=("pond",))
    monkeypatch.setitem(prerequisites.TOOLS, "pond", pond)

    def run(_: Workshop) -> Report:
        workshop.need("pond")
        return report(holds=True)

    with experiment(monkeypatch, run) as name:
        with pytest.raises(
            CommandError, match="stones could not run: no-such-pond is not"
        ) as ended:
            run_lab(name, tmp_path)
        assert "apt-get install pond" in str(ended.value)


def test_a_full_disk_stops_one_experiment_and_not_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(_: Workshop) -> Report:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(running.EXPERIMENTS, "sand", run)
    refused = pytest.raises(CommandError, match="sand could not run: .*No space left")
    with experiment(monkeypatch, lambda _: report(holds=True)) as name, refused:
        call_command("lab", "sand", name, "--out", str(tmp_path), stdout=io.StringIO())
    assert (tmp_path / "stones.svg").exists()


def test_it_says_why_a_mariadb_could_not_be_set_up(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("mkdir: no\nFatal error Can't create it\n\nSee the net.\n")
    assert str(engines.not_set_up(tmp_path / "log")).endswith(": Fatal error Can't create it")


@pytest.mark.parametrize("wrong", [["dice"], ["race", "--scale", "0"], ["race", "--scale", "2"]])
def test_it_refuses_what_it_does_not_know(wrong: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("lab", *wrong)


def test_it_looks_for_a_place_for_the_charts_before_it_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("kept")

    def run(_: Workshop) -> Report:
        pytest.fail("It began.")

    with experiment(monkeypatch, run) as name, pytest.raises(CommandError, match="File exists"):
        run_lab(name, tmp_path / "file")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "아무도"),
        ({"LANG": "ko_KR", "LC_ALL": "C.UTF-8"}, "nobody"),
        ({}, "nobody"),
    ],
)
def test_it_says_it_in_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], told: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert language.said("nobody") == told


def test_it_puts_figures_and_words_where_korean_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert language.said("hincrby: 1,600 tries by 4 programs") == "HINCRBY: 프로그램 4개가 1,600번"
    assert language.said("5 joins: set, its size answered") == "5번 들어오기: 집합, 크기를 답함"
    assert language.said("KEYS * over 200,000 keys") == "키 200,000개에 KEYS *"
    assert language.said("GET of 1") == "GET of 1"


def test_every_sentence_of_the_experiments_has_its_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert [one for one in SENTENCES if language.said(one) == one] == []
