"""Webhooks while their server fails, is slow and goes away, and our own processes are killed."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from betting.tests.webhooks.receiver import Receiver, certificate_in, receiving
from betting.wire.messages import MarketBoard
from simulation.player import Player, PlayerRefused
from tests.servers import House, house_in

pytestmark = pytest.mark.server

PATIENCE_S = 240
# As many questions as may be open in a room.
AT_ONCE = 3
# Times away up to here are over before anything waits long.
HURRIED_S = 10
IN_ORDER = ["market.opened", "market.locked", "market.void"]


class Faulty(Receiver):
    """Takes what comes to /well, fails every third at /failing, is slow at times at /slow."""

    def __init__(self, slow_s: float) -> None:
        super().__init__()
        self.slow_s = slow_s
        self.fails = True
        self.chance = random.Random(4)

    def answer(self, path: str) -> int:
        """The status for what came last."""
        if path == "/failing":
            return self.chance.choice((500, 200, 204)) if self.fails else 200
        if path.endswith("slow") and self.chance.random() < 0.02:
            time.sleep(self.slow_s)
        return 307 if path == "/redirecting" else 200

    def ids(self, path: str) -> list[str]:
        """What came to a path, each once, in the order in which it came first."""
        came = [headers for headers, _body in list(self.came) if headers[":path"] == path]
        return list(dict.fromkeys(headers["webhook-id"] for headers in came))


class Story:
    """A room whose questions are told to several webhooks, and all that happens meanwhile."""

    def __init__(self, folder: Path, paths: list[str], markets: int, slow_s: float) -> None:
        self.folder, self.paths, self.markets = folder, paths, markets
        self.receiver = Faulty(slow_s)
        self.secrets: dict[str, str] = {}
        self.listening = ExitStack()

    def listen(self, port: int = 0) -> None:
        """Let the receiver come, or come back where it was."""
        self.listening.enter_context(receiving(self.folder, self.receiver, port))
        self.base = self.receiver.url.removesuffix("/hook")

    async def go_away(self, away_s: float) -> None:
        """Nobody listens for a while."""
        await asyncio.to_thread(self.listening.close)
        await asyncio.sleep(away_s)
        # What waited for a minute and fails again would wait for two and four more.
        self.receiver.fails = away_s < HURRIED_S
        self.listen(int(self.base.rpartition(":")[2]))

    async def hook(self, host: Player, code: str, url: str) -> str:
        """Make a webhook; returns its secret."""
        return str(
            (await host.patiently("POST", f"rooms/{code}/webhooks/", {"url": url}))["secret"]
        )

    async def ask_all(self, host: Player, code: str) -> None:
        """Ask questions and lock them; nobody bets, so that they are void."""
        numbers = iter(range(self.markets))

        async def some() -> None:
            for number in numbers:
                market = await ask(host, code, f"Question {number}?")
                await host.patiently("POST", f"markets/{market.id}/lock/", {})

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))

    def arrived(self, share: float) -> Callable[[], bool]:
        """Whether so great a share of all events came at least once."""
        whole = len(IN_ORDER) * self.markets * len(self.paths)
        return lambda: sum(len(self.receiver.ids(path)) for path in self.paths) >= share * whole

    def check(self) -> None:
        """Each event came, in the order of its question, the room's end last, rightly signed."""
        bodies = {headers["webhook-id"]: json.loads(body) for headers, body in self.receiver.came}
        for path in self.paths:
            told = [bodies[each] for each in self.receiver.ids(path)]
            assert told.pop()["event"] == "room.ended"
            by_market: dict[int, list[str]] = {}
            for each in told:
                by_market.setdefault(each["market"], []).append(each["event"])
            assert len(by_market) == self.markets
            assert all(events == IN_ORDER for events in by_market.values())
        for headers, body in self.receiver.came:
            key = base64.b64decode(self.secrets[headers[":path"]].removeprefix("whsec_"))
            said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
            expected = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{expected}"


async def ask(host: Player, code: str, question: str) -> MarketBoard:
    """Ask a question, as soon as another one is refunded."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await host.ask(code, question, ["Red", "Blue"])
        except PlayerRefused as refused:
            if refused.code != "too_many_markets" or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "It took too long."
        await asyncio.sleep(0.05)


async def kill(house: House, name: str) -> None:
    """SIGKILL, and wait for the new one."""
    before = house.pid(name)
    house.kill(name)
    await until(lambda: house.pid(name) not in (0, before))


async def _survives(house: House, story: Story, away_s: float) -> None:
    async with Player(house.url) as host:
        await host.guest("Hana")
        room = await host.open_room("An evening told elsewhere", official_after_s=0)
        for path in story.paths:
            story.secrets[path] = await story.hook(host, room.code, story.base + path)
        asking = asyncio.create_task(story.ask_all(host, room.code))
        await until(story.arrived(0.15))
        await kill(house, "clock")
        await until(story.arrived(0.3))
        away = asyncio.create_task(story.go_away(away_s))
        for name in ("web-1", "clock", "web-2"):
            await kill(house, name)
        await away
        await asking
        await until(story.arrived(1))
        await host.patiently("POST", f"rooms/{room.code}/end/", {})
        ends = {path: len(IN_ORDER) * story.markets + 1 for path in story.paths}
        await until(lambda: all(len(story.receiver.ids(path)) == ends[path] for path in ends))
        await _waits_for_none(host, room.code)
    story.check()


async def _waits_for_none(host: Player, code: str) -> None:
    """Wait until our side, too, knows that all was taken."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        listed = (await host.patiently("GET", f"rooms/{code}/webhooks/"))["results"]
        if not any(each["waiting"] for each in listed):
            return
        assert time.monotonic() < deadline, listed
        await asyncio.sleep(0.2)


@contextmanager
def beginning(
    paths: list[str], markets: int, slow_s: float, **settings: str
) -> Iterator[tuple[House, Story]]:
    with tempfile.TemporaryDirectory(prefix="hooks-") as name:
        folder = Path(name)
        story = Story(folder, paths, markets, slow_s)
        settings["SSL_CERT_FILE"] = str(certificate_in(folder))
        with (
            story.listening,
            house_in(
                folder,
                LIMITS_SCALE="1000",
                WEB_WORKERS="2",
                WEBHOOK_NETWORKS="127.0.0.1",
                **settings,
            ) as house,
        ):
            story.listen()
            yield house, story


async def test_events_arrive_in_order_whatever_dies_on_the_way() -> None:
    paths = ["/well", "/also-well", "/failing", "/slow", "/also-slow"]
    hurried = {"WEBHOOK_RETRY_MS": "200", "WEBHOOK_TIMEOUT_S": "1"}
    with beginning(paths, 34, 2.0, **hurried) as (house, story):
        await _survives(house, story, away_s=2)
        await _goes_nowhere_else(house, story)


@pytest.mark.long
async def test_a_thousand_events_arrive_though_their_server_was_away_for_a_minute() -> None:
    hurried = {"WEBHOOK_RETRY_MS": "1000"}
    with beginning(["/failing", "/slow"], 334, 11.0, **hurried) as (house, story):
        await _survives(house, story, away_s=60)


async def _goes_nowhere_else(house: House, story: Story) -> None:
    """No address that is not allowed is reached, neither by its own name nor by a redirect."""
    story.receiver.headers = {"Location": f"{story.base}/behind"}
    before = len(story.receiver.came)
    private = story.base.replace("127.0.0.1", "127.0.0.2")
    async with Player(house.url) as host:
        await host.guest("Hana")
        room = await host.open_room("An evening of bad addresses")
        for url in (f"{story.base}/redirecting", f"{private}/inside"):
            await story.hook(host, room.code, url)
        await host.ask(room.code, "Where to?", ["Red", "Blue"])
        await until(lambda: len(story.receiver.came) > before + 1)
    paths = {headers[":path"] for headers, _body in story.receiver.came[before:]}
    assert paths == {"/redirecting"}, "it came again, and nothing came elsewhere"
