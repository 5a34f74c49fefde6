"""The generated files, as the schemas of this checkout make them."""

import subprocess
import sys
from pathlib import Path

from clients.generator import python_code, typescript_code
from clients.generator.schemas import contract

FOLDER = Path(__file__).resolve().parents[1]
_PYTHON = "python/ringside_client"
_PLACES = (
    f"{_PYTHON}/shapes/*.py", f"{_PYTHON}/api_calls/*.py", "typescript/shapes/*.d.ts",
    "typescript/shapes.d.ts", "typescript/calls.js",
)  # fmt: skip
_CONFIG = FOLDER.parent / "pyproject.toml"
_RUFF = Path(sys.executable).with_name("ruff")
# Also a module that is not written yet.
_OWN = 'lint.isort.known-first-party=["ringside_client"]'


def files() -> dict[str, str]:
    """The text of each by its path below `clients/`."""
    found = contract()
    texts = {"typescript/calls.js": typescript_code.calls(found)}
    texts["typescript/shapes.d.ts"] = typescript_code.all_shapes(found)
    for topic, text in typescript_code.shapes(found).items():
        texts[f"typescript/shapes/{topic}.d.ts"] = text
    for topic, text in python_code.shapes(found).items():
        texts[f"{_PYTHON}/shapes/{topic}.py"] = _formatted(text)
    for topic, text in python_code.calls(found).items():
        texts[f"{_PYTHON}/api_calls/{topic}.py"] = _formatted(text)
    return texts


def present() -> dict[str, str]:
    """What lies there now, also what is no more made."""
    paths = (path for place in _PLACES for path in FOLDER.glob(place))
    return {path.relative_to(FOLDER).as_posix(): path.read_text() for path in paths}


def write() -> None:
    """Make the files anew, and remove those that are no more made."""
    made = files()
    for name in present().keys() - made.keys():
        (FOLDER / name).unlink()
    for name, text in made.items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_text(text)


def _formatted(text: str) -> str:
    """As `./ringside check` wants it, without the imports that are not needed."""
    for command in (["check", "--fix", "--select", "F401,I"], ["format"]):
        asked = [str(_RUFF), *command, "--config", str(_CONFIG), "--config", _OWN, "--quiet", "-"]
        text = subprocess.run(asked, input=text, capture_output=True, text=True, check=True).stdout
    return text
