"""A whole house on a Cluster: one primary is killed, and hangs, while people bet in six clubs."""

import asyncio
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest

from launcher.private_house import House
from simulation.player import Player, PlayerRefused, RoomClient
from tests.servers import house_in
from tests.wide.cluster import Cluster, clubs_of

pytestmark = pytest.mark.server
CLUBS = [club_id for number in range(3) for club_id in clubs_of(number, 2)]
DEAD = clubs_of(1, 2)
# A server that hangs is waited for once; on a busy machine that and a turn of everything else.
GAP_MAX_S = 3.0
PATIENCE_S = 30.0
_MOVE = (
    "from rooms.models import Club, Room; from operations import gate_watch;"
    "moves = {};"
    "[Club.objects.create(pk=n, slug=f'club{{n}}', title=f'Club {{n}}') for n in moves.values()];"
    "[Room.objects.filter(code=code).update(club=club) for code, club in moves.items()];"
    "gate_watch.inspect()"
)
_TOUCH = (
    "from betting.wire import broadcast; from rooms.models import Membership;"
    "ids = Membership.objects.filter(room__club__in={}).values_list('user_id', flat=True);"
    "broadcast.wallets_changed(None, list(ids), 'grant')"
)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        made = Cluster(Path(folder))
        yield made
        made.close()


class Table:
    """One club: its room, who bets there, and when each bet was accepted."""

    def __init__(self, club_id: int) -> None:
        self.club_id = club_id
        self.code = ""
        self.market = 0
        self.accepted: dict[str, int] = {}
        self.at_s: list[float] = []
        self.is_over = False
        # The largest version that somebody who only looks on was told.
        self.onlooker: RoomClient | None = None

    @property
    def told(self) -> int:
        assert self.onlooker is not None
        return self.onlooker.markets[self.market].version

    def gap_s(self, since_s: float, until_s: float) -> float:
        """The longest time without an accepted bet."""
        times = [since_s, *(at for at in self.at_s if since_s < at < until_s), until_s]
        return max(later - before for before, later in zip(times, times[1:], strict=False))


async def manage(house: House, code: str) -> None:
    done = await asyncio.to_thread(house.manage, "shell", "-c", code)
    assert done.returncode == 0, done.stderr


async def until(is_so: object, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.05)


async def bet(table: Table, client: RoomClient) -> None:
    while not table.is_over:
        with suppress(PlayerRefused):
            outcome = client.markets[table.market].outcomes[0].id
            answer = await client.bet(table.market, outcome, 1)
            table.accepted[answer.bet_id] = answer.seq
            table.at_s.append(time.monotonic())
        await asyncio.sleep(0.1)


async def evening(house: House, cluster: Cluster) -> dict[str, float]:
    """Bets in six clubs while the second primary dies twice; returns the seconds."""
    figures: dict[str, float] = {}
    tables = [Table(club_id) for club_id in CLUBS]
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        host = await guest(house, stack)
        for table in tables:
            room = await host.open_room(f"Club {table.club_id}", official_after_s=0)
            table.code = room.code
        await manage(house, _MOVE.format({table.code: table.club_id for table in tables}))
        for table in tables:
            client = await (await guest(house, stack)).join(table.code)
            table.onlooker = await (await guest(house, stack)).join(table.code)
            market = await host.ask(table.code, "Who goes down?", ["Red", "Blue"])
            table.market = market.id
            await until(lambda c=client, m=market: m.id in c.markets, "the question is told")
            group.create_task(bet(table, client))
        await until(lambda: all(table.at_s for table in tables), "bets in all six clubs")
        for how in (signal.SIGKILL, signal.SIGSTOP):
            died_s = time.monotonic()
            cluster.send_signal(1, how)
            await live_on(house, host, tables)
            back_s = time.monotonic()
            living = [table for table in tables if table.club_id not in DEAD]
            figures[f"gap after {how.name}"] = max(t.gap_s(died_s, back_s) for t in living)
            await asyncio.to_thread(come_back, cluster, how)
            await until(
                lambda back_s=back_s: all(t.at_s[-1] > back_s for t in tables), "all clubs are back"
            )
            figures[f"back after {how.name}"] = time.monotonic() - back_s
        for table in tables:
            table.is_over = True
    await asyncio.to_thread(check, house, tables)
    return figures


async def guest(house: House, stack: AsyncExitStack) -> Player:
    made = await stack.enter_async_context(Player(house.url))
    await made.guest()
    return made


async def live_on(house: House, host: Player, tables: list[Table]) -> None:
    """What goes on in living clubs: questions, deadlines, pools; and that the house is ready."""
    living = [table for table in tables if table.club_id not in DEAD]
    closing = await host.ask(living[0].code, "In time?", ["A", "B"], closes_in_s=10)
    # A grant to people of a dead club: their rooms cannot be told, all others are.
    await manage(house, _TOUCH.format(DEAD))
    told = [table.told for table in living]
    await until(
        lambda: all(table.told > before for table, before in zip(living, told, strict=True)),
        "pools go on in living clubs",
    )
    seen = living[0].onlooker
    assert seen is not None
    await until(lambda: seen.markets[closing.id].status != "open", "locked in time")
    url = f"{house.url}/readyz/"
    ready = await asyncio.to_thread(httpx.get, url, trust_env=False, timeout=10)
    assert ready.status_code == 200 and "2 of 3" in ready.json()["bank"]


def come_back(cluster: Cluster, how: signal.Signals) -> None:
    if how == signal.SIGKILL:
        cluster.children[1].wait()
        cluster.start(1)
    else:
        cluster.send_signal(1, signal.SIGCONT)


def check(house: House, tables: list[Table]) -> None:
    """No accepted bet is lost, none counts twice, and the books are right."""
    done = house.manage("reconcile", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    with sqlite3.connect(house.data_dir / "ringside.sqlite3") as line:
        rows = line.execute(
            "SELECT club_id, command, seq FROM betting_ledgerentry WHERE kind = 'bet'"
        ).fetchall()
    for table in tables:
        kept = {command: seq for club_id, command, seq in rows if club_id == table.club_id}
        assert table.accepted.items() <= kept.items()


def test_living_clubs_go_on_while_a_primary_is_dead_or_hangs(
    cluster: Cluster, tmp_path: Path
) -> None:
    with house_in(
        tmp_path, has_servers=False, REDIS_BANK_URL=cluster.url, LIMITS_SCALE="1000"
    ) as house:
        figures = asyncio.run(evening(house, cluster))
    assert figures["gap after SIGKILL"] < GAP_MAX_S and figures["gap after SIGSTOP"] < GAP_MAX_S
