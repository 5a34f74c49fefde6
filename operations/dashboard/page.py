"""The front page: once as a page, and then as parts that are refreshed."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from operations.dashboard import activity, books, samples, tiles

PARTS = ("books", "tiles", "troubles", "rooms", "acts")


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything the parts tell; an engine that is away leaves its figures out."""
    now, hour = samples.read_now_and_hour()
    return {
        "now": now,
        "books": books.books(now),
        "indicators": books.indicators(now),
        "tiles": tiles.tiles(now, hour),
        "troubles": activity.troubles(),
        "rooms": activity.lively_rooms(with_bank=now.is_open is not None),
        "acts": activity.recent_acts(request),
    }


def parts(request: HttpRequest) -> HttpResponse:
    """The parts as they are now, as HTML by name."""
    told = context(request)
    return JsonResponse(
        {part: render_to_string(f"admin/dashboard/{part}.html", told, request) for part in PARTS}
    )
