"""Reads the calls of phone apps, of any app and dialect: positions, and what cannot be read.

A query, a form and JSON are told apart by what they hold. A position is taken whenever its place
and its time can be read; a figure that cannot be read is unknown. Pure; nothing here raises.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote_plus

from locations.fixes.fix import Measured, Source
from locations.phones import bodies, loose_json, owntracks, traccar
from locations.phones.unread import Unread

Kind = Literal[
    "position", "event", "control", "encrypted", "empty", "no_position", "malformed", "too_large"
]

# Far more than apps send at once; what is beyond is counted as `too_many`.
FIXES_MAX = 2_000
DEPTH_MAX = 6
_TOKENS = ("id", "deviceid", "token")


@dataclass(slots=True)
class Heard:
    """The contents of a request: positions, and by reason how many reports could not be read.

    `token` is the first thing in it that names a device.
    """

    kind: Kind = "malformed"
    measured: list[Measured] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    token: str = ""


def read(query: str, body: bytes, *, is_whole: bool = True) -> Heard:
    """Read a request: its address and its unpacked body.

    Where both name a device the address counts: a user who pastes the whole address that we show
    leaves a number of the app's own in the body. Of a body that is not whole the end is missing.
    """
    named = traccar.fields(bodies.fields(query))
    reader = _Reader(_token(named))
    text = bodies.as_text(body)
    if text[:3].upper() in ("%7B", "%5B"):
        text = unquote_plus(text)
    if bodies.is_json(text):
        reader.read_text(text, is_whole=is_whole)
    elif text and not traccar.has_place(named):
        form = traccar.fields(bodies.fields(text))
        reader.note_token(form)
        if form:
            reader.read_fields({**named, **form}, Source.TRACCAR_FORM, is_single=is_whole)
    if not reader.measured and (traccar.has_place(named) or (named and not text)):
        reader.read_fields(named, Source.TRACCAR_QUERY, is_single=True)
    return reader.heard(is_empty=not text and not named)


def _token(named: traccar.Named) -> str:
    found = next((named[key] for key in _TOKENS if named.get(key)), "")
    return str(found) if isinstance(found, str | int) else ""


class _Reader:
    """The positions and faults found so far in one request."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.measured: list[Measured] = []
        self.unread: Counter[str] = Counter()
        self._kinds: set[Kind] = set()

    def heard(self, *, is_empty: bool) -> Heard:
        """Everything found, as one value."""
        kinds: list[Kind] = ["event", "encrypted", "control", "no_position"]
        kind: Kind = next((kind for kind in kinds if kind in self._kinds), "malformed")
        if self.measured:
            kind = "position"
        elif self.unread:
            kind = "encrypted" if "encrypted" in self._kinds else "malformed"
        elif is_empty:
            kind = "empty"
        elif kind == "malformed":
            self.unread["malformed"] = 1
        return Heard(kind, self.measured, self.unread, self.token)

    def note_token(self, named: traccar.Named) -> None:
        self.token = self.token or _token(named)

    def read_text(self, text: str, *, is_whole: bool) -> None:
        """Read JSON, which may be torn."""
        try:
            said, is_closed = loose_json.read(text)
        except loose_json.NoJson:
            return
        self.walk(said, {}, is_single=is_whole and is_closed)
        if not is_closed and not self.measured:
            self._kinds.discard("no_position")

    def read_fields(self, named: traccar.Named, source: Source, *, is_single: bool) -> None:
        """Read a query or a form; fields that hold JSON are read as that."""
        inner = [named[key] for key in traccar.HOLDERS if bodies.is_json(str(named.get(key, "")))]
        for text in inner:
            self.read_text(text, is_whole=is_single)
        if not inner:
            self._take(named, source, is_single)

    def walk(self, said: Any, outer: traccar.Named, *, is_single: bool, depth: int = 0) -> None:
        """Find reports in JSON, however deep they are wrapped.

        `outer` is what stands beside a report; `is_single` says that it is the only one, and whole:
        then one without a time is of now.
        """
        if depth > DEPTH_MAX:
            return
        if isinstance(said, str) and bodies.is_json(said):
            return self.read_text(said, is_whole=is_single)
        if isinstance(said, list):
            for each in said:
                self.walk(each, {}, is_single=is_single and len(said) == 1, depth=depth + 1)
        if isinstance(said, dict):
            self._read_object(said, outer, is_single, depth)

    def _read_object(
        self, said: dict[str, Any], outer: traccar.Named, is_single: bool, depth: int
    ) -> None:
        if isinstance(said.get("_type"), str):
            return self._take_owntracks(said)
        named = traccar.flattened(said)
        self.note_token(named)
        if traccar.has_place(named):
            return self._take({**outer, **named}, Source.TRACCAR_JSON, is_single)
        inner = [(key, named[key]) for key in traccar.HOLDERS if key in named]
        for key, value in inner:
            beside = {name: found for name, found in named.items() if name != key}
            beside = beside if isinstance(value, dict) else {}
            self.walk(value, beside, is_single=is_single, depth=depth + 1)
        if not inner:
            # Under a name that nobody told us, too, a place with its own time is a position.
            self.walk(list(named.values()), {}, is_single=False, depth=depth + 1)
        # A report of a phone's state has no position.
        if inner or "timestamp" in named:
            self._kinds.add("no_position")

    def _take_owntracks(self, said: dict[str, Any]) -> None:
        kind = owntracks.kind_of(said)
        self._kinds.add(kind)
        if kind == "encrypted":
            self.unread["encrypted"] += 1
        if kind == "position":
            self._add(lambda: owntracks.measured(said))

    def _take(self, named: traccar.Named, source: Source, is_single: bool) -> None:
        if traccar.is_nowhere(named):
            if named:
                self._kinds.add("no_position")
            return
        self._add(lambda: traccar.measured(named, source, is_single=is_single))

    def _add(self, make: Callable[[], Measured]) -> None:
        if len(self.measured) >= FIXES_MAX:
            self.unread["too_many"] += 1
            return
        try:
            self.measured.append(make())
        except Unread as unread:
            self.unread[unread.reason] += 1
