"""Pages about places. They are the same for everybody; scripts fetch what is shown."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rooms.views import room_page


@room_page
def room_map(request: HttpRequest, code: str) -> HttpResponse:
    """The map of a room: its place, and people as far as they show themselves."""
    tiles = {"code": code, "tiles": settings.MAP_TILE_URL}
    return render(request, "locations/map.html", tiles)


@require_safe
def where(request: HttpRequest) -> HttpResponse:
    """The page of one's own positions: what Ringside knows, and how to erase it."""
    return render(request, "locations/where.html")
