"""The alert rules: each says what is wrong and where the way out is written."""

import re

import yaml

from launcher.venv import ROOT

OPERATING = ROOT / "docs" / "operating.md"
HEADINGS = (
    "It is full", "It is slow", "It does not connect", "Books differ", "The bank is gone",
    "The database is gone", "Rows are set aside", "Someone cheats", "What is aimed at",
)  # fmt: skip
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
NAMES = {name for rule in RULES for name in re.findall(r"ringside_\w+", rule["expr"])}


def anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def test_each_alert_has_a_sentence_and_a_chapter() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS) > 10
    chapters = {f"docs/operating.md#{anchor(heading)}" for heading in HEADINGS}
    for rule in ALERTS:
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        assert rule["annotations"]["runbook"] in chapters, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")
    assert {rule["annotations"]["runbook"] for rule in ALERTS} == chapters


def test_each_chapter_is_there() -> None:
    text = OPERATING.read_text()
    found = {anchor(line.lstrip("# ").strip()) for line in text.splitlines() if line[:1] == "#"}
    assert found >= {anchor(heading) for heading in HEADINGS}
