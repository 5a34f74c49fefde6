"""Requests of phones, made from recorded ones as other apps, languages and networks write them.

A `Body` knows what a careful reader can still tell: every change says of itself whether the place
and the time of a report survive it, so what must be kept is known without reading anything.
"""

import base64
import gzip
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, quote_plus

Place = tuple[int, int, int]


@dataclass(slots=True)
class Body:
    """A request, and the places (latitude and longitude in 1e-7 degrees, Unix ms) it tells."""

    kept: set[Place] = field(default_factory=set)
    path: str = ""
    query: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    made_by: list[str] = field(default_factory=list)


# --- One moment, one number


def moment(chance: random.Random, at_ms: int) -> Any:
    """A moment as a number or text of any library; whole seconds only where it has no others."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    zone = timezone(timedelta(minutes=chance.choice([0, 60, 330, 345, 540, -210, -300, 840])))
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    ends = [offset, f"{offset[:3]}:{offset[3:]}", f" {offset}", f" GMT{offset[:3]}:{offset[3:]}"]
    clock = local.strftime("%H:%M:%S")
    if offset[3:] == "00":
        ends.append(offset[:3])
    if offset == "+0000":
        ends += ["Z", "z", "", " UTC", "+00:00[UTC]"]
    texts = [
        local.strftime(f"%Y-%m-%d{between}%H:%M:%S{fraction}") + chance.choice(ends)
        for between in "Tt "
        for fraction in ("", ".000", ",0", ".000000000")
    ]
    texts += [
        local.strftime("%Y%m%dT%H%M%S%z"),
        local.strftime("%Y/%m/%d %H:%M:%S ") + offset,
        local.strftime("%a %b %d %Y ") + f"{clock} GMT{offset} (Somewhere)",
        local.strftime("%a %b %d ") + f"{clock} GMT{offset[:3]}:{offset[3:]} {local.year}",
        format_datetime(local),
        format_datetime(at, usegmt=True),
        at.strftime("%a %b %e %H:%M:%S %Y"),
        arabic(at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        # The second before, with a second more than a minute has.
        *([(at - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:60Z")] if at.second == 0 else []),
    ]
    numbers = [at_ms // 1000, at_ms, at_ms * 1000, at_ms * 10**6, at_ms / 1000, f"{at_ms // 1000}",
               f"{at_ms}", f"{at_ms / 1000:.3f}".replace(".", ","), f"{at_ms:.12E}",
               f" {at_ms // 1000} "]  # fmt: skip
    return chance.choice(numbers if chance.random() < 0.4 else texts)


def arabic(text: str) -> str:
    """Digits as phones in Arabic write them."""
    return text.translate({ord("0") + n: 0x660 + n for n in range(10)})


def degrees(chance: random.Random, degrees_e7: int) -> Any:
    """A coordinate as a number or text of any library."""
    exact = f"{degrees_e7 / 1e7:.7f}"
    ways = [
        degrees_e7 / 1e7, exact, exact.replace(".", ","), f" {exact} ", f"{exact}000",
        f"{degrees_e7 / 1e7:.12E}", arabic(exact).replace(".", "٫"),
        exact.replace("-", "−"),
    ]  # fmt: skip
    return chance.choice(ways)


NONSENSE = [
    None, "", "null", "NaN", "nan", "Infinity", "-1", -1, float("nan"), float("inf"), 1e308, 10**30,
    [], {}, [[]], {"a": {}}, "Caf\u00e9", "half \ud83d emoji", "a\traw\ttab", "two\nlines",
    "\u0000", 'a "quoted" word', "\\", True, False, "9" * 90, "unknown", "1e999",
]  # fmt: skip
UNREADABLE_TIMES = [
    "yesterday",
    "not-a-date",
    "2026-13-45T99:99:99Z",
    "0",
    -5,
    [],
    {},
    True,
    "12:00",
]
UNREADABLE_PLACES = ["north", float("nan"), "NaN", "Infinity", [], {}, True, "1e999", "--5"]


# --- A report of one position, as an object


@dataclass(slots=True)
class Report:
    """What one report says: its fields, and where in them place and time stand."""

    said: dict[str, Any]
    kept: Place | None


def owntracks(chance: random.Random, like: dict[str, Any], place: Place) -> Report:
    """A message of OwnTracks."""
    said = {key: value for key, value in like.items() if key != "t"}
    _spoil(chance, said, {"_type", "lat", "lon", "tst"})
    said |= {"lat": degrees(chance, place[0]), "lon": degrees(chance, place[1])}
    said["tst"] = moment(chance, place[2])
    return _maybe_lost(chance, said, said, ("lat", "lon", "tst"), place)


def coordinates(chance: random.Random, like: dict[str, Any], place: Place) -> Report:
    """A report as Traccar Client 9 writes it, with `coords` or without."""
    said = json.loads(json.dumps(like))
    coords = said.pop("coords", said)
    for name in ("latitude", "longitude", "timestamp", "_"):
        coords.pop(name, None), said.pop(name, None)
    _spoil(chance, coords, set())
    coords |= {"latitude": degrees(chance, place[0]), "longitude": degrees(chance, place[1])}
    said["timestamp"] = moment(chance, place[2])
    report = _maybe_lost(chance, said, coords, ("latitude", "longitude", "timestamp"), place)
    if coords is not said:
        said["coords"] = coords
    return report


def feature(chance: random.Random, place: Place) -> Report:
    """A report as Overland writes it."""
    point = [place[1] / 1e7, place[0] / 1e7]
    properties = {"timestamp": moment(chance, place[2]), "horizontal_accuracy": 8, "speed": -1,
                  "battery_level": 0.89, "wifi": "Caf\u00e9", "motion": ["walking"]}  # fmt: skip
    _spoil(chance, properties, {"timestamp"})
    geometry = {"type": "Point", "coordinates": point}
    return Report({"type": "Feature", "geometry": geometry, "properties": properties}, place)


def _spoil(chance: random.Random, said: dict[str, Any], needed: set[str]) -> None:
    """Nonsense in fields that nobody needs."""
    for name in list(said):
        if name not in needed and name not in ("coords", "valid") and chance.random() < 0.3:
            said[name] = chance.choice(NONSENSE)
    for number in range(300 if chance.random() < 0.02 else 0):
        said[f"other{number}"] = number


def _maybe_lost(
    chance: random.Random,
    said: dict[str, Any],
    inner: dict[str, Any],
    names: tuple[str, str, str],
    place: Place,
) -> Report:
    """One report in eight says no place or no time that anybody could read."""
    if chance.random() > 0.125:
        return Report(said, place)
    if chance.random() < 0.5:
        said[names[2]] = chance.choice(UNREADABLE_TIMES)
    else:
        inner[chance.choice(names[:2])] = chance.choice(UNREADABLE_PLACES)
    return Report(said, None)


# --- Several reports in one body


def wrapped(chance: random.Random, reports: list[dict[str, Any]]) -> Any:
    """One, a list, or a list inside, as the buffers of apps that were offline send them."""
    several: list[Callable[[], Any]] = [
        lambda: reports,
        lambda: {"location": reports},
        lambda: {"locations": reports, "current": {}},
        lambda: {"data": {"locations": reports}},
        lambda: [{"location": each} for each in reports],
        lambda: {"locations": [{"location": each} for each in reports], "uuid": "x"},
        lambda: [json.dumps(each) for each in reports],
        lambda: json.dumps(reports),
        lambda: [reports],
    ]
    if len(reports) == 1:
        several += [lambda: reports[0], lambda: {"location": reports[0]}] * 4
    return chance.choice(several)()


def as_json(chance: random.Random, said: Any) -> bytes:
    """JSON as libraries, templates and old phones write it."""
    text = json.dumps(said, ensure_ascii=chance.random() < 0.5)
    # Within a text that holds JSON these would stand behind two strokes.
    if chance.random() < 0.3 and '\\"' not in text and "\\\\" not in text:
        text = text.replace("\\t", "\t").replace("\\n", "\n")
    if chance.random() < 0.1 and text[0] in "{[":
        text = f"{text[:-1]},{text[-1]}" if text[-2] not in "{[" else text
    if chance.random() < 0.05 and isinstance(said, list) and isinstance(said[0], dict):
        text = "\n".join(json.dumps(each) for each in said)
    if chance.random() < 0.05:
        text = text.replace(": null", ":").replace(": NaN", ":")
    if chance.random() < 0.05:
        return text.encode("utf-16", "replace")
    coded = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.3:
        coded = coded.replace("\u00e9".encode(), b"\xe9")
    return coded if chance.random() > 0.1 else b"\xef\xbb\xbf \r\n" + coded


# --- A query or a form


def pairs(chance: random.Random, like: list[tuple[str, str]], place: Place) -> tuple[list, bool]:
    """Names and values of one report of a query or form, and whether it still tells a position."""
    found = [(n, v) for n, v in like if n not in ("id", "lat", "lon", "location", "timestamp")]
    found = [(n, _figure(chance, v) if n not in ("valid", "deviceid") else v) for n, v in found]
    lat, lon = degrees(chance, place[0]), degrees(chance, place[1])
    at = moment(chance, place[2])
    is_kept = chance.random() > 0.125
    if not is_kept and chance.random() < 0.5:
        at = chance.choice([each for each in UNREADABLE_TIMES if isinstance(each, str)])
    elif not is_kept:
        lat = chance.choice([each for each in UNREADABLE_PLACES if isinstance(each, str)])
    if is_kept and chance.random() < 0.1:
        found.append(("location", f"{place[0] / 1e7:.7f},{place[1] / 1e7:.7f}"))
    else:
        found += [("lat", str(lat)), ("lon", str(lon))]
    found.append((chance.choice(["timestamp", "timestamp", "time", "timeoffset"]), str(at)))
    chance.shuffle(found)
    return found, is_kept


def _figure(chance: random.Random, value: str) -> str:
    if chance.random() > 0.3:
        return value
    texts = [each for each in NONSENSE if isinstance(each, str)]
    return chance.choice(texts).encode("utf-8", "replace").decode()


def encoded(chance: random.Random, found: list[tuple[str, str]]) -> str:
    """A query or form by a library that encodes all, blanks only, or nothing that matters."""
    way: Callable[[str], str] = chance.choice(
        [quote_plus, quote, lambda text: quote(text, safe="+:,/ []()").replace(" ", "+")]
    )
    between = "&amp;" if chance.random() < 0.03 else "&"
    return between.join(f"{name}={way(value)}" for name, value in found)


def in_parts(found: list[tuple[str, str]]) -> tuple[bytes, str]:
    """A form in parts, and its content type."""
    parts = [
        f'--XyZ\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in found
    ]
    return ("".join(parts) + "--XyZ--\r\n").encode(), "multipart/form-data; boundary=XyZ"


# --- On its way


LABELS = [
    "application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded",
    "text/plain", "text/plain; charset=utf-16", "application/octet-stream", "multipart/form-data",
    "",
]  # fmt: skip


def sent(chance: random.Random, made: Body, token: str) -> Body:
    """Label and pack it as whatever client, and put the token where somebody may put it."""
    made.headers.setdefault("Content-Type", chance.choice(LABELS))
    if made.body and chance.random() < 0.25:
        made.body, made.headers["Content-Encoding"] = _packed(chance, made.body)
    way = chance.randrange(6)
    made.made_by.append(f"token {way}")
    if way == 0:
        made.path = f"/{token}" + chance.choice(["", "/"])
    elif way == 1:
        # Somebody typed in the whole address, and the app adds a slash or its own question mark.
        named = f"id={token}" + chance.choice(["", "/", "?id=123"])
        made.query = named if not made.query else f"{named}&{made.query}"
    elif way == 2 and made.query:
        made.query += "&wifi=00-11-22,-40" * chance.choice([0, 300]) + f"&id={token}"
    else:
        name, password = ("", token) if way < 5 else (token, "")
        name = name or chance.choice(["jane", "J\u00fcrgen", "\ud55c\uad6d"])
        header = f"{name}:{password}"
        coding = "latin-1" if header.isascii() or "\u00fc" in header else "utf-8"
        coded = base64.b64encode(header.encode(chance.choice([coding, "utf-8"]))).decode()
        coded = coded.rstrip("=") if chance.random() < 0.5 else coded
        made.headers["Authorization"] = chance.choice(["Basic ", "basic  ", "BASIC "]) + coded
    return made


def _packed(chance: random.Random, body: bytes) -> tuple[bytes, str]:
    raw = zlib.compressobj(wbits=-15)
    return chance.choice(
        [
            (gzip.compress(body), "gzip"),
            (gzip.compress(body), ""),
            (zlib.compress(body), "deflate"),
            (raw.compress(body) + raw.flush(), "deflate"),
            (body, "gzip"),
        ]
    )
