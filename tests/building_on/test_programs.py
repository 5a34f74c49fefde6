"""The clients' examples play on a house, with keys that open one room and nothing else."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any, Self

import httpx
import pytest
from playwright.sync_api import Browser, expect

from clients.generator.files import FOLDER
from ringside_client import JoinedRoom, LiveRoom, Refused, Ringside, shapes
from tests.browser.browsers import DESKTOP, shoot, visit
from tests.building_on.keys import key
from tests.evenings import Evening
from tests.servers import House

pytestmark = pytest.mark.server

PATIENCE_S = 60
REVOKED_WITHIN_S = 2.0
KEYS, SOCKETS_PER_KEY = 4, 5


async def test_a_bot_asks_and_settles_while_a_screen_watches(two_processes: House) -> None:
    house = two_processes
    async with Evening(house.url) as evening:
        code = evening.room.code
        _number, reader = await key(evening, "read")
        _number, asker = await key(evening, "ask", "lock", "settle")
        env = {
            **os.environ, "RINGSIDE_URL": house.url, "RINGSIDE_ROOM": code, "RINGSIDE_KEY": asker,
            "EVERY_S": "1", "OPEN_S": "0.5", "PYTHONPATH": str(FOLDER / "python"),
        }  # fmt: skip
        async with Ringside(house.url, key=reader) as ringside, ringside.watch(code) as live:
            assert live.room.title == "An evening"
            bot = await asyncio.create_subprocess_exec(
                sys.executable, FOLDER / "python/examples/bot.py", env=env,
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                assert bot.stdout
                told = await asyncio.wait_for(bot.stdout.readline(), PATIENCE_S)
                assert re.fullmatch(r"(Heads|Tails) wins\n", told.decode())
            finally:
                bot.terminate()
                await bot.wait()
            async with asyncio.timeout(PATIENCE_S):
                statuses = set()
                async for message in live:
                    if isinstance(message, shapes.MarketChanged):
                        statuses.add(message.market.status)
                    # Nobody bet: it is called off, and nothing has to be paid.
                    if "void" in statuses:
                        break
            assert {"open", "locked"} <= statuses
            with pytest.raises(Refused) as refused:
                await ringside.rooms_markets_post(code, question="Rain?", outcomes=["Yes", "No"])
            assert (refused.value.code, refused.value.status) == ("forbidden", 403)


async def test_an_account_bets_and_speaks_by_the_client(two_processes: House) -> None:
    house = two_processes
    account = {"email": "bo@example.org", "password": "correct horse battery"}
    async with Evening(house.url) as evening, Ringside(house.url) as ringside:
        bo = await evening.player()
        await bo.player.call("POST", "auth/register/", {**account, "nickname": "Bo"})
        with pytest.raises(Refused, match="wrong_credentials"):
            await ringside.sign_in(account["email"], "wrong horse battery")
        await ringside.sign_in(**account)
        market = await evening.ask()
        outcome = market.outcomes[0].id
        async with ringside.join(evening.room.code) as room:
            assert room.coins == 1000
            accepted = await room.bet(market.id, outcome, 100)
            again = await ringside.markets_bets_post(
                market.id, outcome=outcome, stake=100, bet_id=accepted.bet_id
            )
            assert (again.seq, again.coins) == (accepted.seq, 900)
            assert (room.coins, room.positions) == (900, {(market.id, outcome): 100})
            with pytest.raises(Refused) as refused:
                await room.bet(market.id, outcome, 901)
            assert (refused.value.code, refused.value.detail) == (
                "not_enough_coins",
                {"coins": 900},
            )
            await room.say("Go!")
            async with asyncio.timeout(PATIENCE_S):
                said = [each async for each in until_said(room)]
            assert said[-1].from_.nickname == "Bo"
            # The connection breaks: it comes back, and a bet waits for it.
            room._socket.transport.abort()
            assert (await room.bet(market.id, outcome, 50)).position == 150
            lines = [bet async for bet in ringside.every(ringside.me_bets_list)]
            assert [(bet.stake, bet.status) for bet in lines] == [(50, "open"), (100, "open")]
            # The access token runs out: the next one is fetched on the way.
            ringside._access = "run-out"
            assert (await ringside.auth_me_get()).user.nickname == "Bo"
            # One bettor is too few: the lock gives the stake back.
            assert (await evening.host.step(market.id, "lock")).status == "void"
            await evening.host.call("POST", f"rooms/{evening.room.code}/end/")
            async with asyncio.timeout(PATIENCE_S):
                told = [type(message) async for message in room]
            assert shapes.MarketChanged in told
            assert room.close_code == 4410


async def until_said(room: JoinedRoom) -> AsyncIterator[shapes.ChatSaid]:
    """The messages of a room until somebody said a line."""
    async for message in room:
        yield message
        if isinstance(message, shapes.ChatSaid):
            return


async def test_a_key_that_was_ended_opens_nothing_in_two_processes(two_processes: House) -> None:
    house = two_processes
    async with Evening(house.url) as evening, AsyncExitStack() as stack:
        code, keys = evening.room.code, [await key(evening, "read") for _ in range(KEYS)]
        rooms = []
        for _number, text in keys:
            ringside = await stack.enter_async_context(Ringside(house.url, key=text))
            for _ in range(SOCKETS_PER_KEY):
                rooms.append(await stack.enter_async_context(ringside.watch(code)))
        # Connections of their own, so that both processes are asked.
        assert set(await statuses(house, code, keys)) == {200}
        closing = [asyncio.create_task(closed(room)) for room in rooms]
        for number, _text in keys:
            await evening.host.call("DELETE", f"rooms/{code}/keys/{number}/")
        ended_s = time.monotonic()
        assert max(await asyncio.gather(*closing)) - ended_s <= REVOKED_WITHIN_S
        assert set(await statuses(house, code, keys)) == {401}
        assert {room.close_code for room in rooms} == {4401}


async def closed(room: LiveRoom) -> float:
    """When the socket of a room was closed for good, by the monotonic clock."""
    async with asyncio.timeout(PATIENCE_S):
        async for _message in room:
            pass
    return time.monotonic()


async def statuses(house: House, code: str, keys: list[tuple[int, str]]) -> list[int]:
    """What a read of the room is answered, each time on a new connection."""

    async def one(text: str) -> int:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            url, headers = f"{house.url}/api/v1/rooms/{code}/", {"Authorization": f"Bearer {text}"}
            return (await client.get(url, headers=headers)).status_code

    return await asyncio.gather(*(one(text) for _number, text in keys * SOCKETS_PER_KEY))


class Visitors:
    """An evening for a test that is not asynchronous itself."""

    def __init__(self, url: str) -> None:
        self.evening = Evening(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.do(self.evening.__aenter__())
        return self

    def __exit__(self, *problem: object) -> None:
        self.do(self.evening.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Wait for what the evening does."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE_S)


@pytest.fixture(scope="module")
def visitors(two_processes: House) -> Iterator[Visitors]:
    """A room for the tests that are not asynchronous."""
    with Visitors(two_processes.url) as made:
        yield made


@pytest.mark.browser
def test_a_page_of_another_origin_shows_live_odds(
    browser: Browser, two_processes: House, pages: str, visitors: Visitors
) -> None:
    evening = visitors.evening
    market = visitors.do(evening.ask())
    _number, reader = visitors.do(key(evening, "read"))
    asked = f"url={two_processes.url}&room={evening.room.code}&key={reader}"
    page = visit(browser, f"{pages}/examples/odds.html#{asked}", DESKTOP)
    expect(page.get_by_role("heading", name=market.question)).to_be_visible()
    first = page.get_by_role("listitem").first
    expect(first).to_have_text("answer 0: no odds yet, 0 coins")
    player = visitors.do(evening.player())
    visitors.do(player.bet(market.id, market.outcomes[0].id, 75))
    expect(first).to_have_text("answer 0: 1, 75 coins")
    shoot(page, "live-odds")
    # The calls, too, are open to this origin.
    told = page.evaluate(
        """async ([url, key, code]) => {
          const { Ringside } = await import("/ringside.js");
          const ringside = new Ringside(url, { key });
          const { title } = await ringside.rooms_get(code);
          const refused = await ringside.rooms_markets_post(
            code, { question: "Rain?", outcomes: ["Yes", "No"] }).catch((error) => error);
          return [title, refused.name, refused.code, refused.status];
        }""",
        [two_processes.url, reader, evening.room.code],
    )
    assert told == ["An evening", "Refused", "forbidden", 403]
    # So are the sockets, to who signs in.
    account = {"email": "cy@example.org", "password": "correct horse battery"}
    register = player.player.call("POST", "auth/register/", {**account, "nickname": "Cy"})
    visitors.do(register)
    told = page.evaluate(
        """async ([url, account, code, market, outcome]) => {
          const { Ringside } = await import("/ringside.js");
          const ringside = new Ringside(url);
          await ringside.signIn(account.email, account.password);
          let welcomed;
          const isThere = new Promise((resolve) => { welcomed = resolve; });
          const room = ringside.join(code, (_, { type }) => type === "welcome" && welcomed());
          await isThere;
          const { position } = await room.bet(market, outcome, 25);
          const refused = await room.bet(market, outcome, 5000).catch((error) => error.code);
          room.close();
          return [position, room.coins, refused];
        }""",
        [two_processes.url, account, evening.room.code, market.id, market.outcomes[0].id],
    )
    assert told == [100, 900, "not_enough_coins"]
    # The browser notes the 403 that was asked for.
    assert [problem for problem in page.problems if "403" not in problem] == []


def test_the_script_runs_in_node_as_it_is(two_processes: House, visitors: Visitors) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("There is no node on this machine.")
    evening = visitors.evening
    _number, reader = visitors.do(key(evening, "read"))
    script = f"""
      import {{ Ringside }} from "{FOLDER}/typescript/ringside.js";
      const ringside = new Ringside("{two_processes.url}", {{ key: "{reader}" }});
      console.log((await ringside.rooms_get("{evening.room.code}")).title);
    """
    command = [node, "--input-type=module", "--eval", script]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (told.stdout, told.returncode) == ("An evening\n", 0), told.stderr
