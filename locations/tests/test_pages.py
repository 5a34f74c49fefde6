"""The pages about places are the same for everybody and hold nobody's data."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _whole_house(settings):
    settings.ROOT_URLCONF = "config.urls"


def test_it_shows_the_same_map_page_to_everybody():
    page = Client().get("/r/HAQQ22/map/")
    assert page.status_code == 200 and b"HAQQ22" in page.content
    assert Client().get("/r/haqq22/map/").url == "/r/HAQQ22/map/"
    assert Client().get("/r/nonsense/map/").status_code == 404
    assert Client().get("/me/where/").status_code == 200


def test_it_asks_for_tiles_only_where_the_operator_says(settings):
    assert b'data-tiles=""' in Client().get("/r/HAQQ22/map/").content
    settings.MAP_TILE_URL = "https://tiles.example.org/{z}/{x}/{y}.png"
    assert b"tiles.example.org" in Client().get("/r/HAQQ22/map/").content


def test_it_has_land_to_draw():
    land = json.loads(Path(finders.find("locations/land.json")).read_text())
    rings = [ring for polygon in land["coordinates"] for ring in polygon]
    assert len(rings) > 100 and all(ring[0] == ring[-1] for ring in rings)
    assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for ring in rings for lon, lat in ring)
    steps = [(a, b) for ring in rings for a, b in pairwise(ring) if abs(a[0] - b[0]) > 180]
    assert {lat for step in steps for _lon, lat in step} <= {-90}


def test_it_writes_names_on_a_map_as_text_and_never_as_markup():
    """Leaflet takes a string for HTML, and everybody chooses their own name."""
    scripts = (Path(__file__).parents[1] / "static" / "locations").glob("*.js")
    bound = re.findall(r"bind(?:Tooltip|Popup)\((.{24})", "".join(map(Path.read_text, scripts)))
    assert bound and set(bound) == {"document.createTextNode("}
