"""nginx of deploy/ leads the sockets of a room to one process, past one that is away or full."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from launcher import processes
from tests.deploy import homes
from tests.deploy.proxied import HAS_NGINX, Nginx, proxied_in
from tests.servers import free_ports

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not HAS_NGINX, reason="nginx is not installed"),
]

CODES = [f"ROOM{number:02}" for number in range(40)]
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


class Doors:
    """Web processes that greet every socket with their port, behind a real nginx."""

    def __init__(self, nginx: Nginx, ports: list[int]) -> None:
        self.nginx, self.ports = nginx, ports
        self._servers: dict[int, asyncio.Server] = {}

    async def open(self, port: int) -> None:
        """Listen at a port."""

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(UPGRADED + f"{port}\n".encode())
            with suppress(asyncio.CancelledError):
                await reader.read()
            writer.transport.abort()

        self._servers[port] = await asyncio.start_server(greet, "127.0.0.1", port)

    def shut(self, port: int) -> None:
        """Listen at a port no longer."""
        self._servers.pop(port).close()

    async def come(self, path: str) -> tuple[int, asyncio.StreamWriter]:
        """Open a socket; the port that it was led to."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.nginx.port, ssl=self.nginx.trust
        )
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head, head
        return int(await reader.readline()), writer

    async def homes(self) -> dict[str, int]:
        """Where each room is led to."""
        found = {}
        for code in CODES:
            found[code], writer = await self.come(f"/ws/rooms/{code}/")
            writer.transport.abort()
        return found


def behind_nginx(
    folder: Path, count: int, act: Callable[[Doors], Awaitable[None]], *, sockets_max: int = 2500
) -> None:
    """Do something with so many processes behind nginx, each with a limit of sockets."""
    ports = free_ports(count)
    nginx = Nginx(folder / "nginx", ports, sockets_max)
    doors = Doors(nginx, ports)

    async def run() -> None:
        for port in ports:
            await doors.open(port)
        await act(doors)

    nginx.start()
    try:
        nginx.wait()
        asyncio.run(run())
    finally:
        assert nginx.child
        processes.stop(nginx.child)


def test_it_leads_everybody_of_a_room_to_one_process(tmp_path: Path) -> None:
    async def act(doors: Doors) -> None:
        first = await doors.homes()
        assert set(first.values()) == set(doors.ports)
        assert await doors.homes() == first
        for code in CODES[:5]:
            for path in (f"/ws/rooms/{code}/", f"/ws/rooms/{code}/screen/"):
                assert (await doors.come(path))[0] == first[code]
        # What is no room is led to where the fewest are.
        others = [await doors.come("/ws/locations/") for _ in range(8)]
        assert Counter(port for port, _writer in others) == dict.fromkeys(doors.ports, 2)
        # The rooms of a process that is away move, and come back; the others stay.
        away = doors.ports[0]
        doors.shut(away)
        moved = await doors.homes()
        assert all(moved[code] == first[code] for code in CODES if first[code] != away)
        assert len({moved[code] for code in CODES if first[code] == away}) > 1
        await doors.open(away)
        assert await doors.homes() == first

    behind_nginx(tmp_path, 4, act)


def test_a_room_that_is_too_large_for_one_process_spills_into_the_next(tmp_path: Path) -> None:
    async def act(doors: Doors) -> None:
        sockets = [await doors.come("/ws/rooms/ROOM01/") for _ in range(9)]
        ports = [port for port, _writer in sockets]
        assert set(ports[:3]) == {ports[0]} and set(ports[3:6]) == {ports[3]}
        assert sorted(Counter(ports[:6]).values()) == [3, 3]
        # Nobody is turned away where all are full.
        assert set(ports[6:]) <= set(doors.ports)

    behind_nginx(tmp_path, 2, act, sockets_max=3)


def test_it_serves_with_one_process(tmp_path: Path) -> None:
    async def act(doors: Doors) -> None:
        assert set((await doors.homes()).values()) == set(doors.ports)

    behind_nginx(tmp_path, 1, act)


@pytest.mark.long
@pytest.mark.parametrize("pair", ["embedded", "real"])
def test_four_processes_tell_each_other_little(
    pair: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGSIDE_ENGINES", pair)
    with proxied_in(
        tmp_path, webs_count=4, room_sockets_max=homes.ROOM_SOCKETS_MAX, LIMITS_SCALE="1000",
        METRICS_TOKEN="figures",
    ) as proxied:  # fmt: skip
        homes.check(proxied, "figures")
