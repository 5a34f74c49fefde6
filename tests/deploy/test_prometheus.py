"""A real Prometheus asks a house: all figures of dashboard and rules are there."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from launcher import prerequisites, processes
from launcher.private_house import House
from launcher.venv import ROOT
from tests.deploy.test_alerts import RULES
from tests.servers import free_ports, house_in

PROMETHEUS, PROMTOOL = (
    shutil.which(name, path=prerequisites.PLACES) for name in ("prometheus", "promtool")
)
# Once for both pairs: the house starts what it needs itself.
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not (PROMETHEUS and PROMTOOL), reason="prometheus is not installed"),
]

DEPLOY = ROOT / "deploy"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "ringside.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TOKEN = "figures-for-prometheus"
PATIENCE_S = 60
# Two scrapes after the house was complete, and what the rules made of them.
SEEN = (
    "count_over_time(ringside_clock_age_seconds[1m]) > 1",
    "count_over_time(ringside_clock_step_seconds_count[1m]) > 1",
    "count(count_over_time(ringside:objective_bad:ratio30d[1m]) > 1) == 3",
)
# What a house tells only once something happened, or was compared.
SILENT = re.compile(r"ringside_(gate_shut|fixes_total|rows_set_aside|books_differences|layer_\w+)")


class Asked:
    """A Prometheus that scrapes one house."""

    def __init__(self, port: int) -> None:
        self._api = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S)

    def is_ready(self) -> bool:
        try:
            return self._api.get("/-/ready").is_success
        except httpx.TransportError:
            return False

    def series(self, expr: str) -> list[dict[str, Any]]:
        """What an expression finds now; fails where it cannot be read."""
        told = self._api.get("/api/v1/query", params={"query": expr}).json()
        assert told["status"] == "success", f"{expr}: {told}"
        return list(told["data"]["result"])

    def found(self, expr: str, *, least: int = 1) -> list[dict[str, Any]]:
        """What it finds in one reading, soon: a scrape that took too long leaves nothing."""
        deadline = time.monotonic() + PATIENCE_S
        while len(found := self.series(expr)) < least and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def rules(self) -> list[dict[str, Any]]:
        groups = self._api.get("/api/v1/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with house_in(folder, has_servers=False, METRICS_TOKEN=TOKEN) as made:
        yield made


@pytest.fixture(scope="module")
def asked(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Prometheus with the files of deploy/, in haste, after its first scrapes."""
    folder = tmp_path_factory.mktemp("prometheus")
    (port,) = free_ports(1)
    command = [
        str(PROMETHEUS), f"--config.file={configured(folder, house)}",
        f"--storage.tsdb.path={folder / 'series'}", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    log = folder / "log"
    child = processes.start(command, log=log)
    made = Asked(port)

    def wait_until(is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert child.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)

    try:
        wait_until(made.is_ready)
        for seen in SEEN:
            wait_until(partial(made.series, seen))
        wait_until(lambda: all(rule["health"] != "unknown" for rule in made.rules()))
        yield made
    finally:
        processes.stop(child)


def configured(folder: Path, house: House) -> Path:
    """deploy/prometheus.yml for a house on this port, asked many times a minute."""
    settings = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "300ms"}
    assert settings["rule_files"] == ["alerts.yml"]
    shutil.copy(DEPLOY / "alerts.yml", folder)
    (job,) = settings["scrape_configs"]
    job["static_configs"] = [{"targets": targets(house)}]
    (folder / job["authorization"]["credentials_file"]).write_text(TOKEN)
    made = folder / "prometheus.yml"
    made.write_text(yaml.safe_dump(settings))
    return made


def targets(house: House) -> list[str]:
    """The house under two names, as if it were two machines that tell the same of their house."""
    return [f"127.0.0.1:{house.port}", f"localhost:{house.port}"]


def of_one(expr: str, target: str) -> str:
    """An expression as it would be with this target alone."""
    one = f'instance="{target}"'
    expr = re.sub(r"(ringside_\w+)\{", rf"\1{{{one},", expr)
    return re.sub(r"(ringside_\w+)(?![\w{])", rf"\1{{{one}}}", expr)


def declared(house: House) -> set[str]:
    """The names of what the house tells, as Prometheus keeps them; also without a value yet."""
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    told = httpx.get(f"{house.url}/metrics/", headers=bearer).raise_for_status().text
    kinds = dict(re.findall(r"^# TYPE (ringside_\w+) (\w+)$", told, re.MULTILINE))
    parts = ("_bucket", "_count", "_sum")
    return {
        name + part
        for name, kind in kinds.items()
        for part in (parts if kind == "histogram" else ("",))
    }


def expressions() -> list[str]:
    """Every query of the dashboard, as Grafana would send it for an hour."""
    targets = [target for panel in PANELS for target in panel["targets"]]
    return [target["expr"].replace("$__rate_interval", "1m") for target in targets]


def names_in(exprs: list[str]) -> set[str]:
    return {name for expr in exprs for name in re.findall(r"ringside_\w+", expr)}


def run(*command: str | Path) -> str:
    """What promtool says; fails with it."""
    told = subprocess.run(
        [str(PROMTOOL), *command], cwd=ROOT, text=True, check=False, timeout=PATIENCE_S,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout
    return told.stdout


def test_promtool_reads_the_files() -> None:
    assert f"{len(RULES)} rules found" in run("check", "rules", "deploy/alerts.yml")
    run("check", "config", "--syntax-only", "deploy/prometheus.yml")


def test_an_objective_that_is_missed_wakes_somebody() -> None:
    run("test", "rules", "tests/deploy/objectives.yml")


def test_the_dashboard_shows_every_figure_in_a_place_of_its_own() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken and all(x < 24 for x, _y in cells), panel["title"]
        taken |= cells
    for panel in PANELS:
        # Whoever imports it names their own source.
        sources = [panel, *panel["targets"]]
        assert {one["datasource"]["uid"] for one in sources} == {"${source}"}, panel["title"]


def test_every_query_is_of_figures_that_the_house_tells(house: House, asked: Asked) -> None:
    told = declared(house)
    shown, ruled = names_in(expressions()), names_in([rule["expr"] for rule in RULES])
    assert shown | ruled <= told, "dashboard or rules name figures that nobody tells"
    kept = {re.sub("_(bucket|count|sum)$", "", name) for name in shown}
    missed = {name for name in told if re.sub("_(bucket|count|sum)$", "", name) not in kept}
    assert not missed, "the dashboard leaves figures out"
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    for expr in expressions():
        assert set(re.findall(r"ringside:[\w:]+", expr)) <= recorded, expr
        assert SILENT.search(expr) or asked.found(expr), f"nothing found: {expr}"


def test_figures_of_the_house_are_told_once_by_two_machines(house: House, asked: Asked) -> None:
    def once(expr: str) -> dict[frozenset[tuple[str, str]], float]:
        return {
            frozenset(one["metric"].items()): float(one["value"][1]) for one in asked.series(expr)
        }

    source = (ROOT / "operations" / "metrics.py").read_text()
    ours = set(re.findall(r'"(ringside_\w+)"', source))
    shown = [expr for expr in expressions() if any(name in expr for name in ours)]
    assert len(shown) > 20
    for expr in shown:
        both, alone = once(expr), once(of_one(expr, targets(house)[0]))
        assert both.keys() == alone.keys(), expr
        for labels, value in alone.items():
            assert both[labels] == pytest.approx(value, rel=0.2, abs=10), (expr, labels)


def test_prometheus_evaluates_every_rule(asked: Asked) -> None:
    rules = asked.rules()
    assert len(rules) == len(RULES)
    assert {(rule["health"], rule.get("lastError", "")) for rule in rules} == {("ok", "")}
    for record in {rule["record"] for rule in RULES if "record" in rule}:
        found = asked.found(f"count by (objective) ({record})", least=3)
        assert {"bets", "pages", "sockets"} == {one["metric"]["objective"] for one in found}
    # A house in which nothing is wrong wakes nobody.
    assert not asked.series('ALERTS{severity="page",alertstate="firing"}')
