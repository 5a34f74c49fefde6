"""The generated files, as the schemas of this checkout make them."""

import subprocess
import sys
from pathlib import Path

from clients.generator import python_code, typescript_code
from clients.generator.schemas import contract

FOLDER = Path(__file__).resolve().parents[1]
_CONFIG = FOLDER.parent / "pyproject.toml"
_RUFF = Path(sys.executable).with_name("ruff")


def files() -> dict[str, str]:
    """The text of each by its path below `clients/`."""
    found = contract()
    return {
        "python/ringside_client/shapes.py": _formatted(python_code.shapes(found)),
        "python/ringside_client/api_calls.py": _formatted(python_code.calls(found)),
        "typescript/shapes.d.ts": typescript_code.shapes(found),
        "typescript/calls.js": typescript_code.calls(found),
    }


def _formatted(text: str) -> str:
    """As `./ringside check` wants it, without the imports that are not needed."""
    for command in (["check", "--fix", "--select", "F401,I"], ["format"]):
        asked = [str(_RUFF), *command, "--config", str(_CONFIG), "--quiet", "-"]
        text = subprocess.run(asked, input=text, capture_output=True, text=True, check=True).stdout
    return text
