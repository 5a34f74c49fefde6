"""The tables of docs/scaling.md, made from the newest kept result of the scale bench."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.results import FOLDER
from benchmarks.scale.capacity import KINDS, Costs, needs
from launcher.venv import ROOT

PAGE = ROOT / "docs" / "scaling.md"
PEOPLE = (1_000, 100_000, 10_000_000)
CLOSE_WITHIN = 0.2
REPLAYED = ("model as given", "measured")
OPERATIONS = {
    "storm": "somebody comes, with many others at once",
    "arrival": "somebody comes and goes alone",
    "delivery": "a frame to one reader",
    "message": "a message between processes",
    "bet": "a bet, its own part",
    "call": "a call to the bank",
    "recording": "a club is recorded",
    "room": "a second of a room whose people do nothing",
    "idle": "a second of a process that has nothing to do",
}
Cell = dict[str, Any]


def write() -> None:
    """Make the tables anew."""
    kept = newest()
    cells = kept["benchmarks"]["scale"]
    machine = ", ".join(f"{what} {which}" for what, which in kept["machine"].items() if which)
    foot = f"Commit {kept['commit']}, {kept['at']} UTC; {machine}."
    page = PAGE.read_text()
    made = {"scale": rows(cells), "costs": cost_rows(cells), "people": people_rows(cells)}
    for name, lines in made.items():
        text = "\n".join(lines) + (f"\n\n{foot}" if name == "scale" else "")
        head, tail = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = page.partition(head)
        page = f"{before}{head}{text}\n{tail}{rest.partition(tail)[2]}"
    PAGE.write_text(page)


def newest() -> dict[str, Any]:
    """The last kept result with a scale bench in it."""
    found = (json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"), reverse=True))
    return next(kept for kept in found if "scale" in kept["benchmarks"])


def rows(cells: Sequence[Cell]) -> Iterator[str]:
    """Model, measured and their ratio for every house; a sentence on the whole."""
    yield "| web, primaries | load before | predicted | measured | ratio | busy | ratio as given |"
    yield "|---|---|---|---|---|---|---|"
    ratios: list[float] = []
    for cell in cells:
        if "measured" not in cell["medians"]:
            continue
        sides = cell["medians"]
        told, given, came = (sides[name]["per s"] for name in ("model", *REPLAYED))
        ratios.append(came / max(given, 1))
        shown = f"{told:,.0f} | {came:,.0f} | {came / max(told, 1):.2f}"
        busy = f"{sides['measured']['busy']:.0%} | **{ratios[-1]:.2f}**"
        web, primaries = cell["setting"].values()
        yield f"| {web}, {primaries} | {cell['load']:.0f} | {shown} | {busy} |"
    close = sum(abs(ratio - 1) <= CLOSE_WITHIN for ratio in ratios)
    yield ""
    yield f"{close} of {len(ratios)} are within {CLOSE_WITHIN:.0%} of the model as given."


def cost_rows(cells: Sequence[Cell]) -> Iterator[str]:
    """What single operations cost."""
    yield f"| µs of processor time | {' | '.join(KINDS)} |"
    yield "|---|" + "---|" * len(KINDS)
    found = _costs(cells)
    for name, told in OPERATIONS.items():
        spent = getattr(found, name)
        yield f"| {told} | {' | '.join(f'{spent.get(kind, 0):,.0f}' for kind in KINDS)} |"


def people_rows(cells: Sequence[Cell]) -> Iterator[str]:
    """What so many people need."""
    found = [needs(_costs(cells), people) for people in PEOPLE]
    yield f"| | {' | '.join(f'{people:,}' for people in PEOPLE)} |"
    yield "|---|---|---|---|"
    told = {
        "bets a second at the deadline": [f"{need.bets_per_s:,.0f}" for need in found],
        "web processes, of a core each": [_some(need.web) for need in found],
        "cores of the bank, so primaries": [_some(need.bank) for need in found],
        "clocks": [_some(need.clock) for need in found],
        "cores of SQL for the ledger": [_some(need.sql) for need in found],
        "messages a second through live": [f"{need.messages_per_s:,.0f}" for need in found],
        "ledger, GB a day": [f"{need.ledger_gb:,.1f}" for need in found],
    }
    for name, each in told.items():
        yield f"| {name} | {' | '.join(each)} |"


def _some(cores: float) -> str:
    """At least one of anything; three digits say enough."""
    return f"{max(round(cores + 0.49), 1):,}" if cores < 100 else f"{round(cores, -1):,.0f}"


def _costs(cells: Sequence[Cell]) -> Costs:
    medians = next(cell["medians"] for cell in cells if "bet" in cell["medians"])
    spent = {
        name: {kind.removesuffix(" us"): us for kind, us in medians[name].items()}
        for name in OPERATIONS
    }
    return Costs(**spent, busy_share=medians["busy"]["busy share"])
