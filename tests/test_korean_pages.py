"""What a Korean reader meets outside of sockets: pages, refusals, a shut gate, the launcher.

What programs read (keys of JSON, metrics, log, schema) has no language.
"""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client, override_settings
from django.utils import translation

from accounts.models import User
from betting import bank
from operations import gate, gate_sentences
from rooms.tests.people import Caller, room_of, somebody
from tests.promises.test_routes import API, PLAIN_FILES, ROUTES
from tests.servers import OpenHouse
from web.refusals import CODES, Refused

KOREAN = {"HTTP_ACCEPT_LANGUAGE": "ko-KR,ko;q=0.9,en;q=0.5"}
# Two words of a sentence beside each other.
ENGLISH = re.compile("[A-Za-z][a-z']+ [a-z']{2,}|[A-Za-z]{2,} [a-z]{2,}")
# Names of their makers', and words that only machines say.
NAMES = re.compile(
    r"Traccar Client|English|OwnTracks|Ringside|Origin|`[^`]*`|“[^”]*”|‘[^’]*’"
    # What one types, and the commands of Redis as it lists them.
    r"|manage\.py [\w-]+|^(client|config|function|script|memory|xinfo|acl) [\w|-]+$"
    # A slow command, as the server's log names it.
    r"|^[A-Z_]{3,} \S+$"
)
# Pages for people; the rest is for programs.
PAGES = [
    route.path
    for route in ROUTES
    if not route.pattern.startswith(("api/", "in/", "metrics", "healthz", "readyz"))
    and "." not in route.path and "(?P" not in route.pattern
]  # fmt: skip


class Words(HTMLParser):
    """Every text that a page shows or has read aloud."""

    SAID = ("title", "alt", "placeholder", "aria-label")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_hidden = tag in ("script", "style", "code", "pre")
        self.found += [value for name, value in attrs if name in self.SAID and value]

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self.found.append(" ".join(data.split()))


def english(texts: list[str]) -> list[str]:
    """Those that are sentences of English."""
    return [text for text in texts if ENGLISH.search(NAMES.sub("", text))]


@pytest.mark.django_db
@override_settings(STORAGES=PLAIN_FILES)
def test_it_shows_a_korean_reader_no_page_in_english() -> None:
    room = room_of(somebody("하나"), title="달팽이 경주")
    client = Client(**KOREAN)
    assert len(PAGES) > 10
    for path in PAGES:
        shown = client.get(path.replace("ABCDEF", room.code), follow=True)
        if "html" in shown.headers.get("Content-Type", ""):
            assert english(Words(shown.content.decode()).found) == [], path


@pytest.mark.django_db
@override_settings(STORAGES=PLAIN_FILES)
def test_it_shows_a_korean_operator_no_page_of_ours_in_english() -> None:
    operator = User.objects.create_superuser("운영", "op@example.org", "a long password")
    client = Client(**KOREAN)
    signing_in = client.get("/admin/login/").content.decode()
    client.force_login(operator, backend="accounts.auth.backends.LimitedBackend")
    for path in ("", "handshakes/", "memory/", "storage/"):
        shown = client.get(f"/admin/{path}").content.decode()
        assert english(Words(shown).found + Words(signing_in).found) == [], path


def test_it_has_korean_for_every_refusal() -> None:
    with translation.override("ko"):
        told = [str(Refused(code).message) for code in CODES]
        told += [str(Refused("too_fast", retry_after_s=wait_s).message) for wait_s in (1, 20, 200)]
    assert [sentence for sentence in told if not re.search("[가-힣]", sentence)] == []
    assert english(told) == []


@pytest.mark.django_db
def test_it_refuses_every_call_in_korean() -> None:
    room = room_of(somebody("하나"))
    caller = Caller(somebody("아나"))
    caller.defaults |= KOREAN
    told = {}
    for route in API:
        path = route.path.replace("ABCDEF", room.code).removeprefix("/api/")
        for method in ("GET", "POST", "PATCH", "DELETE"):
            answer = caller.ask(method, path, {"no such field": 1})
            if answer.status_code >= 400 and "json" in answer.headers["Content-Type"]:
                told[method, path] = answer.json()["error"]["message"]
    assert len(told) > 60
    assert [each for each in told.items() if not re.search("[가-힣]", each[1])] == []
    assert english(list(told.values())) == []


@pytest.mark.django_db
def test_it_says_in_korean_why_it_is_not_ready(client: Client) -> None:
    gate._public.clear()
    reason = gate_sentences.in_every_language(lambda: [gate_sentences.missing_club("main")])
    bank.shut_gate(reason)
    try:
        told = client.get("/readyz/", **KOREAN).json()["problems"]["bank"]
        assert "manage.py rebuild_bank" in told and english([told]) == []
        assert "is missing in the bank" in client.get("/readyz/").json()["problems"]["bank"]
    finally:
        gate._public.clear()
        assert gate.open_gates() == []


@pytest.mark.server
def test_it_speaks_korean_to_whoever_starts_it(open_house: OpenHouse) -> None:
    house = open_house(LC_ALL="ko_KR.UTF-8")
    assert "준비됨 http" in house.said() and "운영자 계정" in house.said()
    told = [house.manage(*words) for words in (["reconcile", "--all"], ["forget", "999999"])]
    said = [line for each in told for line in (each.stdout + each.stderr).splitlines()]
    assert len(said) >= 2
    lines = [*house.said().splitlines(), *(line for line in said if line)]
    # Addresses, folders and what one types are the same in every language.
    words = [re.sub(r"\S*[/@=]\S*|--\S+|CommandError", "", line) for line in lines]
    assert english(words) == []
