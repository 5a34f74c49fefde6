"""What an older layout of the code left behind is taken up: its people, its bets, its open market.

tests/data/ holds an evening of three guests as version 0.1.0 before the move left it: one market
settled, one open with three bets, a draft, a chat line, a position.
"""

import asyncio
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.auth import cookies
from launcher.private_house import PrivateEngines
from simulation.player import Player, RoomClient
from tests.servers import House, house_in

pytestmark = pytest.mark.server

PAIR = os.environ.get("RINGSIDE_ENGINES", "embedded")
LEFT = Path(__file__).parents[1] / "data" / f"before-the-move-{PAIR}.tar.gz"
ASK_FACTS = """
from accounts.auth import tokens
from betting.models import LedgerEntry, Market
from rooms.models import Membership, Room
room = Room.objects.get(title="An evening")
people = [room.host, *(m.user for m in Membership.objects.filter(room=room).order_by("pk")
          if m.user_id != room.host_id)]
print("code", room.code)
print("entries", LedgerEntry.objects.count())
print("markets", *Market.objects.filter(room=room).order_by("pk").values_list("pk", flat=True))
print("tokens", *(tokens.start(user).access for user in people))
"""


def take_up(folder: Path) -> None:
    """Lay out what was left: a data folder, and for real engines the bank's file and the SQL."""
    with tarfile.open(LEFT) as left:
        left.extractall(folder, filter="data")
    if PAIR == "real":
        made = PrivateEngines(folder)
        made.start("sql")
        try:
            dump = (folder / "dump.sql").read_bytes()
            command = ["mariadb", "--socket", str(made.socket("sql")), "-uroot"]
            subprocess.run(command, input=dump, check=True)
        finally:
            made.stop_all()


@pytest.fixture(scope="module")
def older_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("older")
    take_up(folder)
    with house_in(folder, options=("--no-crowd", "--no-demo"), LIMITS_SCALE="1000") as made:
        yield made


def facts(house: House) -> dict[str, list[str]]:
    told = house.manage("shell", "-c", ASK_FACTS)
    assert told.returncode == 0, told.stderr
    lines = [line.split() for line in told.stdout.splitlines()]
    return {line[0]: line[1:] for line in lines if line}


async def back(house: House, token: str, code: str) -> RoomClient:
    """Somebody of that evening comes back into the room."""
    player = Player(house.url)
    player.http.cookies.set(cookies.ACCESS, token, domain="127.0.0.1")
    await player.call("POST", f"rooms/{code}/enter/")
    return await player.join(code)


async def play_on(house: House, code: str, tokens: list[str], old_market: int) -> int:
    """End the market that stood open, play another one; returns the coins of all three guests."""
    host, *guests = [await back(house, token, code) for token in tokens]
    # Rooms of that time wait before a result is official; here nobody changes one.
    await host.player.call("PATCH", f"rooms/{code}/", {"official_after_s": 0})
    view = await host.player.call("GET", f"markets/{old_market}/")
    assert view["coins"] == 153 and view["bettors"] == 3
    if view["status"] == "open":
        await host.player.step(old_market, "lock")
    ended = await host.player.call("GET", f"markets/{old_market}/")
    if ended["status"] == "locked":
        await host.player.step(old_market, "settle", winners=[ended["outcomes"][0]["id"]])
    new = await host.player.ask(code, "Does it go on?", ["yes", "no"])
    for number, guest in enumerate(guests):
        await guest.bet(new.id, new.outcomes[number % 2].id, 20)
    await host.player.step(new.id, "lock")
    await host.player.step(new.id, "settle", winners=[new.outcomes[0].id])
    answers = [await guest.player.call("GET", "auth/me/") for guest in guests]
    for client in (host, *guests):
        await client.leave()
        await client.player.http.aclose()
    return sum(answer["wallets"][0]["coins"] for answer in answers)


def test_it_starts_on_older_data_and_plays_on(older_house: House) -> None:
    found = facts(older_house)
    (code,), (entries,) = found["code"], found["entries"]
    assert int(entries) >= 14 and len(found["markets"]) == 3
    first, second, draft = map(int, found["markets"])
    assert first < second < draft
    coins = asyncio.run(play_on(older_house, code, found["tokens"], second))
    older_house.wait_until(
        lambda: older_house.manage("reconcile", "--all").returncode == 0, timeout_s=30
    )
    # Three people with 1,000 welcome coins each, and no market left that holds any of theirs.
    assert coins == 3000
