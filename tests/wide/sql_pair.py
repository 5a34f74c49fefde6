"""A primary and a replica of MariaDB, reached by one address that can be moved."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher import engines, processes
from launcher.venv import ROOT
from simulation.storms.proxy import Lines
from tests.servers import free_ports

_FOLLOW = (
    "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={}, MASTER_USER='root',"
    " MASTER_USE_GTID=slave_pos; START SLAVE"
)
_PROMOTE = "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF"
# As docs/deploying.md has it: nobody who may write where it is read-only.
_USER = "GRANT ALL ON ringside.* TO ringside@127.0.0.1 IDENTIFIED BY 'ringside'"


def deployed(name: str) -> tuple[str, ...]:
    """The options of a file of deploy/mariadb/ that have to do with replication."""
    text = (ROOT / "deploy" / "mariadb" / f"{name}.cnf").read_text()
    lines = re.findall(r"^(rpl_\w+|read_only) *= *(\S+)$", text, re.MULTILINE)
    return tuple(f"--{option}={value}" for option, value in lines)


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

    def note_questions(self) -> None:
        """From now on, remember what is sent; `questions` tells."""
        self.ask("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON")

    def questions(self) -> list[str]:
        """What Ringside has sent since."""
        told = self.ask(
            "SELECT REPLACE(argument, CHAR(10), ' ') FROM mysql.general_log"
            " WHERE command_type = 'Query' AND user_host LIKE 'ringside%'"
        )
        return [question for [question] in told]

    def promote(self) -> None:
        """Have it take writes, and follow nobody."""
        self.ask(_PROMOTE)


def _url(port: int) -> str:
    return f"mysql://ringside:ringside@127.0.0.1:{port}/ringside"


class SqlPair:
    """Two servers, and the line that leads to one of them."""

    def __init__(self, folder: Path, *, is_deployed: bool) -> None:
        first, second = (
            (deployed("primary"), deployed("replica")) if is_deployed else ((), ("--read-only",))
        )
        self.primary = Server(folder, 1, *first)
        self.replica = Server(folder, 2, *second)
        self.replica.follow(self.primary)
        self.primary.ask(_USER)
        self._leads_to = self.primary
        self.lines = Lines(sql=lambda: ("127.0.0.1", self._leads_to.port))

    @property
    def url(self) -> str:
        """The address of whichever server it leads to."""
        return _url(self.port)

    @property
    def replica_url(self) -> str:
        """The address of the replica itself."""
        return _url(self.replica.port)

    @property
    def port(self) -> int:
        """The port of the address."""
        return self.lines["sql"].port

    def move_address(self) -> None:
        """Lead new connections to the replica, and end the others."""
        self._leads_to = self.replica
        self.lines["sql"].cut()

    def close(self) -> None:
        """End both."""
        for server in (self.replica, self.primary):
            processes.stop(server.child)


@contextmanager
def sql_pair(folder: Path, *, is_deployed: bool = False) -> Iterator[SqlPair]:
    """A pair under a folder, ended after: with the settings of deploy/, or asynchronous."""
    made = SqlPair(folder, is_deployed=is_deployed)
    try:
        yield made
    finally:
        made.close()
