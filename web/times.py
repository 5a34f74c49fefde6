"""Unix milliseconds: this machine's now, and any moment as people read it."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# Names of columns that hold a moment; age_ms and lag_ms are spans.
_MOMENT = re.compile(r"(^|_)(at|since|until|fix|received)_ms$")


def now_ms() -> int:
    """This machine's clock. For bets the bank's counts: bank.ask_time_ms."""
    return time.time_ns() // 1_000_000


def moment(at_ms: int | None) -> datetime | None:
    """The aware moment of a time in Unix milliseconds."""
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)


def shown(at: int | datetime | None) -> SafeString:
    """A time for operators, to the second in the server's time zone; all of it on hover.

    It may come in Unix milliseconds. A script of the admin retells it in the reader's zone. None
    and 0 are “–”.
    """
    at_ms = int(at.timestamp() * 1000) if isinstance(at, datetime) else at
    if not at_ms:
        return SafeString("–")
    at = datetime.fromtimestamp(at_ms / 1000, timezone.get_current_timezone())
    return format_html(
        '<time class="moment" datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="milliseconds"),
        f"{at:%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03d} {at:%Z} · {at_ms} ms",
        f"{at:%Y-%m-%d %H:%M:%S}",
    )


def readable(model: str, name: Any) -> Any:
    """What the admin shows for a column of `app.Model`: a time for a moment, else the same name."""
    return _column(model, name) if isinstance(name, str) and is_moment(model, name) else name


def is_moment(model: str, name: str) -> bool:
    """Whether `app.Model` has a column of this name, and it holds a moment."""
    try:
        field = apps.get_model(model)._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return isinstance(field, models.DateTimeField) or bool(_MOMENT.search(name))


@cache
def _column(model: str, name: str) -> Callable[[models.Model], SafeString]:
    """One object for each column: the admin compares them."""

    def cell(row: models.Model) -> SafeString:
        return shown(getattr(row, name))

    cell.__name__ = name
    field = apps.get_model(model)._meta.get_field(name)
    title = getattr(field, "verbose_name", name)
    return admin.display(description=title, ordering=name)(cell)
