"""People who bet in rooms of many clubs, and what their bets must have become."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from launcher.private_house import House
from simulation.player import Player, PlayerRefused, RoomClient

PATIENCE_S = 60.0
_MOVE = (
    "from rooms.models import Club, Room; from operations import gate_watch;"
    "moves = {};"
    "[Club.objects.get_or_create(pk=n, slug=f'club{{n}}', title=f'Club {{n}}')"
    " for n in moves.values()];"
    "[Room.objects.filter(code=code).update(club=club) for code, club in moves.items()];"
    "gate_watch.inspect()"
)


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

    @property
    def last_seq(self) -> int:
        return max(self.accepted.values())

    def gap_s(self, since_s: float, until_s: float) -> float:
        """The longest time without an accepted bet."""
        times = [since_s, *(at for at in self.at_s if since_s < at < until_s), until_s]
        return max(later - before for before, later in zip(times, times[1:], strict=False))

    async def bet(self, client: RoomClient) -> None:
        """Bet ten times a second until the table is over."""
        while not self.is_over:
            with suppress(PlayerRefused):
                outcome = client.markets[self.market].outcomes[0].id
                answer = await client.bet(self.market, outcome, 1)
                self.accepted[answer.bet_id] = answer.seq
                self.at_s.append(time.monotonic())
            await asyncio.sleep(0.1)


# Has one more person bet at each table.
More = Callable[[], Awaitable[None]]


@asynccontextmanager
async def betting_in(
    house: House, club_ids: Sequence[int]
) -> AsyncIterator[tuple[Player, list[Table], More]]:
    """The host and a table of each club with bets under way; their books are compared after."""
    tables = [Table(club_id) for club_id in club_ids]
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        host = await guest(house, stack)
        for table in tables:
            room = await host.open_room(f"Club {table.club_id}", official_after_s=0)
            table.code = room.code
        await manage(house, _MOVE.format({table.code: table.club_id for table in tables}))
        for table in tables:
            table.onlooker = await (await guest(house, stack)).join(table.code)
            market = await host.ask(table.code, "Who goes down?", ["Red", "Blue"])
            table.market = market.id

        async def more() -> None:
            for table in tables:
                client = await (await guest(house, stack)).join(table.code)
                await until(lambda c=client, t=table: t.market in c.markets, "the question is told")
                group.create_task(table.bet(client))

        await more()
        await until(lambda: all(table.at_s for table in tables), "bets in all clubs")
        yield host, tables, more
        for table in tables:
            table.is_over = True
    await asyncio.to_thread(check, house, tables)


async def guest(house: House, stack: AsyncExitStack) -> Player:
    """Somebody new."""
    made = await stack.enter_async_context(Player(house.url))
    await made.guest()
    return made


async def manage(house: House, code: str) -> None:
    """Run some code in the house's shell."""
    done = await asyncio.to_thread(house.manage, "shell", "-c", code)
    assert done.returncode == 0, done.stderr


async def until(is_so: Callable[..., object], what: str) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.05)


def check(house: House, tables: Sequence[Table]) -> None:
    """No accepted bet is lost, none counts twice, and the books are right."""
    done = house.manage("reconcile", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    for table in tables:
        assert table.accepted.items() <= recorded(house, table.club_id).items()


def recorded(house: House, club_id: int) -> dict[str, int]:
    """The bets of a club in the ledger, with their seqs."""
    with sqlite3.connect(house.data_dir / "ringside.sqlite3", timeout=30) as line:
        return dict(line.execute(
            "SELECT command, seq FROM betting_ledgerentry WHERE kind = 'bet' AND club_id = ?",
            [club_id],
        ))  # fmt: skip
