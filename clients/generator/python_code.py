"""The typed half of the Python client: a struct for each shape, a method for each call."""

import keyword
from collections.abc import Iterable, Iterator
from textwrap import indent

from clients.generator.schemas import (
    MESSAGES,
    SHARED,
    Call,
    Channel,
    Contract,
    Field,
    Schema,
    Shape,
    reference,
    references,
)

_MADE = "Made by `python -m clients.generator`; changes by hand are lost."
_SHAPES = f'''"""What goes over the wire about {{topic}}.

{_MADE}
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

'''
_ALL_SHAPES = f'''"""Everything that goes over the wire, as the server's two schemas have it.

{_MADE}
"""

'''
_CALLS = f'''"""The calls about {{topic}}, as methods by the names of their operations.

{_MADE}
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import {{imports}}


class {{name}}Calls(Calling):
    """The calls about {{topic}}."""

'''
_ALL_CALLS = f'''"""Every call of the API, as a method by the name of its operation.

{_MADE}
"""

{{imports}}


class Calls({{bases}}):
    """The calls; a class that extends this one sends them."""
'''
_WORDS = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None",
}  # fmt: skip


def shapes(contract: Contract) -> dict[str, str]:
    """The modules of structs by topic, and the one that has them all."""
    topics = contract.shapes_by_topic()
    made = {topic: _shapes_of(topic, contract) for topic in topics}
    stars = (f"from ringside_client.shapes.{topic} import *" for topic in topics)
    return {**made, "__init__": _ALL_SHAPES + "\n".join(stars)}


def _shapes_of(topic: str, contract: Contract) -> str:
    topics = contract.shapes_by_topic()
    head = _SHAPES.format(topic=topic)
    if topic != SHARED:
        shared = ", ".join(shape.name for shape in topics[SHARED])
        head += f"from ringside_client.shapes.{SHARED} import {shared}"
    unions = map(_unions, contract.channels if topic == MESSAGES else ())
    return "\n\n".join((head, *map(_struct, _sorted(topics[topic])), *unions))


def calls(contract: Contract) -> dict[str, str]:
    """The modules of a class for each topic, and the one with the class of them all."""
    topics = contract.calls_by_topic()
    names = {topic: f"{topic.capitalize()}Calls" for topic in topics}
    imports = (f"from ringside_client.api_calls.{each} import {names[each]}" for each in topics)
    return {
        **{topic: _calls_of(topic, found) for topic, found in topics.items()},
        "__init__": _ALL_CALLS.format(imports="\n".join(imports), bases=", ".join(names.values())),
    }


def _calls_of(topic: str, found: list[Call]) -> str:
    used = ", ".join(sorted({name for call in found for name in call.shapes}))
    methods = "\n".join(indent(_method(call), "    ") for call in found)
    return _CALLS.format(topic=topic, name=topic.capitalize(), imports=used) + methods


def _sorted(found: Iterable[Shape]) -> Iterator[Shape]:
    """Shapes after those that they are made of, so that a name is known where it is used."""
    waiting = {shape.name: shape for shape in found}

    def take(name: str) -> Iterator[Shape]:
        shape = waiting.pop(name, None)
        if shape:
            for each in shape.fields:
                for needed in references(each.schema):
                    yield from take(needed)
            yield shape

    for name in sorted(waiting):
        yield from take(name)


def _struct(shape: Shape) -> str:
    options = f', tag="{shape.tag}", tag_field="type"' if shape.tag else ""
    lines = [_docstring(shape.text)] if shape.text else []
    lines += [_struct_field(each, is_asked=shape.is_asked) for each in shape.fields]
    body = indent("\n".join(lines) or "pass", "    ")
    return f"class {shape.name}(Struct, kw_only=True{options}):\n{body}"


def _struct_field(each: Field, *, is_asked: bool) -> str:
    name, kind = _identifier(each.name), _type(each.schema, is_asked=is_asked)
    renamed = f'name="{each.name}"' if name != each.name else ""
    if each.is_required:
        return f"{name}: {kind}" + (f" = field({renamed})" if renamed else "")
    # An answer without the field reads as one with null.
    absent, default = ("UnsetType", "UNSET") if is_asked else ("None", "None")
    kind = kind if absent in kind.split(" | ") else f"{kind} | {absent}"
    return f"{name}: {kind} = " + (f"field(default={default}, {renamed})" if renamed else default)


def _unions(channel: Channel) -> str:
    name = channel.name.removesuffix("s").capitalize()
    hears, tells = " | ".join(channel.hears), " | ".join(channel.tells)
    return f"{name}Asked = {hears}\n{name}Told = {tells}"


def _method(call: Call) -> str:
    arguments = ", ".join(_arguments(call))
    answer = _answer(call)
    sent = [
        f'"{call.method}"',
        f'"{_path(call)}"',
        *(_identifier(f.name) for f in call.path_fields),
    ]
    shapes = [_type(each, is_asked=False) for each in call.answers]
    if shapes:
        # The one with the most fields first: it is the one that fits less often.
        sent.append(f"answers=({', '.join(reversed(shapes))},)")
    if call.query:
        sent.append(f"query={_dictionary(call, call.query)}")
    if call.has_body:
        sent.append(f"body={_dictionary(call, call.body)}")
    if call.idempotency_key:
        sent.append(f'idempotency_key="{call.idempotency_key}"')
    text = call.text
    if call.refusals:
        text += f"\n\nRaises Refused: {', '.join(call.refusals)}."
    returned = "return " if answer != "None" else ""
    return (
        f"async def {call.name}({arguments}) -> {answer}:\n"
        f"{indent(_docstring(text.strip()), '    ')}\n"
        f"    {returned}await self.call({', '.join(sent)})\n"
    )


def _arguments(call: Call) -> Iterator[str]:
    yield "self"
    for each in call.path_fields:
        yield f"{_identifier(each.name)}: {_type(each.schema, is_asked=True)}"
    named = [*call.query, *call.body]
    if named:
        yield "*"
    for each in sorted(named, key=lambda each: not _is_demanded(each)):
        kind = _type(each.schema, is_asked=True)
        default = "" if _is_demanded(each) else " | UnsetType = UNSET"
        yield f"{_argument(call, each)}: {kind}{default}"


def _is_demanded(each: Field) -> bool:
    # A key that is left out is made by the client.
    return each.is_required and not each.is_idempotency_key


def _argument(call: Call, each: Field) -> str:
    taken = {field.name for field in call.path_fields}
    return _identifier(each.name) + ("_" if each.name in taken else "")


def _dictionary(call: Call, fields: Iterable[Field]) -> str:
    pairs = (f'"{each.name}": {_argument(call, each)}' for each in fields)
    return "{" + ", ".join(pairs) + "}"


def _path(call: Call) -> str:
    path = call.path
    for each in call.path_fields:
        path = path.replace(f"{{{each.name}}}", "{}")
    return path


def _answer(call: Call) -> str:
    kinds = [_type(each, is_asked=False) for each in call.answers]
    if "Any" in kinds:
        return "Any"
    return " | ".join([*kinds, *(["str"] if call.is_text else [])]) or "None"


def _type(schema: Schema, *, is_asked: bool) -> str:
    """The annotation; words of an answer stay open, because more may come."""
    if name := reference(schema):
        return name
    if options := schema.get("anyOf"):
        return " | ".join(_type(each, is_asked=is_asked) for each in options)
    if words := schema.get("enum"):
        return f"Literal[{', '.join(map(repr, words))}]" if is_asked else type(words[0]).__name__
    match schema.get("type"):
        case "array":
            return f"list[{_type(schema['items'], is_asked=is_asked)}]"
        case "object":
            values = schema.get("additionalProperties", {})
            return f"dict[str, {_type(values, is_asked=is_asked)}]"
        case kind:
            return _WORDS.get(str(kind), "Any")


def _identifier(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _docstring(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.splitlines())
    return f'"""{lines}\n"""' if "\n" in lines else f'"""{lines}"""'
