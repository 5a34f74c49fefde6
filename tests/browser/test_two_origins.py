"""Pages of other origins in a real browser: same site by cookie, another site by ticket."""

import http.server
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser.browsers import launched
from tests.servers import House, free_ports, house_in

pytestmark = [pytest.mark.browser, pytest.mark.server]

PLAY, SAME_SITE, OTHER_SITE, STRANGE = (
    "play.ringside.test",
    "www.ringside.test",
    "other.test",
    "evil.test",
)
PASSWORD = "correct horse battery"

# Opens a socket and answers what became of it: a close code, or that it stayed open.
OPEN_SOCKET = """([url, ticket]) => new Promise((tell) => {
  const named = ticket ? ["ringside.v1", `ticket.${ticket}`] : [];
  const socket = new WebSocket(url, named);
  const said = (code, reason) => tell({code, reason, protocol: socket.protocol});
  socket.onopen = () => setTimeout(() => said(0, ""), 1000);
  socket.onclose = (event) => said(event.code, event.reason);
})"""
POST = """async ([url, body, headers]) => {
  const json = {"Content-Type": "application/json", ...headers};
  const answer = await fetch(url, {method: "POST", headers: json, body: JSON.stringify(body)});
  return {status: answer.status, body: await answer.json()};
}"""


class Empty(http.server.BaseHTTPRequestHandler):
    """A page with nothing on it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def page_port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture(scope="module")
def house(page_port: int) -> Iterator[House]:
    """A house known as play.ringside.test, with two foreign origins on its list."""
    [port] = free_ports(1)
    allowed = [f"http://{name}:{page_port}" for name in (SAME_SITE, OTHER_SITE)]
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(
            Path(folder),
            port=port,
            PUBLIC_URL=f"http://{PLAY}:{port}",
            ALLOWED_ORIGINS=",".join(allowed),
        ) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def person(playwright: Playwright, house: House) -> Iterator[BrowserContext]:
    """A browser in which Alice has an account and is signed in at play.ringside.test."""
    mapped = ",".join(f"MAP {name} 127.0.0.1" for name in (PLAY, SAME_SITE, OTHER_SITE, STRANGE))
    with launched(playwright, f"--host-resolver-rules={mapped}") as chromium:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"http://{PLAY}:{house.port}/healthz/")
        csrf = page.evaluate("async () => (await (await fetch('/api/auth/csrf/')).json()).csrf")
        account = {"email": "alice@example.org", "nickname": "Alice", "password": PASSWORD}
        made = page.evaluate(POST, ["/api/auth/register/", account, {"X-CSRFToken": csrf}])
        assert made["status"] == 201, made
        page.close()
        yield context


def page_of(person: BrowserContext, name: str, port: int) -> Page:
    page = person.new_page()
    page.goto(f"http://{name}:{port}/")
    return page


def open_socket(page: Page, house: House, ticket: str = "") -> dict[str, Any]:
    url = f"ws://{PLAY}:{house.port}/ws/locations/"
    answer: dict[str, Any] = page.evaluate(OPEN_SOCKET, [url, ticket])
    return answer


def test_it_works_by_cookie_on_the_same_site(
    house: House, person: BrowserContext, page_port: int
) -> None:
    own = person.new_page()
    own.goto(f"http://{PLAY}:{house.port}/healthz/")
    assert open_socket(own, house)["code"] == 0
    assert open_socket(page_of(person, SAME_SITE, page_port), house)["code"] == 0


def test_it_tells_a_page_of_another_site_that_no_cookie_came(
    house: House, person: BrowserContext, page_port: int
) -> None:
    answer = open_socket(page_of(person, OTHER_SITE, page_port), house)
    assert (answer["code"], answer["reason"]) == (4401, "missing")
    (kept,) = (c for c in person.cookies() if c["name"] == "ringside_access")
    line = f"ringside_access={kept['value']}; Path={kept['path']}; SameSite={kept['sameSite']}"
    told = house.manage(
        "handshake", f"http://127.0.0.1:{house.port}",
        "--origin", f"http://{OTHER_SITE}:{page_port}", "--cookie", line,
    )  # fmt: skip
    assert "SameSite=Lax" in told.stderr and told.returncode != 0


def test_it_refuses_a_page_that_is_not_on_the_list(
    house: House, person: BrowserContext, page_port: int
) -> None:
    assert open_socket(page_of(person, STRANGE, page_port), house)["code"] == 1006


def test_it_works_by_ticket_for_a_page_of_another_site(
    house: House, person: BrowserContext, page_port: int
) -> None:
    page = page_of(person, OTHER_SITE, page_port)
    auth = f"http://{PLAY}:{house.port}/api/auth"
    credentials = {"email": "alice@example.org", "password": PASSWORD}
    tokens = page.evaluate(POST, [f"{auth}/token/", credentials, {}])["body"]
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    ticket = page.evaluate(POST, [f"{auth}/ticket/", {}, bearer])["body"]["ticket"]
    assert open_socket(page, house, ticket) == {"code": 0, "reason": "", "protocol": "ringside.v1"}
    again = open_socket(page, house, ticket)
    assert (again["code"], again["reason"]) == (4401, "invalid")


def test_it_leaves_no_secret_in_any_log(house: House, person: BrowserContext) -> None:
    secrets = [cookie["value"] for cookie in person.cookies() if cookie["httpOnly"]]
    assert len(secrets) >= 2
    for log in (house.data_dir / "logs").glob("*.log"):
        text = log.read_text(errors="replace")
        for secret in [*secrets, PASSWORD, "ticket."]:
            assert secret not in text, log.name
