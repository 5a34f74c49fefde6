"""Pages and API: requests a second over eight connections, one address at a time."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.alone.houses import quiet_house
from benchmarks.plan import Plan
from benchmarks.rounds import Cell, Figures, percentiles, tell
from benchmarks.sides.ringside import Ringside
from benchmarks.sides.side import HOST, worked_s
from launcher.private_house import House

CONNECTIONS = 8
# What every page is compared with: it asks the engines and shows nothing.
PATHS = {
    "page of a room": "/r/{code}/",
    "room in the API": "/api/rooms/{code}/",
    "room in the API, signed in": "/api/rooms/{code}/",
    "lobby": "/",
    "health": "/healthz/",
}


class Connection:
    """A connection that is kept, and asks again as soon as it is answered."""

    def __init__(self, port: int, path: str, headers: Mapping[str, str]) -> None:
        self._port = port
        lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}:{port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._request = "\r\n".join((*lines, "", "")).encode()
        self.delays_s: list[float] = []

    async def ask(self, until_s: float) -> None:
        """Ask until then. Raises AssertionError of any answer but 200."""
        reader, writer = await asyncio.open_connection(HOST, self._port)
        while (began_s := time.perf_counter()) < until_s:
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(_length(head))
            self.delays_s.append(time.perf_counter() - began_s)
        writer.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


async def run(plan: Plan, folder: Path) -> list[Cell]:
    """Every address in turn, round after round."""
    with quiet_house(folder / "pages") as house:
        side = Ringside(house)
        await side.open_rooms()
        (person,) = await side.people(1)
        code = side.rooms[0][0]
        cells = {name: Cell("pages", {"what": name}) for name in PATHS}
        for _ in range(plan.rounds):
            for name, path in PATHS.items():
                headers = person.headers if "signed in" in name else {}
                figures = await _measure(house, path.format(code=code), headers, plan.seconds)
                cells[name].rounds.setdefault("Ringside", []).append(figures)
        for cell in cells.values():
            tell(cell)
        return [*cells.values()]


async def _measure(house: House, path: str, headers: Mapping[str, str], seconds: float) -> Figures:
    asking = [Connection(house.port, path, headers) for _ in range(CONNECTIONS)]
    web = house.pid("web-1")
    worked, began_s = worked_s(web), time.perf_counter()
    await asyncio.gather(*(each.ask(began_s + seconds) for each in asking))
    spent_s, lasted_s = worked_s(web) - worked, time.perf_counter() - began_s
    delays_s = [delay for each in asking for delay in each.delays_s]
    return {
        "per s": round(len(delays_s) / lasted_s),
        **percentiles(delays_s),
        "all us": round(1e6 * spent_s / len(delays_s), 1),
    }
