"""Child processes that never outlive us: how one is started, known again and ended.

Standard library only.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

STOP_TIMEOUT_S = 10
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def start(
    command: list[str],
    *,
    log: Path | None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep_fds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a child that writes into a log and is told to stop when the calling thread ends.

    Without a log it writes where we do. Call it from the main thread: the kernel watches the
    thread that started the child.
    """
    with log.open("ab") if log else nullcontext() as file:
        return subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            pass_fds=keep_fds,
            # A terminal's Ctrl-C reaches only us; we then stop the children in their order.
            start_new_session=True,
            preexec_fn=_stop_with_parent,
        )


def finish(
    command: list[str], *, env: Mapping[str, str], cwd: Path, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and keep what it wrote; the caller looks at the exit code.

    Raises subprocess.TimeoutExpired.
    """
    return subprocess.run(
        command, env=env, cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False
    )


def stop(child: subprocess.Popen[bytes], timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """End a child, kindly first; returns when it is gone, and whether that was by itself."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return False
    return True


def birth(pid: int) -> int:
    """When a process began, in the kernel's ticks; 0 when there is no such process.

    A pid and its birth together name a process for good: pids alone come round again.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] == "Z" else int(fields[19])


def end_leftover(pid: int, born: int, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """End a process that an earlier run left behind; False when it is already gone."""
    if not born or birth(pid) != born:
        return False
    deadline = time.monotonic() + timeout_s
    os.kill(pid, signal.SIGTERM)
    while birth(pid) == born:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    return True


def _stop_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
