"""Four web servers on loopback under several names, and a browser that visits their pages.

Each page opens one socket and goes on to the next page; what cookies came with each handshake is
written down here. The browser needs no driver: the pages lead it.
"""

import asyncio
import contextlib
import json
import logging
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from lab.workshop import CannotRun, Workshop, need

PLAY, SIBLING, STRANGER = "play.lab.test", "www.lab.test", "other.test"
# Of each scheme one port has the cookies, and another one has pages only.
PORTS = ("http", "http2", "https", "https2")
TOUR_TIMEOUT_S = 90
END = "end"

log = logging.getLogger(__name__)
# Each opened and closed connection would be told otherwise.
log.setLevel(logging.ERROR)

PAGE = """<!doctype html><title>A page of the lab</title><script>
const openSocket = (url) => new Promise((done) => {
  try { new WebSocket(url).onclose = done; } catch { done(); }
});
Promise.all(%s.map(openSocket)).then(() => { location.href = %s; });
</script>"""


@dataclass(frozen=True, slots=True)
class Stop:
    """A page that the browser visits; `{http}` and the like in addresses stand for ports.

    `plants` are Set-Cookie lines, `socket_url` is the socket that its script opens.
    """

    key: str
    page: str
    plants: tuple[str, ...] = ()
    socket_url: str = ""


@dataclass(slots=True)
class Seen:
    """What reached the servers: names of cookies and the Origin, by the key of the stop."""

    browser: str = ""
    with_page: dict[str, set[str]] = field(default_factory=dict)
    with_socket: dict[str, set[str]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)


def lead(shop: Workshop, stops: Sequence[Stop], *, is_blocking: bool = False) -> Seen:
    """Lead a fresh browser through all stops. Raises CannotRun when there is none.

    is_blocking: it blocks third-party cookies, as some browsers do as installed.
    """
    need("chromium")
    certificate = _certify(shop.folder)
    profile = Path(tempfile.mkdtemp(prefix="browser-", dir=shop.folder))
    (profile / "Default").mkdir()
    choices = {"block_third_party_cookies": is_blocking, "cookie_controls_mode": int(is_blocking)}
    (profile / "Default" / "Preferences").write_text(json.dumps({"profile": choices}))
    return asyncio.run(_lead(shop, stops, certificate, profile))


class _Tour:
    """The servers' side of one walk."""

    def __init__(self, stops: Sequence[Stop]) -> None:
        self.stops = {stop.key: stop for stop in stops}
        self.seen = Seen()
        self.ended = asyncio.Event()
        self.ports: dict[str, int] = {}

    async def answer(self, _connection: ServerConnection, request: Request) -> Response | None:
        """A page as a response; None lets the socket open."""
        kind, _slash, key = request.path.rpartition("/")
        cookies = set(SimpleCookie(request.headers.get("Cookie", "")))
        if kind.endswith("socket"):
            self.seen.with_socket[key] = cookies
            self.seen.origins[key] = request.headers.get("Origin", "")
            return None
        if key not in self.stops:
            # A browser also asks for an icon that nobody has.
            if key == END:
                self.ended.set()
            return _respond("")
        self.seen.with_page[key] = cookies
        if found := re.search(r"Chrome/([\d.]+)", request.headers.get("User-Agent", "")):
            self.seen.browser = f"Chromium {found[1]}"
        return self._page(self.stops[key])

    def _page(self, stop: Stop) -> Response:
        following = [*self.stops.values(), Stop(END, f"http://{PLAY}:{{http}}/")]
        after = following[following.index(stop) + 1]
        sockets = [self.address(f"{stop.socket_url}socket/{stop.key}")] if stop.socket_url else []
        text = PAGE % (json.dumps(sockets), json.dumps(self.address(f"{after.page}{after.key}")))
        return _respond(text, stop.plants)

    def address(self, template: str) -> str:
        return template.format(**self.ports)


async def _lead(shop: Workshop, stops: Sequence[Stop], certificate: Path, profile: Path) -> Seen:
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate)
    tour = _Tour(stops)
    async with contextlib.AsyncExitStack() as stack:
        for port in PORTS:
            tls = secure if port.startswith("https") else None
            server = await stack.enter_async_context(
                serve(_hang_up, "127.0.0.1", 0, process_request=tour.answer, ssl=tls, logger=log)
            )
            tour.ports[port] = next(iter(server.sockets)).getsockname()[1]
        browser = _browse(shop, profile, tour.address(f"{stops[0].page}{stops[0].key}"))
        try:
            await asyncio.wait_for(tour.ended.wait(), TOUR_TIMEOUT_S)
        finally:
            shop.stop(browser)
    return tour.seen


async def _hang_up(_: ServerConnection) -> None:
    """The handshake was all."""


def _respond(text: str, plants: Sequence[str] = ()) -> Response:
    headers = Headers({"Content-Type": "text/html", "Connection": "close"})
    body = text.encode()
    headers["Content-Length"] = str(len(body))
    for line in plants:
        headers["Set-Cookie"] = line
    return Response(200, "OK", headers, body)


def _browse(shop: Workshop, profile: Path, url: str) -> subprocess.Popen[bytes]:
    mapped = ",".join(f"MAP {name} 127.0.0.1" for name in (PLAY, SIBLING, STRANGER))
    command = [
        shutil.which("chromium") or "chromium", "--headless=new", "--disable-gpu",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--disable-dev-shm-usage", "--ignore-certificate-errors",
        "--disable-features=HttpsUpgrades", f"--user-data-dir={profile}",
        f"--host-resolver-rules={mapped}",
    ]  # fmt: skip
    command += ["--no-sandbox"] if os.geteuid() == 0 else []
    return shop.start([*command, url], shop.folder / "browser.log")


def _certify(folder: Path) -> Path:
    """A key and a certificate of our own in one file; the browser is told to take it."""
    if not shutil.which("openssl"):
        raise CannotRun("openssl is not installed. As root: apt-get install openssl")
    path = folder / "lab.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=lab.test", "-keyout", path, "-out", folder / "lab.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    with path.open("ab") as file:
        file.write((folder / "lab.crt").read_bytes())
    return path
