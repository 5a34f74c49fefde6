"""Charts as SVG texts: bars, lines, and a grid of yes and no. No library, no script.

Colours are those of our style sheet and follow the reader's light or dark setting; the
figures also stand in words, so that no colour is needed to read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 760
MARGIN = 24
TOP = 76
# The width of an average letter, generously: fonts differ from reader to reader.
CHARACTER = 7.6
COLOURS = ("#1a3db5", "#c9164c", "#0e716d", "#a93a0c", "#7530e3", "#565d73", "#1f6413")
COLOURS_DARK = ("#4da6ff", "#ff6b93", "#62f0e4", "#ffa788", "#ae92db", "#a6c6c9", "#d5f04e")
ROW = 26
LINE = 20
BAR = 18


@dataclass(frozen=True, slots=True)
class Bar:
    """A labelled bar of one or more parts, in the order of the chart's series."""

    label: str
    parts: tuple[float, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A named line through points, left to right; `end` tells what its last point means."""

    label: str
    points: list[tuple[float, float]]
    end: str = ""


def bars(title: str, unit: str, rows: Sequence[Bar], series: Sequence[str] = ()) -> str:
    """Horizontal bars; several parts lie end to end and are named in a legend."""
    left = MARGIN + max(len(row.label) for row in rows) * CHARACTER + 12
    room = max(len(_note(row)) for row in rows) * CHARACTER + 14
    scale = (WIDTH - left - room - MARGIN) / (max(sum(row.parts) for row in rows) or 1)
    top = TOP + (ROW if series else 0)
    drawn = [_legend(series, TOP)] if series else []
    for at, row in enumerate(rows):
        y = top + at * ROW
        drawn.append(_text(left - 10, y + 13, row.label, "end"))
        x = left
        for number, part in enumerate(row.parts):
            drawn.append(_block(x, y, part * scale, number))
            x += part * scale
        drawn.append(_text(x + 8, y + 13, _note(row), kind="figure"))
    drawn.append(_rule(left, top - 6, left, top + len(rows) * ROW - 2))
    return _page(title, unit, top + len(rows) * ROW + MARGIN, drawn)


def lines(title: str, axes: tuple[str, str], curves: Sequence[Curve]) -> str:
    """Curves over one pair of axes that begin at nought; `axes` names x and y with units."""
    left, right, top = MARGIN + 52, WIDTH - 2 * MARGIN, TOP + len(curves) * LINE + 14
    bottom = top + 260
    x_most = _round_up(max(x for curve in curves for x, _ in curve.points))
    y_most = _round_up(max(y for curve in curves for _, y in curve.points))
    drawn = []
    for step in range(5):
        y = bottom - (bottom - top) * step / 4
        drawn += [
            _rule(left, y, right, y),
            _text(left - 8, y + 4, _plain(y_most * step / 4), "end"),
        ]
        x = left + (right - left) * step / 4
        drawn.append(_text(x, bottom + 20, _plain(x_most * step / 4), "middle"))
    drawn.append(_text((left + right) / 2, bottom + 42, axes[0], "middle", "quiet"))
    for number, curve in enumerate(curves):
        path = [
            (left + x / x_most * (right - left), bottom - y / y_most * (bottom - top))
            for x, y in curve.points
        ]
        name = f"{curve.label}: {curve.end}" if curve.end else curve.label
        drawn += [_path(path, number), _legend([name], TOP + number * LINE, number)]
        if curve.end:
            x, y = path[-1]
            drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="block c{number}"/>')
    return _page(title, axes[1], bottom + 42 + MARGIN, drawn)


def grid(
    title: str, unit: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]],
    meanings: dict[str, tuple[str, int]],
) -> str:  # fmt: skip
    """A word in every field; `meanings` gives each word its sign and the number of its colour."""
    left = MARGIN + max(len(label) for label, _ in rows) * CHARACTER + 12
    wide = (WIDTH - left - MARGIN) / len(columns)
    heads = [column.split("\n") for column in columns]
    top = TOP + max(map(len, heads)) * 16 + 12
    drawn = []
    for at, head in enumerate(heads):
        for number, word in enumerate(head):
            drawn.append(_text(left + (at + 0.5) * wide, TOP + 8 + number * 16, word, "middle"))
    for number, (label, words) in enumerate(rows):
        y = top + number * ROW
        drawn += [_rule(MARGIN, y - 5, WIDTH - MARGIN, y - 5), _text(MARGIN, y + 13, label)]
        for at, word in enumerate(words):
            sign, colour = meanings[word]
            x = left + (at + 0.5) * wide
            drawn.append(_text(x, y + 13, f"{sign} {word}".strip(), "middle", f"word c{colour}"))
    return _page(title, unit, top + len(rows) * ROW + MARGIN, drawn)


def _page(title: str, unit: str, height: float, drawn: Sequence[str]) -> str:
    light = _colours(COLOURS)
    dark = _colours(COLOURS_DARK)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" \
width="{WIDTH}" height="{height:.0f}" role="img" aria-label="{escape(title, {'"': "&quot;"})}">
<style>
svg {{ --paper: #fbfaf7; --ink: #161a2b; --muted: #535970; --line: #c6cad6; {light} }}
@media (prefers-color-scheme: dark) {{
svg {{ --paper: #1a1c2b; --ink: #f4f1e9; --muted: #a9aec4; --line: #3b3f57; {dark} }}
}}
text {{ font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--ink); }}
.title {{ font-size: 18px; font-weight: 700; }}
.quiet {{ fill: var(--muted); }}
.figure {{ font-variant-numeric: tabular-nums; }}
.word {{ font-size: 12px; fill: var(--c); }}
.rule {{ stroke: var(--line); }}
.block {{ fill: var(--c); }}
.path {{ stroke: var(--c); fill: none; stroke-width: 2.5; stroke-linejoin: round; }}
{"".join(f".c{at} {{ --c: var(--c{at}); }} " for at in range(len(COLOURS)))}
</style>
<rect width="100%" height="100%" rx="8" fill="var(--paper)"/>
{_text(MARGIN, 36, title, kind="title")}
{_text(MARGIN, 56, unit, kind="quiet")}
{chr(10).join(drawn)}
</svg>
"""


def _colours(colours: Sequence[str]) -> str:
    return " ".join(f"--c{at}: {colour};" for at, colour in enumerate(colours))


def _legend(names: Sequence[str], y: float, first: int = 0) -> str:
    drawn, x = [], float(MARGIN)
    for number, name in enumerate(names, first):
        drawn += [_block(x, y, 12, number, 12), _text(x + 18, y + 11, name)]
        x += 18 + len(name) * CHARACTER + 18
    return "\n".join(drawn)


def _text(x: float, y: float, text: str, anchor: str = "start", kind: str = "plain") -> str:
    words = escape(text)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{words}</text>'


def _block(x: float, y: float, width: float, number: int, height: float = BAR) -> str:
    shown = max(width, 1.5) if width > 0 else 0
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{shown:.1f}" height="{height}" '
        f'rx="2" class="block c{number}"/>'
    )


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" class="rule"/>'


def _path(points: Sequence[tuple[float, float]], number: int) -> str:
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{steps}" class="path c{number}"/>'


def _note(row: Bar) -> str:
    return row.note or " + ".join(_plain(part) for part in row.parts)


def _plain(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 10 or figure == int(figure) else f"{figure:,.2g}"


def _round_up(figure: float) -> float:
    """The next of 1, 2, 4, 5 or 10 times a power of ten, so that quarters are readable."""
    power = 10.0 ** (len(str(int(figure))) - 1)
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= figure)
