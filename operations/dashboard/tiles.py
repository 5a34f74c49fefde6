"""The gauges of the front page: a figure of now, whether it is well, and its last hour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from betting.bank.capacity import MARKS
from betting.bank.capacity import Level as Fullness
from operations.dashboard.readings import Reading
from operations.dashboard.sparklines import Chart, chart
from operations.tables import size

Level = Literal["", "warn", "bad", "away"]

BEHIND_WARN_MS, BEHIND_BAD_MS = 5_000, 60_000
WAITING_WARN = 1_000
DATABASE_WARN_MS = 100.0
LIVE_WARN = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One gauge; `text` is "–" and `level` away when it could not be read."""

    name: str
    label: str
    text: str
    note: str
    level: Level
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gauge:
    name: str
    label: str
    figure: Callable[[Reading], float | None]
    text: Callable[[Reading], str]
    note: Callable[[Reading], str] = lambda _: ""
    level: Callable[[float], Level] = lambda _: ""
    limit: float | None = None


def tiles(now: Reading, hour: Sequence[Reading]) -> list[Tile]:
    """All gauges."""
    return [_tile(gauge, now, hour) for gauge in _gauges()]


def _tile(gauge: _Gauge, now: Reading, hour: Sequence[Reading]) -> Tile:
    figure = gauge.figure(now)
    moments = [(each.at_ms, gauge.figure(each)) for each in hour]
    return Tile(
        name=gauge.name,
        label=gauge.label,
        text="–" if figure is None else gauge.text(now),
        note=_("not known") if figure is None else gauge.note(now),
        level="away" if figure is None else gauge.level(figure),
        chart=chart(moments, now.at_ms, gauge.limit),
    )


def _gauges() -> list[_Gauge]:
    return [
        _Gauge(
            name="bets",
            label=_("Bets accepted"),
            figure=lambda now: now.bets,
            text=lambda now: f"{now.bets:,.1f} /s",
        ),
        _Gauge(
            name="sockets",
            label=_("Sockets open"),
            figure=lambda now: now.sockets,
            text=lambda now: f"{now.sockets:,}",
        ),
        _Gauge(
            name="rooms",
            label=_("Rooms live"),
            figure=lambda now: now.rooms,
            text=lambda now: f"{now.rooms:,}",
            note=_people,
        ),
        _Gauge(
            name="behind",
            label=_("Ledger behind the bank"),
            figure=lambda now: now.behind_ms,
            text=lambda now: f"{(now.behind_ms or 0) / 1000:.1f} s",
            note=_entries,
            level=_above(BEHIND_WARN_MS, BEHIND_BAD_MS),
        ),
        _Gauge(
            name="waiting",
            label=_("Positions not in SQL yet"),
            figure=lambda now: now.waiting,
            text=lambda now: f"{now.waiting:,}",
            level=_above(WAITING_WARN, 10 * WAITING_WARN),
        ),
        _memory("bank", _("Bank memory"), MARKS[Fullness.FILLING], MARKS[Fullness.NEARLY_FULL]),
        _memory("live", _("Live memory"), LIVE_WARN, 0.95),
        _Gauge(
            name="database",
            label=_("Database answers in"),
            figure=lambda now: now.database_ms,
            text=lambda now: f"{now.database_ms:,.1f} ms",
            level=_above(DATABASE_WARN_MS, 10 * DATABASE_WARN_MS),
        ),
    ]


def _people(now: Reading) -> str:
    here = now.here
    return "" if here is None else ngettext("%d person here", "%d people here", here) % here


def _entries(now: Reading) -> str:
    return ngettext("%d entry", "%d entries", now.behind or 0) % (now.behind or 0)


def _memory(role: str, label: str, warn: float, bad: float) -> _Gauge:
    def share(now: Reading) -> float | None:
        used, most = getattr(now, f"{role}_bytes"), getattr(now, f"{role}_bytes_max")
        return used / most if used is not None and most else None

    def note(now: Reading) -> str:
        used, most = getattr(now, f"{role}_bytes"), getattr(now, f"{role}_bytes_max")
        return f"{size(used)} / {size(most)}"

    return _Gauge(
        name=role,
        label=label,
        figure=share,
        text=lambda now: f"{100 * (share(now) or 0):.0f} %",
        note=note,
        level=_above(warn, bad),
        limit=warn,
    )


def _above(warn: float, bad: float) -> Callable[[Any], Level]:
    return lambda figure: "bad" if figure >= bad else "warn" if figure >= warn else ""
