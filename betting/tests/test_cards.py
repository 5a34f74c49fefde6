"""What a link shows in a chat app: a title where everybody may see it, else the code alone."""

from io import BytesIO

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from PIL import Image

from rooms import opening
from rooms.tests.people import room_of, somebody
from web import cards, limits

pytestmark = pytest.mark.django_db
PLAIN_FILES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
NOBODYS = "ABCDEF"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def page(code: str, part: str = "") -> str:
    with override_settings(STORAGES=PLAIN_FILES):
        return Client().get(f"/r/{code}/{part}").content.decode()


def picture(code: str, part: str = "") -> bytes:
    told = Client().get(f"/r/{code}/{part}card.png")
    assert told["Content-Type"] == "image/png" and "public" in told["Cache-Control"]
    assert Image.open(BytesIO(told.content)).size == (1200, 630)
    return bytes(told.content)


def test_a_public_room_has_its_title_on_its_card() -> None:
    room = room_of(somebody("Opal"), title='Snails & "snails"')
    told = page(room.code)
    assert '<meta property="og:title" content="Snails &amp; &quot;snails&quot; · Ringside">' in told
    assert (
        f'<meta property="og:image" content="http://127.0.0.1:8000/r/{room.code}/card.png">' in told
    )
    assert room.code in told.partition('property="og:description" content="')[2][:80]
    assert picture(room.code) != cards.draw(f"Room {room.code}", room.code)


@pytest.mark.parametrize("part", ["", "evening/"])
def test_nothing_tells_an_unlisted_room_from_a_code_that_no_room_has(part: str) -> None:
    room = room_of(somebody("Opal"), visibility="unlisted")
    assert page(room.code, part).replace(room.code, NOBODYS) == page(NOBODYS, part)
    assert picture(room.code, part) == cards.draw(f"Room {room.code}", room.code)
    assert picture(NOBODYS, part) == cards.draw(f"Room {NOBODYS}", NOBODYS)


def test_an_evening_shows_its_title_only_if_the_host_made_it_public() -> None:
    room = room_of(somebody("Opal"))
    assert "Snail Derby" not in page(room.code, "evening/")
    hidden = picture(room.code, "evening/")
    opening.change_room(room, evening_public=True)
    assert 'content="Snail Derby · The evening · Ringside"' in page(room.code, "evening/")
    assert picture(room.code, "evening/") == cards.draw("Snail Derby") != hidden


@override_settings(STORAGES=PLAIN_FILES)
def test_it_shows_no_hidden_evening_to_who_tries_many_codes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(limits.LIMITS, "evening_pages", (limits.Rate(0.001, 30),))
    room = room_of(somebody("Opal"), visibility="unlisted")
    opening.change_room(room, evening_public=True)
    guesser, reader = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    for _ in range(40):
        guesser.get(f"/r/{NOBODYS}/evening/")
    assert "Snail Derby" not in guesser.get(f"/r/{room.code}/evening/").content.decode()
    hidden = cards.draw(f"Room {room.code}", room.code)
    assert guesser.get(f"/r/{room.code}/evening/card.png").content == hidden
    assert "Snail Derby" in reader.get(f"/r/{room.code}/evening/").content.decode()


@pytest.mark.parametrize(
    "title", ["x", "달팽이 경주", "🐌" * 40, "W" * 80, "a\u0301e\u200d", "مسابقة", " "]
)
def test_it_draws_any_title(title: str) -> None:
    assert Image.open(BytesIO(cards.draw(title, "K7MQ2X", (title,) * 3))).format == "PNG"
