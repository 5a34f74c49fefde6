"""Two machines are one house: what happens on one is told on the other, and one may vanish."""

import asyncio
import json
import re
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from rooms.messages import Ping
from simulation.player import Player, RoomClient
from tests.deploy.proxied import HAS_NGINX
from tests.wide.machines import NAMES, Machines, machines_in
from tests.wide.tables import until

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not HAS_NGINX, reason="nginx is not installed"),
]
A, B = range(len(NAMES))
TOLD_MAX_S, BACK_MAX_S = 0.5, 5.0
# On a busy machine a turn of everything else.
SLACK_S = 10.0
TURNS, PEOPLE = 5, 12
OWN_SOCKETS_MAX = 5
# As rooms/static/rooms/socket.js: how often a page asks for a sign of life, and waits for it.
PING_EVERY_S, PONG_WITHIN_S = 5.0, 3.0
PAGES = ("/", "/sign-in/", "/offline/", "/service-worker.js")
SHEET = "web/base.css"


class Page(RoomClient):
    """A socket that notes what it is told, and asks for signs of life as a page of ours does."""

    def __init__(self, player: Player, code: str) -> None:
        super().__init__(player, code)
        self.heard: list[tuple[float, dict[str, Any]]] = []
        self._pongs = 0
        # How often it lost patience by itself, as on a machine that is busy.
        self.drops = 0

    def read(self, text: str | bytes) -> None:
        super().read(text)
        message = json.loads(text)
        self._pongs += message["type"] == "pong"
        self.heard.append((time.monotonic(), message))

    def heard_s(self, since_s: float = 0.0, **what: Any) -> float:
        """When it was told a message with these fields first; 0 before."""
        found = (at for at, told in self.heard if at > since_s and what.items() <= told.items())
        return next(found, 0.0)

    async def ask_on_and_on(self, wait_s: float) -> None:
        """Cut the connection when no sign of life comes."""
        await asyncio.sleep(wait_s)
        while True:
            await self._ready.wait()
            pongs = self._pongs
            # Of a socket that is closed at this moment nothing is asked.
            with suppress(websockets.ConnectionClosed):
                await self._send(Ping(t=1))
            await asyncio.sleep(PONG_WITHIN_S)
            if pongs == self._pongs and self.is_open:
                self.drops += 1
                await self.drop()
            await asyncio.sleep(PING_EVERY_S - PONG_WITHIN_S)


@dataclass(slots=True)
class Seen:
    """Seconds until the other machine had told it, by what it was; then what became of people."""

    told_s: dict[str, float] = field(default_factory=dict)
    replaced: list[int | None] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused_alone: int = 0
    moved: int = 0
    back_s: float = 0.0
    disturbed: int = 0
    recorded_s: float = 0.0


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    with (
        tempfile.TemporaryDirectory(prefix="machines-") as folder,
        machines_in(Path(folder)) as made,
    ):
        make_newer(made)
        made.start()
        found = asyncio.run(Evening(made).live())
        print(found, "in a network" if made.net.is_network else "in folders")  # noqa: T201
        yield found


def make_newer(machines: Machines) -> None:
    """Make the second machine one of another version: its style sheet has another name."""
    machines.lay_out_static()
    root = machines.all[B].static
    (manifest,) = root.glob("staticfiles*.json")
    told = json.loads(manifest.read_text())
    earlier = json.dumps(told)
    name = told["paths"][SHEET]
    newer = told["paths"][SHEET] = f"{SHEET.removesuffix('.css')}.0123456789ab.css"
    (root / newer).write_bytes((root / name).read_bytes())
    told["stats"][newer] = told["stats"][name]
    manifest.write_text(json.dumps(told))
    (root / "staticfiles.json").write_text(earlier)


class Evening:
    """What people do on both machines, and what is seen of it."""

    def __init__(self, machines: Machines) -> None:
        self.machines, self.nginx = machines, machines.nginx
        self.seen = Seen()
        self.stack = AsyncExitStack()
        self.pages: list[Page] = []

    async def live(self) -> Seen:
        """All of it, the end of a machine last."""
        async with self.stack:
            self.host = await self.person()
            self.code = (await self.host.open_room("Two machines", official_after_s=0)).code
            await self.tell_each_other()
            await self.replace()
            await asyncio.to_thread(self.ask_for_files)
            await self.lose_a_machine()
        return self.seen

    async def person(self) -> Player:
        made = await self.stack.enter_async_context(Player(self.nginx.url, self.nginx.trust))
        await made.guest()
        return made

    async def sit(self, player: Player, at: int | None, code: str = "") -> Page:
        """Open a socket at a machine, or where nginx leads it; for calls there is nginx."""
        player.url = self.nginx.url if at is None else self.machines.url(at)
        page = Page(player, code or self.code)
        await page.open()
        self.stack.push_async_callback(page.leave)
        self.pages.append(page)
        return page

    # --- What is told

    async def tell_each_other(self) -> None:
        here, there = [await self.sit(await self.person(), at) for at in (A, B)]
        market = await self.host.ask(self.code, "Who goes down?", ["Red", "Blue"])
        await until(lambda: market.id in here.markets and market.id in there.markets, "it is told")

        async def bet() -> tuple[str, Any]:
            before = there.markets[market.id].version
            await here.bet(market.id, market.outcomes[0].id, 1)
            return "pools", lambda: there.markets[market.id].version > before

        async def say() -> tuple[str, Any]:
            text = str(uuid.uuid4())
            await here.say(text)
            return "chat", lambda: there.heard_s(type="chat", text=text)

        async def leave() -> tuple[str, Any]:
            player = await self.person()
            page = await self.sit(player, B)
            await player.call("POST", "auth/logout/")
            return "log-out", lambda: page.close_code == 4401

        async def ban() -> tuple[str, Any]:
            player = await self.person()
            page = await self.sit(player, B)
            assert player.person
            path = f"rooms/{self.code}/members/{player.person.id}/"
            await self.host.call("POST", path, {"action": "ban", "reason": "Enough"})
            return "ban", lambda: page.close_code == 4403

        for act in (bet, say, leave, ban):
            for _turn in range(TURNS):
                await self.measure(act)

    async def measure(self, act: Callable[[], Awaitable[tuple[str, Any]]]) -> None:
        """Note the shortest time of all turns: others are busy on this machine, too."""
        what, is_told = await act()
        began_s = time.monotonic()
        await until(is_told, what)
        took_s = time.monotonic() - began_s
        self.seen.told_s[what] = min(took_s, self.seen.told_s.get(what, took_s))

    async def replace(self) -> None:
        """Five sockets of one person on both machines, and ever one more."""
        player = await self.person()
        pages = [await self.sit(player, at) for at in (A, B, A, B, A)]

        def closed() -> list[int]:
            return [page.close_code for page in pages if page.close_code]

        async def come_once_more() -> tuple[str, Any]:
            pages.append(await self.sit(player, B))
            return "replaced", lambda: len(closed()) == len(pages) - OWN_SOCKETS_MAX

        for turn in range(TURNS):
            await self.measure(come_once_more)
            if not turn:
                self.seen.replaced = [page.close_code for page in pages]

    # --- Files of pages

    def ask_for_files(self) -> None:
        """Ask for whatever the pages of both versions name, where any process may answer."""
        with httpx.Client(verify=self.nginx.trust, trust_env=False, timeout=30) as http:
            named = set[str]()
            for at in (A, B):
                for page in PAGES:
                    text = http.get(f"{self.machines.url(at)}{page}").text
                    named |= set(re.findall(r"/static/[\w./-]+\.\w+", text))
            sheets = sorted(name for name in named if name.startswith("/static/web/base."))
            assert len(sheets) == 2, "each has its own"
            self.seen.refused_alone = [
                http.get(self.machines.url(A) + sheet).status_code for sheet in sheets
            ].count(404)
            for name in sorted(named) * len(NAMES) + sheets * 4:
                if http.get(self.nginx.url + name).status_code != 200:
                    self.seen.missing.append(name)

    # --- A machine vanishes

    async def lose_a_machine(self) -> None:
        for page in self.pages:
            await page.leave()
        await self.until_they_hold(lambda counts: not any(counts))
        pages: list[Page] = []
        while not all(self.counts()) or len(pages) < PEOPLE:
            code = (await self.host.open_room(f"Room {len(pages)}", official_after_s=0)).code
            pages += [await self.sit(await self.person(), None, code) for _ in range(3)]
        theirs = self.counts()[B]
        market = await self.host.ask(pages[0].code, "Who goes down?", ["Red", "Blue"])
        await until(lambda: market.id in pages[0].markets, "it is told")
        async with asyncio.TaskGroup() as group:
            # Each page asks at another moment after the cut.
            lives = [
                group.create_task(page.ask_on_and_on(number * PING_EVERY_S / len(pages)))
                for number, page in enumerate(pages)
            ]
            gone_s = time.monotonic()
            self.machines.cut_off(B)
            back_s = await self.are_back(pages, theirs, gone_s)
            await pages[0].bet(market.id, market.outcomes[0].id, 1)
            await self.until_recorded()
            self.seen.recorded_s = time.monotonic() - gone_s
            for life in lives:
                life.cancel()
        self.seen.moved, self.seen.back_s = len(back_s), max(back_s) - gone_s
        self.seen.disturbed = sum(page.reconnects > page.drops for page in pages) - theirs

    async def are_back(self, pages: list[Page], theirs: int, gone_s: float) -> list[float]:
        """When each page that sat on the lost machine was welcomed by the other one."""

        def back_s() -> list[float]:
            welcomed = (page.heard_s(gone_s, type="welcome") for page in pages)
            return [at for at in welcomed if at]

        await until(
            lambda: (
                len(back_s()) >= theirs
                and all(page.is_open for page in pages)
                and self.counts_of(A) >= len(pages)
            ),
            "all are back",
        )
        return back_s()

    async def until_recorded(self) -> None:
        """Wait until every bet is in the ledger, whichever clock had its club."""
        await until(lambda: not self.machines.figure(A, "ringside_journal_behind"), "recorded")

    def counts(self) -> list[float]:
        """How many sockets each machine holds."""
        return [self.counts_of(at) for at in (A, B)]

    def counts_of(self, at: int) -> float:
        return self.machines.figure(at, "ringside_sockets")

    async def until_they_hold(self, is_so: Callable[[list[float]], bool]) -> None:
        await until(lambda: is_so(self.counts()), "sockets")


def test_what_happens_on_one_machine_is_told_on_the_other(seen: Seen) -> None:
    assert seen.told_s.keys() == {"pools", "chat", "log-out", "ban", "replaced"}
    assert max(seen.told_s.values()) <= TOLD_MAX_S


def test_a_sixth_socket_of_a_person_replaces_the_oldest_of_both_machines(seen: Seen) -> None:
    assert seen.replaced == [4409, None, None, None, None, None]


def test_no_page_names_a_file_that_is_missing_while_a_version_comes_in(seen: Seen) -> None:
    assert seen.refused_alone == 1, "The earlier version has no file of the new one."
    assert seen.missing == []


def test_people_of_a_machine_that_vanishes_are_back_on_the_other_one(seen: Seen) -> None:
    assert seen.moved > 0 and seen.disturbed <= 0
    assert seen.back_s <= BACK_MAX_S + SLACK_S
    assert seen.recorded_s <= BACK_MAX_S + SLACK_S
