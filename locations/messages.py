"""The wire of positions: what clients send, and what they are told."""

from typing import Any

from accounts.parsing import Message

from .fixes import Fix, Flag, Measured, Source
from .judgement import LIVE_FOR_MS, Verdict

FIXES_PER_POST_MAX = 100


class ReportedFix(Message):
    """One fix of a client that speaks our own protocol; degrees, metres, m/s, Unix ms."""

    fix_ms: int
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float | None = None
    course_deg: float | None = None
    visible: bool = True

    def measured(self, source: Source) -> Measured:
        return Measured(
            source=source,
            lat=self.lat,
            lon=self.lon,
            fix_ms=self.fix_ms,
            accuracy_m=self.accuracy_m,
            speed_mps=self.speed_mps,
            course_deg=self.course_deg,
            is_visible=self.visible,
        )


class FixMessage(ReportedFix, kw_only=True, tag_field="type", tag="fix"):
    """A fix on the socket; `n` comes back in its ack."""

    n: int


class Ping(Message, tag_field="type", tag="ping"):
    """Are you there; `t` comes back."""

    t: int | float | str | None = None


LocationMessage = FixMessage | Ping


class Report(Message):
    """The body of POST /api/locations/."""

    fixes: list[ReportedFix]


def result(verdict: Verdict) -> dict[str, Any]:
    """What is told of one fix."""
    told: dict[str, Any] = {"status": verdict.status}
    if verdict.reason:
        told["reason"] = verdict.reason
    return told


def ack(n: int, verdict: Verdict, next_ms: int) -> dict[str, Any]:
    return {"type": "ack", "n": n, **result(verdict), "next_ms": next_ms}


def position(fix: Fix, now_ms: int) -> dict[str, Any]:
    """A position as its own user sees it; unknown figures are None."""
    age_ms = max(0, now_ms - fix.fix_ms)
    return {
        "fix_ms": fix.fix_ms,
        "received_ms": fix.received_ms,
        "lat": fix.lat,
        "lon": fix.lon,
        "accuracy_m": fix.accuracy_m,
        "speed_mps": fix.speed_mps,
        "course_deg": fix.course_deg,
        "source": Source(fix.source).name.lower(),
        "age_s": age_ms // 1000,
        "live": age_ms <= LIVE_FOR_MS,
        "flags": [str(flag.name).lower() for flag in Flag(fix.flags)],
    }
