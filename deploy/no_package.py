"""The build backend of pyproject.toml: says that Ringside is not installed as a package.

Standard library only.
"""

from typing import NoReturn

_SENTENCE = (
    "Ringside is an application and runs from its folder: ./ringside run. "
    "What other programs install is the client: pip install ./clients/python"
)


def _refuse(*_given: object) -> NoReturn:
    raise SystemExit(_SENTENCE)


# As PEP 517 and PEP 660 name them.
build_wheel = build_sdist = build_editable = _refuse
