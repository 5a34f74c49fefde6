"""A line to a private MariaDB through its own command-line client, and what its counters say."""

import subprocess
import time
from pathlib import Path

FLUSH_TIMEOUT_S = 60
DATABASE = "ringside"


class SqlFailed(RuntimeError):
    """A statement was refused; `code` is the server's error number."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Sql:
    """Statements for one server; each `run` is a session of its own."""

    def __init__(self, socket: Path, folder: Path) -> None:
        self._ask = ["mariadb", "--no-defaults", f"--socket={socket}", "-uroot", "-N", "-B"]
        self._files = folder / DATABASE

    def run(self, statements: str) -> list[list[str]]:
        """Run statements in one session; returns all rows. Raises SqlFailed."""
        done = subprocess.run(
            [*self._ask, DATABASE], input=statements, capture_output=True, text=True, check=False
        )
        if done.returncode:
            # ERROR 1146 (42S02) at line 1: …
            code = done.stderr.partition("ERROR ")[2].partition(" ")[0]
            raise SqlFailed(int(code) if code.isdecimal() else 0, done.stderr.strip())
        return [row.split("\t") for row in done.stdout.splitlines()]

    def number(self, query: str) -> int:
        """The only figure that a query answers."""
        return int(self.run(query)[0][0])

    def refusal(self, statements: str) -> int:
        """The error number that statements end with; 0 when they go through."""
        try:
            self.run(statements)
        except SqlFailed as refused:
            return refused.code
        return 0

    def status(self, name: str) -> int:
        """One counter of SHOW GLOBAL STATUS."""
        return int(self.run(f"SHOW GLOBAL STATUS LIKE '{name}'")[0][1])

    def version(self) -> str:
        """As in "MariaDB 10.11.19"."""
        return "MariaDB " + self.run("SELECT VERSION()")[0][0].partition("-")[0]

    def file(self, table: str, partition: str = "") -> Path:
        """Where the rows of a table, or of one of its partitions, lie."""
        return self._files / f"{table}{f'#P#{partition}' if partition else ''}.ibd"

    def purge(self) -> None:
        """Wait until no delete mark and no old version waits to be cleaned away."""
        self.run("SET GLOBAL innodb_max_purge_lag_wait = 0")

    def settle(self) -> None:
        """Wait until purge is through and every changed page is written to its file."""
        self.purge()
        self.run("SET GLOBAL innodb_max_dirty_pages_pct = 0")
        deadline = time.monotonic() + FLUSH_TIMEOUT_S
        while self.status("Innodb_buffer_pool_pages_dirty"):
            if time.monotonic() > deadline:
                raise SqlFailed(0, "pages stay dirty")
            time.sleep(0.05)
        self.run("SET GLOBAL innodb_max_dirty_pages_pct = 90")
