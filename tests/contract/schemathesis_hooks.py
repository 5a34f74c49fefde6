"""What Schemathesis has to know of our bodies that JSON Schema cannot say."""

from typing import Any

import schemathesis
from hypothesis import strategies

# Letters, figures and symbols of many alphabets. What draws nothing is no character of a line.
_SEEN = strategies.characters(codec="utf-8", categories=("Lu", "Ll", "Lo", "Nd", "Po", "Sc"))
_LINES = strategies.text(_SEEN, min_size=1)

for _name in ("line", "nickname", "password"):
    schemathesis.openapi.format(_name, _LINES)


@schemathesis.hook
def map_body(_context: schemathesis.HookContext, body: Any) -> Any:
    """An integer is a JSON integer: 1.0, which JSON Schema takes for one, is sent as 1."""
    return _whole(body)


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value
