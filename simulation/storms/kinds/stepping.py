"""A clock that is stepped while the engines run: a preloaded library adds what a file says."""

import shutil
import struct
import subprocess
from pathlib import Path

from launcher.private_house import PrivateEngines
from simulation.storms.kinds.undoing import NoCompiler

SOURCE = Path(__file__).with_suffix(".c")
_CLOCK, _STEP = "RINGSIDE_CLOCK", struct.Struct("=q")


def build(folder: Path) -> dict[str, str]:
    """Compile the library into a folder; the environment that preloads it. Raises NoCompiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoCompiler("The storms need a C compiler: apt-get install gcc libc6-dev")
    library, clock = folder / "stepping.so", folder / "clock"
    clock.write_bytes(_STEP.pack(0))
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True)
    return {"LD_PRELOAD": str(library), _CLOCK: str(clock)}


def step(engines: PrivateEngines, by_s: float) -> None:
    """Set the clock of engines that were started with it so much ahead of the true time."""
    with Path(engines.environment[_CLOCK]).open("r+b") as clock:
        clock.write(_STEP.pack(round(1000 * by_s)))


def can_step(engines: PrivateEngines) -> bool:
    """Whether these engines were started with the library."""
    return _CLOCK in engines.environment
