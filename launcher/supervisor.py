"""Keeps the children alive: starts again what ended, and waits longer each time.

Standard library only.
"""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from launcher import processes
from launcher.words import gettext as _

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
# A child that lived this long was well; its next end begins with the first pause again.
HEALTHY_AFTER_S = 10.0
TICK_S = 0.2
LOG_BYTES_MAX = 16 * 1024 * 1024


class Stopped(BaseException):
    """Ctrl-C or SIGTERM asked us to stop."""


@dataclass(kw_only=True)
class Child:
    """One child: how it is started, and its state."""

    name: str
    begin: Callable[[], subprocess.Popen[bytes]]
    # An engine ends last: the others still write to it while they stop.
    is_engine: bool = False
    running: subprocess.Popen[bytes] | None = None
    started_at_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    again_at_s: float | None = None


@dataclass(kw_only=True)
class Supervisor:
    """The children in the order of their start, and the file that names them to later runs."""

    state_path: Path
    facts: dict[str, Any]
    tell: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> None:
        """Start a child and keep it alive from now on."""
        self.children.append(child)
        self._start(child)

    def watch(self, each_time: Callable[[], None] = lambda: None) -> None:
        """Look after the children until a signal says Stopped."""
        while True:
            self.look_after_all()
            each_time()
            self._pause()

    def look_after_all(self) -> None:
        """Start again whatever ended and has waited long enough."""
        for child in self.children:
            self._look_after(child)

    def stop(self) -> None:
        """End all children, the engines last, and forget them."""
        for is_engine in (False, True):
            running = [
                (child.name, child.running)
                for child in self.children
                if child.running and child.is_engine is is_engine
            ]
            for _name, child in running:
                if child.poll() is None:
                    child.terminate()
            for name, child in running:
                if not processes.stop(child):
                    self.tell(_("%(name)s did not end by itself and was killed") % {"name": name})
        self.children.clear()
        self.state_path.unlink(missing_ok=True)

    def _start(self, child: Child) -> None:
        child.again_at_s = None
        child.started_at_s = time.monotonic()
        child.running = child.begin()
        self._write_state()

    def _look_after(self, child: Child) -> None:
        now_s = time.monotonic()
        if child.again_at_s is not None:
            if now_s >= child.again_at_s:
                self._start_again(child)
            return
        assert child.running is not None
        code = child.running.poll()
        if code is None:
            return
        if now_s - child.started_at_s > HEALTHY_AFTER_S:
            child.pause_s = FIRST_PAUSE_S
        self.tell(
            _("%(name)s ended (%(how)s); again in %(pause)g s")
            % {"name": child.name, "how": _in_words(code), "pause": child.pause_s}
        )
        child.again_at_s = now_s + child.pause_s
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def _start_again(self, child: Child) -> None:
        try:
            self._start(child)
        except (RuntimeError, OSError) as problem:
            self.tell(_("%(name)s did not start: %(why)s") % {"name": child.name, "why": problem})
            child.again_at_s = time.monotonic() + child.pause_s
            child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def _pause(self) -> None:
        # A child's end wakes us through its signal; the pause is for what falls due.
        wake, _, _ = select.select([_wake_fd()], [], [], TICK_S)
        if wake:
            os.read(_wake_fd(), 4096)

    def _write_state(self) -> None:
        born = {
            child.name: [child.running.pid, processes.birth(child.running.pid)]
            for child in self.children
            if child.running
        }
        text = json.dumps({**self.facts, "children": born}, indent=1)
        draft = self.state_path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(text)
        draft.replace(self.state_path)


def end_leftovers(state_path: Path, tell: Callable[[str], None]) -> None:
    """End what a killed run left behind; its children had their signal and may be busy dying."""
    try:
        left = json.loads(state_path.read_text())["children"]
    except (OSError, ValueError, KeyError):
        return
    for name, (pid, born) in reversed(left.items()):
        if processes.end_leftover(pid, born):
            tell(_("ended %(name)s, left behind by an earlier run") % {"name": name})
    state_path.unlink(missing_ok=True)


def shorten_log(path: Path) -> None:
    """Move an overgrown log aside; its writers append, so they go on at the new beginning."""
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.with_suffix(".old").write_bytes(path.read_bytes())
        os.truncate(path, 0)


def listen_to_signals() -> None:
    """Turn the first Ctrl-C or SIGTERM into Stopped; let ended children wake the watch."""
    signal.signal(signal.SIGINT, _raise_stopped)
    signal.signal(signal.SIGTERM, _raise_stopped)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(_pipe[1], warn_on_full_buffer=False)


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def _wake_fd() -> int:
    return _pipe[0]


def _in_words(code: int) -> str:
    return _("exit code %(code)d") % {"code": code} if code >= 0 else signal.Signals(-code).name


_pipe = os.pipe()
for _end in _pipe:
    os.set_blocking(_end, False)
