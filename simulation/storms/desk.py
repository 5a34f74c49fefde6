"""The management commands of a storm's house, without a new process for each of them."""

import select
import subprocess
import sys

import msgspec

from launcher.private_house import House
from launcher.venv import ROOT


class Answer(msgspec.Struct, kw_only=True):
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Desk:
    """One process that runs the commands of a house in turn; it is started when it is needed."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._process: subprocess.Popen[str] | None = None

    def run(self, *words: str, timeout_s: float) -> Answer:
        """Run a command. One that does not end in time ends with the process, and with code 1."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._start()
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(msgspec.json.encode(words).decode() + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        line = self._process.stdout.readline() if ready else ""
        if line:
            return msgspec.json.decode(line, type=Answer)
        self._process.kill()
        told = f"{words[0]} {'ended its process' if ready else 'took too long'}."
        return Answer(returncode=1, stdout="", stderr=told)

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-P", "-m", "launcher", "manage"]
        command += ["--data-dir", str(self._house.data_dir), "run_commands"]
        log = self._house.data_dir / "logs" / "commands.log"
        with log.open("ab") as errors:
            return subprocess.Popen(
                command, env=self._house.env, cwd=ROOT, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def close(self) -> None:
        """End the process."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
