"""A walk through the admin in a real browser: load, a difference, a ban, a grant, a void."""

import asyncio
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect

from betting.wire.messages import MarketBoard
from launcher.venv import ROOT
from operations.tests.test_operators_page import PASSWORD
from rooms.messages import RoomShape
from simulation.player import Player, PlayerRefused
from tests.browser.browsers import DESKTOP, PHONE, assert_fits, shoot, visit
from tests.servers import House, house_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.long]

T = TypeVar("T")
PLAYERS = 30
COMPARED_TIMEOUT_MS = 30_000


@dataclass
class Table:
    """A small room beside the crowd's: a host, two players, one open question with coins on it."""

    host: Player
    ana: Player
    bo: Player
    room: RoomShape
    market: MarketBoard


@pytest.fixture(scope="module")
def crowded() -> Iterator[House]:
    """A house with an operator and thirty players who bet until the module ends."""
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), options=("--no-crowd",), LIMITS_SCALE="1000") as house,
    ):
        house.env["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
        made = house.manage(
            "createsuperuser", "--noinput", "--email", "olga@example.org", "--nickname", "Olga"
        )
        assert made.returncode == 0, made.stderr
        code = ask_sql(house, "from rooms.models import Room; print(Room.objects.get().code)")
        whole = [sys.executable, "-P", "-m", "launcher", "manage", "--data-dir"]
        whole += [str(house.data_dir), "crowd", "--room", code, "--players", str(PLAYERS)]
        whole += ["--keep-asking", "--url", house.url]
        crowd = subprocess.Popen(
            whole, env=house.env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield house
        finally:
            crowd.terminate()
            crowd.wait()


def ask_sql(house: House, program: str) -> str:
    """Run Python beside the house; the last line it prints."""
    told = house.manage("shell", "--no-imports", "-c", program)
    assert told.returncode == 0, told.stderr
    return told.stdout.strip().rpartition("\n")[2]


def beside(act: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on the players' loop, which is not Playwright's."""
    return asyncio.run_coroutine_threadsafe(act(), players_loop()).result(60)


@cache
def players_loop() -> asyncio.AbstractEventLoop:
    """One loop for all players: their connections belong to it."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


async def bet(player: Player, code: str, market: MarketBoard, place: int, coins: int) -> None:
    """Sit down, stake, and leave."""
    client = await player.join(code)
    try:
        await client.bet(market.id, market.outcomes[place].id, coins)
    finally:
        await client.leave()


def lay(house: House) -> Table:
    """Open the small room; 30 coins against 20."""

    async def act() -> Table:
        host, ana, bo = Player(house.url), Player(house.url), Player(house.url)
        for player, name in ((host, "Hana"), (ana, "Ana"), (bo, "Bo")):
            await player.guest(name)
        room = await host.open_room("The corner table")
        market = await host.ask(room.code, "Rain before nine?", ["Yes", "No"])
        for place, (player, coins) in enumerate(((ana, 30), (bo, 20))):
            await bet(player, room.code, market, place, coins)
        return Table(host, ana, bo, room, market)

    return beside(act)


def enter(browser: Browser, house: House, size: dict[str, int], **traits: str) -> Page:
    page = visit(browser, f"{house.url}/admin/login/?next=/admin/", size, **traits)
    page.locator("[name=username]").fill("olga@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").click()
    return page


def act(page: Page, name: str, reason: str = "", **fields: str) -> None:
    """Press an act on an object's page, say why, and come back to the page."""
    page.locator(".object-tools").get_by_role("link", name=name, exact=True).click()
    for field, value in {**fields, **({"reason": reason} if reason else {})}.items():
        page.locator(f"[name={field}]").fill(value)
    page.locator(".submit-row [type=submit]").click()
    expect(page.locator(".messagelist")).to_be_visible()


def test_an_operator_walks_through_the_house(browser: Browser, crowded: House) -> None:
    page = enter(browser, crowded, DESKTOP)
    see_the_load(browser, crowded, page)
    table = lay(crowded)
    find_a_difference(crowded, page, table)
    ban_grant_and_void(crowded, page, table)
    lose_engines(crowded, page)
    small = enter(browser, crowded, PHONE, locale="ko")
    expect(small.get_by_text("장부가 맞아요")).to_be_visible()
    shoot(small, "admin-front-ko")
    assert table.ana.person
    for name, path in (
        ("market", f"betting/market/{table.market.id}/change/"),
        ("user", f"accounts/user/{table.ana.person.id}/change/"),
        ("ban", f"accounts/user/{table.ana.person.id}/act/ban/"),
        ("ledger", f"betting/ledgerentry/?user={table.ana.person.id}"),
        ("club", "rooms/club/1/change/"),
    ):
        small.goto(f"{crowded.url}/admin/{path}")
        shoot(small, f"admin-{name}-ko")
        assert_fits(small)
    assert_fits(page)


def see_the_load(browser: Browser, house: House, page: Page) -> None:
    """Bets, sockets and books come by themselves, without a reload."""
    expect(page.locator("[data-part=books]")).to_contain_text(
        "Books balance", timeout=COMPARED_TIMEOUT_MS
    )
    expect(page.locator("[data-tile=bets] .now")).to_have_text(
        re.compile(r"[1-9]\d*\.\d /s|0\.[1-9] /s"), timeout=COMPARED_TIMEOUT_MS
    )
    expect(page.locator("[data-tile=sockets] .now")).to_have_text(
        re.compile(r"[23]\d"), timeout=COMPARED_TIMEOUT_MS
    )
    line = page.locator("[data-tile=bets] .line")
    expect(line).to_have_attribute("d", re.compile(r"M\S+"), timeout=COMPARED_TIMEOUT_MS)
    shoot(page, "admin-front-light")
    dark = enter(browser, house, DESKTOP, scheme="dark")
    shoot(dark, "admin-front-dark")
    small = enter(browser, house, PHONE)
    shoot(small, "admin-front")
    for each in (dark, small):
        assert_fits(each)


def find_a_difference(house: House, page: Page, table: Table) -> None:
    """A wallet of SQL is changed by hand; it is found, the club held, mended and let go on."""
    cause = (
        "from betting.models import Wallet; from django.db.models import F;"
        "print(Wallet.objects.filter(user_id={}).update(coins=F('coins') + {}))"
    )
    ana = table.ana.person
    assert ana is not None
    page.goto(f"{house.url}/admin/rooms/club/1/change/")
    act(page, "Compare everything")
    found = page.locator(".figures", has_text="Last comparisons")
    wait_for(page, lambda: "chain, wallets" in found.inner_text() and count(found, "same") == 2)
    assert ask_sql(house, cause.format(ana.id, 7)) == "1"
    page.goto(f"{house.url}/admin/accounts/user/{ana.id}/change/")
    coins = page.locator(".figures", has_text="Coins")
    expect(coins).to_contain_text("differs")
    expect(coins).to_contain_text("SQL is off: 977, by the ledger 970.")
    shoot(page, "difference")
    page.goto(f"{house.url}/admin/rooms/club/1/change/")
    act(page, "Compare everything")
    wait_for(page, lambda: f"wallet of user {ana.id} in SQL" in found.inner_text())
    expect(found.get_by_role("link", name=f"wallet of user {ana.id} in SQL")).to_be_visible()
    act(page, "Put the club on hold", "A wallet is off by 7.")
    shoot(page, "difference-club")
    page.goto(f"{house.url}/admin/")
    expect(page.locator("[data-part=books]")).to_contain_text("Books differ")
    expect(page.locator("[data-part=troubles]")).to_contain_text("Rain before nine?")
    expect(page.locator("[data-part=troubles]")).to_contain_text("On hold: no bets, no payments")
    shoot(page, "difference-front")
    with pytest.raises(PlayerRefused) as refused:
        beside(lambda: bet(table.bo, table.room.code, table.market, 1, 5))
    assert refused.value.code == "frozen"
    assert ask_sql(house, cause.format(ana.id, -7)) == "1"
    page.goto(f"{house.url}/admin/rooms/club/1/change/")
    act(page, "Compare everything")
    wait_for(page, lambda: count(found, "same") == 2)
    act(page, "Let the club go on", "Mended.")


def ban_grant_and_void(house: House, page: Page, table: Table) -> None:
    """Each with a reason, each in the history, each at once."""
    assert table.bo.person and table.ana.person
    page.goto(f"{house.url}/admin/accounts/user/{table.bo.person.id}/change/")
    act(page, "Ban", "Two accounts.", hours="24")
    expect(page.locator(".messagelist")).to_contain_text("Banned for 24 hours")
    with pytest.raises(PlayerRefused):
        beside(lambda: table.bo.call("GET", "auth/me/"))
    page.goto(f"{house.url}/admin/accounts/user/{table.ana.person.id}/change/")
    act(page, "Grant coins", "A prize.", coins="500")
    coins = page.locator(".figures", has_text="Coins")
    expect(coins).to_contain_text("1,470")
    expect(coins).not_to_contain_text("differs")
    page.goto(f"{house.url}/admin/betting/market/{table.market.id}/change/")
    shoot(page, "market")
    act(page, "Void and refund", "Wrong day.")
    expect(page.locator(".figures").first).to_contain_text("Refunded")
    page.goto(f"{house.url}/admin/betting/ledgerentry/?user={table.ana.person.id}")
    ledger = page.locator(".ledger")
    expect(ledger).to_contain_text("by Olga")
    expect(ledger).to_contain_text("A prize.")
    expect(ledger).to_contain_text("got 30 back from “Rain before nine?”")
    expect(ledger.locator("tbody tr").first).to_contain_text("1,500")
    shoot(page, "ledger")
    page.goto(f"{house.url}/admin/")
    acts = page.locator("[data-part=acts]")
    for told in ("Void and refund: Wrong day.", "500 coins: A prize.", "24 hours: Two accounts."):
        expect(acts).to_contain_text(told)


def lose_engines(house: House, page: Page) -> None:
    """A Redis that hangs is named, and the figures come back when it does."""
    page.goto(f"{house.url}/admin/")
    books = page.locator("[data-part=books]")
    expect(books).to_contain_text("Gate open")
    for role, told in (
        ("live", "The live instance does not answer"),
        ("bank", "The bank does not answer"),
    ):
        house.send_signal(role, signal.SIGSTOP)
        try:
            expect(books).to_contain_text(told, timeout=COMPARED_TIMEOUT_MS)
            shoot(page, f"admin-front-without-{role}")
        finally:
            house.send_signal(role, signal.SIGCONT)
        expect(books).not_to_contain_text(told, timeout=COMPARED_TIMEOUT_MS)
    expect(books).to_contain_text("Books balance", timeout=COMPARED_TIMEOUT_MS)


def count(section: Any, verdict: str) -> int:
    return int(section.locator(f"tr[data-verdict={verdict}]").count())


def wait_for(page: Page, is_so: Callable[[], bool]) -> None:
    """Look again until something is there, or fail after a minute."""
    for _again in range(120):
        if is_so():
            return
        page.wait_for_timeout(500)
        page.reload()
    assert is_so()
