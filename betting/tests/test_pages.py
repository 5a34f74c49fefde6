"""The pages of betting: the same for everybody, and strict about what may run in them."""

import json
import re
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
PAGES = ["/", "/rooms/new/", "/sign-in/", "/r/K7MQ2X/", "/me/", "/verify/"]


def test_it_knows_a_room_by_one_spelling(client: Client) -> None:
    assert client.get("/r/k7mq2x/")["Location"] == "/r/K7MQ2X/"
    assert client.get("/r/K7MQ0X/").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_it_shows_everybody_the_same_page(path: str) -> None:
    first, second = Client().get(path), Client().get(path)
    assert first.status_code == 200
    assert first.content == second.content
    assert "Set-Cookie" not in first.headers and not first.cookies


@pytest.mark.parametrize("path", PAGES)
def test_it_keeps_scripts_and_styles_out_of_its_pages(client: Client, path: str) -> None:
    html = client.get(path).content.decode()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", html)
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_it_speaks_the_language_of_the_browser(client: Client, path: str) -> None:
    html = client.get(path, headers={"Accept-Language": "ko"}).content.decode()
    assert '<html lang="ko">' in html and "놀이용 코인" in html


def test_it_gives_scripts_the_words_of_the_language(client: Client) -> None:
    words = client.get("/words.js", headers={"Accept-Language": "ko"})
    assert words.status_code == 200
    assert json.dumps("연결").strip('"') in words.content.decode()


def test_screen_and_overlay_say_where_to_join(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://play.example.org"
    for page in ("screen", "overlay"):
        shown = client.get(f"/r/ABCDEF/{page}/").content.decode()
        assert shown.count("play.example.org</") == 2, page
