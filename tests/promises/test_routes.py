"""A walk over every route there is: nothing unsafe without proof, nothing changed by reading."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.auth import cookies
from accounts.auth.authentication import TokenAuthentication
from accounts.models import User
from rooms.models import Room

pytestmark = pytest.mark.django_db
ORIGIN = "http://127.0.0.1:8000"
UNSAFE = ("post", "put", "patch", "delete")

# These know no cookie at all: tokens for other clients come by e-mail and password or a refresh
# token in the body, devices bring a token of their own.
WITHOUT_COOKIES = {
    "api/auth/token/",
    "api/auth/token/refresh/",
    "in/^owntracks(?P<path>/.*)?$",
    "in/^traccar(?P<path>/.*)?$",
}
FILLED = {
    "<str:code>": "ABCDEF", "<int:user_id>": "1", "<str:line_id>": "1-a", "<int:market_id>": "1",
    "<int:device_id>": "1", "<int:seq>": "1", "<int:screen_id>": "1",
    "<int:key_id>": "1", "<int:webhook_id>": "1", "<int:delivery_id>": "1",
    "<slug:slug>": "main",
    "<uuid:sign_in_id>": "8b3f8b5e-6a3c-4c35-9c2e-3e1f1b0f6d10",
}  # fmt: skip
PLAIN_FILES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}


@dataclass(frozen=True)
class Route:
    """One pattern of the URL conf with everything before it."""

    pattern: str
    view: Any

    @property
    def path(self) -> str:
        path = "/" + self.pattern
        for hole, filling in FILLED.items():
            path = path.replace(hole, filling)
        assert "<" not in path, f"say in FILLED what stands in {self.pattern}"
        return path

    @property
    def methods(self) -> list[str]:
        """The unsafe methods that a DRF view answers."""
        return [name for name in UNSAFE if hasattr(self.view.cls, name)]


def walk(patterns: list[Any], before: str = "") -> Iterator[Route]:
    for found in patterns:
        # Of two addresses of a call the one without a version.
        here = before + str(found.pattern).replace("^api/(?:v1/)?", "api/")
        if isinstance(found, URLResolver):
            yield from walk(found.url_patterns, here)
        elif isinstance(found, URLPattern):
            yield Route(here, found.callback)


ROUTES = [r for r in walk(get_resolver().url_patterns) if not r.pattern.startswith("admin/")]
API = [route for route in ROUTES if hasattr(route.view, "cls")]
GUARDED = [r for r in API if r.pattern not in WITHOUT_COOKIES and r.methods]


class Browser(Client):
    """A browser in which a guest is signed in."""

    def __init__(self, nickname: str = "Alice") -> None:
        super().__init__(enforce_csrf_checks=True)
        self.csrf = self.get("/api/auth/csrf/").json()["csrf"]
        answer = self.generic(
            "POST", "/api/auth/guest/", f'{{"nickname": "{nickname}"}}', "application/json",
            HTTP_ORIGIN=ORIGIN, HTTP_X_CSRFTOKEN=self.csrf,
        )  # fmt: skip
        assert answer.status_code == 201, answer.content

    def send(
        self, method: str, path: str, *, kind: str = "application/json", **headers: Any
    ) -> int:
        sent = {"HTTP_ORIGIN": ORIGIN, "HTTP_X_CSRFTOKEN": self.csrf, **headers}
        told = {name: value for name, value in sent.items() if value is not None}
        status: int = self.generic(method.upper(), path, "{}", kind, **told).status_code
        return status

    def ask(self, path: str, body: Any = None) -> Any:
        """POST to /api/<path> as a page does; it must succeed and set no cookie."""
        answer = self.generic(
            "POST", f"/api/{path}", json.dumps(body or {}), "application/json",
            HTTP_ORIGIN=ORIGIN, HTTP_X_CSRFTOKEN=self.csrf,
        )  # fmt: skip
        assert answer.status_code < 400, (path, answer.content)
        assert not answer.cookies, f"{path} sets {answer.cookies}"
        return answer.json()


def rows() -> str:
    """Every row of every table, but for the sessions of the admin."""
    models = [model for model in apps.get_models() if model._meta.app_label != "sessions"]
    return "".join(
        serializers.serialize("json", model._default_manager.order_by("pk")) for model in models
    )


def test_it_knows_every_unsafe_route() -> None:
    assert len(GUARDED) >= 20
    for route in ROUTES:
        if route.pattern in WITHOUT_COOKIES:
            view = getattr(route.view, "cls", None)
            assert TokenAuthentication not in getattr(view, "authentication_classes", ())
        elif hasattr(route.view, "cls"):
            assert TokenAuthentication in route.view.cls.authentication_classes, route.pattern
        else:
            assert not getattr(route.view, "csrf_exempt", False), route.pattern


@pytest.mark.parametrize("number", [2**63, 10**20, 10**30])
def test_it_finds_nothing_under_numbers_beyond_64_bits(number: int) -> None:
    browser = Browser()
    numbered = [route for route in ROUTES if "<int:" in route.pattern]
    assert len(numbered) >= 12
    for route in numbered:
        path = route.path.replace("/1/", f"/{number}/")
        assert path != route.path
        assert browser.get(path).status_code == 404, path
        for method in route.methods:
            assert browser.send(method, path) == 404, (method, path)


def test_it_refuses_seven_forgeries_on_every_unsafe_route() -> None:
    browser, stranger, leaver = Browser(), Browser("Mallory"), Browser("Leaver")
    old_token = leaver.csrf
    assert leaver.send("post", "/api/auth/logout/") == 204
    forgeries: dict[str, dict[str, Any]] = {
        "no token": {"HTTP_X_CSRFTOKEN": None},
        "another user's token": {"HTTP_X_CSRFTOKEN": stranger.csrf},
        "an old session's token": {"HTTP_X_CSRFTOKEN": old_token},
        "a strange origin": {"HTTP_ORIGIN": "https://evil.example"},
        "a form": {"kind": "application/x-www-form-urlencoded"},
        "a strange site": {"HTTP_SEC_FETCH_SITE": "cross-site"},
    }
    before = rows()
    for route in GUARDED:
        for method in route.methods:
            for told, forged in forgeries.items():
                status = browser.send(method, route.path, **forged)
                expected = 415 if told == "a form" else 403
                assert status == expected, f"{method} {route.path} with {told}"
    cookie = browser.cookies.pop("csrftoken")
    for route in GUARDED:
        for method in route.methods:
            assert browser.send(method, route.path) == 403, f"{method} {route.path}, header only"
    browser.cookies["csrftoken"] = cookie.value
    assert rows() == before


def test_it_asks_strangers_for_the_same_proof() -> None:
    for route in GUARDED:
        for method in route.methods:
            status = Client(enforce_csrf_checks=True).generic(
                method.upper(), route.path, "{}", "application/json", HTTP_ORIGIN=ORIGIN
            )
            assert status.status_code in (401, 403), f"{method} {route.path}"


@override_settings(STORAGES=PLAIN_FILES)
def test_it_changes_nothing_by_get() -> None:
    browser = Browser()
    browser.raise_request_exception = False
    # Reading one's own bets may take decided ones into the ledger; that is nobody's wish.
    browser.get("/api/me/bets/")
    before = rows()
    for route in ROUTES:
        if not route.pattern.startswith("in/"):
            browser.get(route.path)
            assert rows() == before, route.pattern


@override_settings(STORAGES=PLAIN_FILES)
def test_it_sets_no_cookie_that_is_not_listed() -> None:
    listed = {"csrftoken", cookies.ACCESS, cookies.REFRESH, cookies.DEVICE, cookies.KNOWN}
    browser = Browser()
    browser.raise_request_exception = False
    for route in ROUTES:
        if not route.pattern.startswith("in/"):
            for name, cookie in browser.get(route.path).cookies.items():
                assert name in listed, f"{route.pattern} sets {name}"
                assert cookie["samesite"] == "Lax" and not cookie["domain"]


@override_settings(STORAGES=PLAIN_FILES)
def test_the_admin_and_the_language_keep_their_cookies_at_home() -> None:
    User.objects.create_superuser("Op", "op@example.org", "a long password")
    browser, seen = Client(), {}
    for path, said in (
        ("/admin/login/", {"username": "op@example.org", "password": "a long password"}),
        ("/language/", {"language": "ko"}),
    ):
        browser.get("/admin/login/")
        seen |= browser.post(path, said).cookies
    assert {"sessionid", "csrftoken", "django_language", cookies.KNOWN} == seen.keys()
    for name, cookie in seen.items():
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", ""), name
        assert cookie["httponly"] or name not in ("sessionid", cookies.KNOWN)


def test_it_sets_no_cookie_by_any_call_outside_identity() -> None:
    browser, player, other = Browser(), Browser("Bo"), Browser("Cy")
    code = browser.ask("rooms/", {"title": "Snail Derby", "visibility": "public"})["code"]
    for who in (player, other):
        who.ask(f"rooms/{code}/enter/")
    player.ask(f"rooms/{code}/chat/", {"text": "Hello"})
    asked = {"question": "Who?", "outcomes": ["A", "B"], "open": False}
    market = browser.ask(f"rooms/{code}/markets/", asked)
    one, two = (outcome["id"] for outcome in market["outcomes"])
    browser.ask(f"markets/{market['id']}/open/")
    for who, outcome in ((player, one), (other, two)):
        bet = {"bet_id": str(uuid4()), "outcome": outcome, "stake": 10}
        who.ask(f"markets/{market['id']}/bets/", bet)
    browser.ask(f"markets/{market['id']}/lock/")
    browser.ask(f"markets/{market['id']}/settle/", {"winners": [one], "preview": True})
    browser.ask(f"markets/{market['id']}/settle/", {"winners": [one]})
    browser.ask(f"markets/{market['id']}/withdraw/")
    Room.objects.update(official_after_s=0)
    browser.ask(f"markets/{market['id']}/void/", {"reason": "A test."})
    player.ask(f"rooms/{code}/leave/")
    browser.ask(f"rooms/{code}/end/")


def test_it_sets_no_cookie_by_a_refusal() -> None:
    browser = Browser()
    for access in (browser.cookies[cookies.ACCESS].value, "nonsense"):
        for route in GUARDED:
            for method in route.methods:
                browser.cookies[cookies.ACCESS] = access
                answer = browser.generic(
                    method.upper(), route.path, "[]", "application/json", HTTP_ORIGIN=ORIGIN,
                    HTTP_X_CSRFTOKEN=browser.csrf,
                )  # fmt: skip
                for name, cookie in answer.cookies.items():
                    assert route.pattern.startswith("api/auth/"), f"{route.pattern} sets {name}"
                    assert cookie["samesite"] == "Lax" and not cookie["domain"], route.pattern
