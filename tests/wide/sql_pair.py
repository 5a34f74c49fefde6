"""A primary and an asynchronous replica of MariaDB, reached by one address that can be moved."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher import engines, processes
from simulation.storms.proxy import Lines
from tests.servers import free_ports

_FOLLOW = (
    "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={}, MASTER_USER='root',"
    " MASTER_USE_GTID=slave_pos; START SLAVE"
)
_PROMOTE = "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF"


class Server:
    """One MariaDB of a pair, by its number."""

    def __init__(self, folder: Path, number: int, *options: str) -> None:
        self.number, self.folder = number, folder / f"sql-{number}"
        [self.port] = free_ports(1)
        self.socket = folder / f"sql-{number}.sock"
        self._options = (
            "--skip-networking=0", "--bind-address=127.0.0.1", f"--port={self.port}",
            f"--server-id={number}", f"--log-bin=sql-{number}", "--binlog-format=ROW",
            "--sync-binlog=1", "--log-slave-updates", *options,
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.child = engines.start_mariadb(self.folder, self.socket, self._options)

    def kill(self) -> None:
        """SIGKILL it and wait for its end."""
        self.child.kill()
        self.child.wait()

    def ask(self, query: str) -> list[list[str]]:
        """Send a query as an operator would; returns the rows."""
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-NB"]
        told = subprocess.run([*command, "ringside", "-e", query], capture_output=True, check=True)
        return [line.split("\t") for line in told.stdout.decode().splitlines()]

    def follow(self, primary: "Server") -> None:
        """Replicate another server from its first statement on."""
        self.ask(_FOLLOW.format(primary.port))

    def has_caught_up_with(self, primary: "Server") -> bool:
        """Whether everything that the other one has written so far is here."""
        [[position]] = primary.ask("SELECT @@gtid_binlog_pos")
        return self.ask(f"SELECT MASTER_GTID_WAIT('{position}', 30)") == [["0"]]

    def promote(self) -> None:
        """Have it take writes, and follow nobody."""
        self.ask(_PROMOTE)


class SqlPair:
    """Two servers, and the line that leads to one of them."""

    def __init__(self, folder: Path) -> None:
        self.primary = Server(folder, 1)
        self.replica = Server(folder, 2, "--read-only")
        self.replica.follow(self.primary)
        self._leads_to = self.primary
        self.lines = Lines(sql=lambda: ("127.0.0.1", self._leads_to.port))

    @property
    def url(self) -> str:
        """The address of whichever server it leads to."""
        return f"mysql://root@127.0.0.1:{self.lines['sql'].port}/ringside"

    def move_address(self) -> None:
        """Lead new connections to the replica, and end the others."""
        self._leads_to = self.replica
        self.lines["sql"].cut()

    def close(self) -> None:
        """End both."""
        for server in (self.replica, self.primary):
            processes.stop(server.child)


@contextmanager
def sql_pair(folder: Path) -> Iterator[SqlPair]:
    """A pair under a folder, ended after."""
    made = SqlPair(folder)
    try:
        yield made
    finally:
        made.close()
