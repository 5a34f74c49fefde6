"""Unix milliseconds as people read them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Names of columns that hold a moment; age_ms and lag_ms are spans.
_MOMENT = re.compile(r"(^|_)(at|until|fix|received)_ms$")


def moment(at_ms: int | None) -> datetime | None:
    """The aware moment of a time in Unix milliseconds."""
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC)


def shown(at_ms: int | None) -> SafeString:
    """A time for operators, to the second in the zone of the house; all of it on hover.

    A script of the admin retells it in the zone of whoever reads. None and 0 are “–”.
    """
    if not at_ms:
        return SafeString("–")
    at = datetime.fromtimestamp(at_ms / 1000, timezone.get_current_timezone())
    return format_html(
        '<time class="moment" datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="milliseconds"),
        f"{at:%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03d} {at:%Z} · {at_ms} ms",
        f"{at:%Y-%m-%d %H:%M:%S}",
    )


def is_moment(name: Any) -> bool:
    """Whether a column of this name holds a moment in milliseconds."""
    return isinstance(name, str) and _MOMENT.search(name) is not None


@cache
def column(model: str, name: str) -> Callable[[models.Model], SafeString]:
    """A moment of `app.Model` as the admin shows it; it compares them, so each is one object."""

    def cell(row: models.Model) -> SafeString:
        return shown(getattr(row, name))

    cell.__name__ = name
    field = apps.get_model(model)._meta.get_field(name)
    title = getattr(field, "verbose_name", name)
    return admin.display(description=title, ordering=name)(cell)
