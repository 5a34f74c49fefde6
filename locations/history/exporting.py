"""The own history as JSON or GPX, complete and readable by other programs."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from locations.fixes.fix import UNKNOWN_ALTITUDE, UNKNOWN_U16, flag_words, source_word
from locations.models import LocationFix

GPX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="Ringside" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:r="urn:ringside:fix">\n<trk><name>{name}</name><trkseg>\n'
)
GPX_TAIL = "</trkseg></trk>\n</gpx>\n"


class ExportedFix(msgspec.Struct):
    """One past position; unknown figures are null."""

    fix_ms: int
    received_ms: int
    lat: float
    lon: float
    accuracy_m: float | None
    speed_mps: float | None
    course_deg: float | None
    altitude_m: int | None
    source: str
    flags: list[str]


def history(user_id: int) -> Iterator[ExportedFix]:
    """The kept fixes of a user, oldest first."""
    # Plain rows: a week at a fix in five seconds is 120,000 of them.
    rows = LocationFix.objects.filter(user_id=user_id).order_by("fix_ms").values()
    for row in rows.iterator():
        yield _exported(row)


def after(user_id: int, after_ms: int, count: int) -> list[ExportedFix]:
    """The next fixes of a user behind a time, oldest first."""
    rows = LocationFix.objects.filter(user_id=user_id, fix_ms__gt=after_ms).order_by("fix_ms")
    return [_exported(row) for row in rows.values()[:count]]


def _exported(row: Mapping[str, Any]) -> ExportedFix:
    return ExportedFix(
        fix_ms=row["fix_ms"],
        received_ms=row["fix_ms"] + row["lag_ms"],
        lat=row["lat_e7"] / 1e7,
        lon=row["lon_e7"] / 1e7,
        accuracy_m=_known(row["accuracy_dm"], 10),
        speed_mps=_known(row["speed_cms"], 100),
        course_deg=_known(row["course_cd"], 100),
        altitude_m=None if row["altitude_m"] == UNKNOWN_ALTITUDE else row["altitude_m"],
        source=source_word(row["source"]),
        flags=list(flag_words(row["flags"])),
    )


def _known(figure: int, per_unit: int) -> float | None:
    return None if figure == UNKNOWN_U16 else figure / per_unit


def as_json(user_id: int) -> bytes:
    """The history as `{"user", "fixes": […]}`."""
    return msgspec.json.encode({"user": user_id, "fixes": list(history(user_id))})


def as_gpx(user_id: int) -> bytes:
    """The history as one GPX 1.1 track; figures that GPX has no element for are extensions."""
    points = [_point(fix) for fix in history(user_id)]
    return (GPX_HEAD.format(name=f"Ringside {user_id}") + "".join(points) + GPX_TAIL).encode()


def _moment(fix_ms: int) -> str:
    """A time as GPX writes it; "" where the year has too many digits."""
    try:
        return datetime.fromtimestamp(fix_ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return ""


def _point(fix: ExportedFix) -> str:
    moment = _moment(fix.fix_ms)
    elevation = "" if fix.altitude_m is None else f"<ele>{fix.altitude_m}</ele>"
    extensions = _extensions(
        {
            "received_ms": fix.received_ms,
            "accuracy_m": fix.accuracy_m,
            "speed_mps": fix.speed_mps,
            "course_deg": fix.course_deg,
            "flags": " ".join(fix.flags) or None,
        }
    )
    return (
        f'<trkpt lat="{fix.lat:.7f}" lon="{fix.lon:.7f}">{elevation}'
        f"<time>{moment.replace('+00:00', 'Z')}</time><src>{fix.source}</src>{extensions}</trkpt>\n"
    )


def _extensions(figures: dict[str, Any]) -> str:
    told = "".join(
        f"<r:{name}>{escape(str(figure))}</r:{name}>"
        for name, figure in figures.items()
        if figure is not None
    )
    return f"<extensions>{told}</extensions>"
