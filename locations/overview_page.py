"""The operators' page of people's cells: a map, and a list that says the same."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from locations import overview
from locations.overview import WORLD, Box
from rooms import live
from web.refusals import Refused

LIST = "admin/locations/around.html"
CELLS_LISTED_MAX = 50


def people_map(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The page; with `box` what a map of that box shows, as figures and as a list in HTML."""
    if "box" not in request.GET:
        context = site.each_context(request) | _around(WORLD)
        context |= {"title": _("Where people are now"), "tiles": settings.MAP_TILE_URL}
        return TemplateResponse(request, "admin/locations/map.html", context)
    try:
        box = Box.read(request.GET["box"])
    except ValueError as error:
        raise BadRequest(str(error)) from error
    told = _around(box)
    cells = told["people"].cells if told["people"] else []
    return JsonResponse(
        {
            "list": render_to_string(LIST, told, request),
            "cells": [[*_corners(cell), cell.people] for cell in cells],
            "rooms": [
                [room.place_lat, room.place_lon, room.place_radius_m, room.title]
                for room in (row["room"] for row in told["rooms"])
            ],
        }
    )


def _around(box: Box) -> dict[str, Any]:
    """The contents of a box; `people` is None while live is away."""
    rooms = overview.rooms(box)
    here = live.here([room.pk for room in rooms])
    try:
        people: overview.People | None = overview.people(box)
    except Refused:
        people = None
    return {
        "people": people,
        "cell_km": f"{people.cell_m / 1000:.1f}" if people else "",
        "cells": people.cells[:CELLS_LISTED_MAX] if people else [],
        "rooms": [{"room": room, "here": here[room.pk]} for room in rooms],
        "rooms_max": overview.ROOMS_MAX,
    }


def _corners(cell: overview.Cell) -> list[float]:
    """South, west, north, east."""
    up, aside = cell.height / 2, cell.width / 2
    return [cell.lat - up, cell.lon - aside, cell.lat + up, cell.lon + aside]
