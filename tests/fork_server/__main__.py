"""The process that has loaded all libraries, and forks: `python -P -m tests.fork_server SOCKET`."""

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from launcher import processes
from launcher.venv import PYTHON
from tests.fork_server.forked import MESSAGE_BYTES_MAX, Forked

# Whatever takes its time and reads no setting.
LIBRARIES = (
    "asyncio", "concurrent.futures.thread", "logging.handlers", "sqlite3", "unittest.mock",
    "PIL.Image", "asgiref.sync", "channels.generic.websocket", "channels.routing",
    "corsheaders.middleware", "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.x509", "csp.middleware", "django.contrib.staticfiles.finders",
    "django.core.handlers.asgi", "django.core.management", "django.core.paginator",
    "django.core.serializers.json", "django.db.backends.sqlite3.base", "django.db.migrations",
    "django.db.models", "django.forms.models", "django.template.loader_tags",
    "django.templatetags.static", "django.test.signals", "django.urls", "django.views.generic",
    "django_redis", "environ", "hiredis", "html.parser", "httptools", "jwt", "msgspec",
    "prometheus_client.multiprocess", "redis.asyncio", "redis.cluster", "redis.sentinel",
    "requests", "rest_framework.compat", "rest_framework.exceptions", "segno", "servestatic",
    "sqlparse", "structlog.dev", "uritemplate", "uvicorn.main",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl", "uvloop", "websockets.sync.client",
    "yaml",
)  # fmt: skip


def _serve(line: socket.socket) -> None:
    """Fork whatever is asked for, and tell of each end, until nobody asks any more."""
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    wake, woken = socket.socketpair()
    for end in (wake, woken):
        end.setblocking(False)
    signal.set_wakeup_fd(woken.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([line, wake], [], [])
        if wake in ready:
            wake.recv(4096)
            _tell_of_ends(line)
        if line in ready:
            if not (asked := line.recv(MESSAGE_BYTES_MAX)):
                return
            child = _fork(**json.loads(asked))
            line.send(json.dumps({"born": child.pid}).encode())


def _tell_of_ends(line: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(found[1])
            line.send(json.dumps({"ended": found[0], "code": code}).encode())


_really_start = processes.start


def _run_launcher() -> None:
    """Have it fork in its turn; its words are of the language that its own environment names."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "launcher"]:
        del sys.modules[name]
    importlib.import_module("launcher.processes").start = _start_from_launcher
    # `manage` becomes the command; this process has loaded what that needs.
    os.execv = lambda _program, words: sys.exit(_run(words[1:]))
    runpy.run_module("launcher", run_name="__main__", alter_sys=True)


def _start_from_launcher(command: list[str], **options: Any) -> Any:
    """What a forked launcher starts: Python by a fork of itself, engines as ever."""
    if command[0] != str(PYTHON):
        return _really_start(command, **options)
    return _fork(command, **options)


def _fork(
    command: list[str],
    *,
    log: Path | str | None = None,
    errors: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    keep_fds: tuple[int, ...] = (),
) -> Forked:
    if pid := os.fork():
        return Forked(pid, _code_of_child)
    code = 1
    try:
        processes._stop_with_parent()
        _settle_in(log, errors or log, keep_fds)
        _move_in(env or os.environ, cwd)
        code = _run(command[1:])
    except BaseException:  # noqa: BLE001 - nothing may climb into what was forked from
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            threading._shutdown()
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):
                stream.flush()
        os._exit(code)


def _code_of_child(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _settle_in(
    log: Path | str | None, errors: Path | str | None, keep_fds: tuple[int, ...]
) -> None:
    """What exec does for others: signals and files of a new process."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    for number, place in ((1, log), (2, errors)):
        if place:
            os.dup2(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666), number)
    least = 3
    for kept in sorted(keep_fds):
        os.closerange(least, kept)
        least = kept + 1
    os.closerange(least, os.sysconf("SC_OPEN_MAX"))


def _move_in(env: Mapping[str, str], cwd: Path | str | None) -> None:
    """Take a new process's environment and folder."""
    given = dict(env)
    os.environ.clear()
    os.environ.update(given)
    time.tzset()
    if cwd:
        os.chdir(cwd)


def _run(words: list[str]) -> int:
    """Run `-m module`, `-c text` or a script with its arguments; returns the exit code."""
    words = [word for word in words if word != "-P"]
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            if words[1] == "launcher":
                _run_launcher()
            else:
                runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif words[0] == "-c":
            exec(words[1], {"__name__": "__main__"})
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
