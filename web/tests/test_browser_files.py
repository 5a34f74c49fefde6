"""What browsers and chat apps ask for by themselves is there."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db
PLAIN_FILES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.fixture
def visitor() -> Client:
    return Client()


def test_it_has_an_icon_for_pages_that_name_none(visitor: Client) -> None:
    with override_settings(STORAGES=PLAIN_FILES):
        told = visitor.get("/favicon.ico")
    assert (told.status_code, told["Location"]) == (302, "/static/web/ring-192.png")


def test_it_can_be_put_on_a_home_screen(visitor: Client) -> None:
    with override_settings(STORAGES=PLAIN_FILES):
        told = visitor.get("/manifest.webmanifest")
    assert told["Content-Type"] == "application/manifest+json"
    assert {icon["sizes"] for icon in told.json()["icons"]} == {"192x192", "512x512"}


def test_it_keeps_search_engines_out_of_rooms(visitor: Client) -> None:
    assert "Disallow: /r/\n" in visitor.get("/robots.txt").content.decode()


def test_it_says_whom_to_tell_of_a_fault(visitor: Client) -> None:
    assert visitor.get("/.well-known/security.txt").status_code == 404
    with override_settings(SECURITY_CONTACT="mailto:security@example.org"):
        told = visitor.get("/.well-known/security.txt")
    assert told["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in told.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@example.org"
    assert fields["Canonical"].endswith("/.well-known/security.txt")
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


def test_it_gives_every_room_and_the_lobby_a_card(visitor: Client) -> None:
    with override_settings(STORAGES=PLAIN_FILES):
        pages = {path: visitor.get(path).content.decode() for path in ("/", "/r/ABCDEF/")}
    assert '<meta property="og:title" content="Ringside">' in pages["/"]
    assert '<meta property="og:title" content="Room ABCDEF · Ringside">' in pages["/r/ABCDEF/"]
    assert all('rel="manifest"' in page for page in pages.values())


def test_it_compresses_pages_and_no_answer_that_depends_on_the_user(visitor: Client) -> None:
    asked = {"HTTP_ACCEPT_ENCODING": "gzip"}
    with override_settings(STORAGES=PLAIN_FILES):
        page = visitor.get("/", **asked)
        personal = [visitor.get(path, **asked) for path in ("/admin/login/", "/api/schema/")]
    assert (page["Content-Encoding"], "Accept-Encoding" in page["Vary"]) == ("gzip", True)
    assert not any(answer.has_header("Content-Encoding") for answer in personal)


def test_its_worker_keeps_the_offline_page_and_plain_files_only(visitor: Client) -> None:
    with override_settings(STORAGES=PLAIN_FILES):
        told, korean = (
            visitor.get("/service-worker.js", headers={"Accept-Language": one})
            for one in ("en", "ko")
        )
        page = visitor.get("/offline/")
    assert told["Content-Type"] == "text/javascript" and told["Cache-Control"] == "no-cache"
    files = json.loads(told.content.decode().partition("self.FILES = ")[2].partition(";")[0])
    assert files[0] == "/offline/" and page.status_code == 200
    assert all(path.startswith("/static/") for path in files[1:])
    assert told.content != korean.content, "a browser asks for the page in its new language"
