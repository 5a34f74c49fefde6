"""Writes the table of docs/keys.md from the code; `key_rights.write()` in `manage.py shell`.

What a program may do with a key: the rights, and the calls that list one of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.urls import APPS
from rooms.keys.narrow_keys import RIGHTS

PAGE = Path(__file__).with_name("keys.md")
METHODS = ("GET", "POST", "PATCH", "DELETE")
_BEGIN, _END = "<!-- made from the code -->\n\n", "\n<!-- until here -->\n"


@dataclass(frozen=True, slots=True)
class Call:
    """A call, and the right that a key needs for it; "" where it is closed to every key."""

    method: str
    path: str
    right: str


def calls() -> Iterator[Call]:
    """Every call under /api/ of the apps, in the order of their addresses."""
    for app in APPS:
        for route in app.api_urlpatterns:
            view = route.callback.cls
            rights: dict[str, str] = getattr(view, "key_rights", {})
            for method in METHODS:
                if hasattr(view, method.lower()):
                    yield Call(method, f"/api/{route.pattern}", rights.get(method, ""))


def table() -> str:
    """The table as the code has it."""
    lines = [f"| call | {' | '.join(RIGHTS)} |", "|---|" + "---|" * len(RIGHTS)]
    for call in calls():
        if call.right:
            cells = ["yes" if right == call.right else "–" for right in RIGHTS]
            path = call.path.replace("<str:code>", "{code}").replace("<int:market_id>", "{id}")
            lines.append(f"| `{call.method} {path}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def shown() -> str:
    """The table as the page has it."""
    return PAGE.read_text().partition(_BEGIN)[2].partition(_END)[0]


def write() -> None:
    """Write the table into the page."""
    head, begin, rest = PAGE.read_text().partition(_BEGIN)
    PAGE.write_text(head + begin + table() + _END + rest.partition(_END)[2])
