"""Draws docs/architecture.svg from the contracts in pyproject.toml: `python docs/architecture.py`.

Every app is a box at its height, and its own layers stand in it. Standard library only.
"""

import tomllib
from html import escape
from pathlib import Path

DRAWING = Path(__file__).with_suffix(".svg")
PROJECT = DRAWING.parents[1] / "pyproject.toml"
WIDTH, EDGE, GAP, HEAD, LINE = 1080, 20, 30, 36, 30
# What a letter takes, generously: texts must fit their boxes in any sans-serif.
LETTER = 7.5
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1d2733; text-anchor: middle; }
.app { font-weight: 700; font-size: 15px; }
.box { fill: #e9eef3; stroke: #94a5b6; }
.layer { fill: #fff; stroke: #c3ced9; }
.down { fill: #5a6b7b; }
@media (prefers-color-scheme: dark) {
  text { fill: #e3e9ef; }
  .box { fill: #1c252e; stroke: #4a5a69; }
  .layer { fill: #2a3641; stroke: #4a5a69; }
  .down { fill: #9fb0c0; }
}
"""


def draw() -> str:
    """The drawing of the contracts as they are, as SVG."""
    contracts = tomllib.loads(PROJECT.read_text())["tool"]["importlinter"]["contracts"]
    layered = [one for one in contracts if one["type"] == "layers"]
    inside = {app: one["layers"] for one in layered for app in one.get("containers", ())}
    [storeys] = [one["layers"] for one in layered if "containers" not in one]
    parts: list[str] = []
    top = EDGE
    for storey in storeys:
        if parts:
            parts.append(f'<path class="down" d="M{WIDTH // 2 - 7} {top - 20}h14l-7 10z"/>')
        apps = {name: inside.get(name, []) for name in _names(storey)}
        height = HEAD + LINE * max(map(len, apps.values()))
        parts += _storey(apps, top, height)
        top += height + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top - GAP + EDGE}" '
        f'role="img" aria-label="The apps and their layers; imports go downwards only">'
        f"\n<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _names(layer: str) -> list[str]:
    return [name.strip(" ()") for name in layer.split("|")]


def _storey(apps: dict[str, list[str]], top: int, height: int) -> list[str]:
    """Boxes side by side, as wide as their longest layer asks in proportion."""
    asked = [max(map(len, [name, *layers])) * LETTER + 30 for name, layers in apps.items()]
    spare = (WIDTH - 2 * EDGE - GAP * (len(apps) - 1) - sum(asked)) / len(apps)
    parts, left = [], float(EDGE)
    for (name, layers), need in zip(apps.items(), asked, strict=True):
        width = need + spare
        parts.append(_rectangle("box", left, top, width, height))
        parts.append(_text("app", name, left + width / 2, top + 23))
        for number, layer in enumerate(layers):
            y = top + HEAD + LINE * number - 2
            parts.append(_rectangle("layer", left + 8, y, width - 16, LINE - 4))
            parts.append(_text("", " · ".join(_names(layer)), left + width / 2, y + 17))
        left += width + GAP
    return parts


def _rectangle(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" rx="4"/>'
    )


def _text(kind: str, text: str, x: float, y: float) -> str:
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'


if __name__ == "__main__":
    DRAWING.write_text(draw())
