"""The typed half of the TypeScript client: interfaces, and the table of calls for its script."""

import re
import textwrap
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
)

_HEAD = "// Made by `python -m clients.generator`; changes by hand are lost.\n"
_WORDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def shapes(contract: Contract) -> dict[str, str]:
    """The declarations by topic: its shapes and its calls; messages have their unions."""
    topics, calls = contract.shapes_by_topic(), contract.calls_by_topic()
    made = {}
    for topic in sorted({*topics, *calls}):
        parts = [*map(_interface, topics.get(topic, []))]
        if topic in calls:
            methods = "\n".join(indent(_method(call), "  ") for call in calls[topic])
            parts.append(f"export interface {topic.capitalize()}Calls {{\n{methods}\n}}\n")
        if topic == MESSAGES:
            parts += map(_unions, contract.channels)
        text = "\n".join(parts)
        made[topic] = f"{_HEAD}\n{_imports(topic, topics[SHARED], text)}{text}"
    return made


def _imports(topic: str, shared: list[Shape], text: str) -> str:
    used = [shape.name for shape in shared if re.search(rf"\b{shape.name}\b", text)]
    if topic == SHARED or not used:
        return ""
    names = textwrap.fill(", ".join(used), 98, initial_indent="  ", subsequent_indent="  ")
    return f'import type {{\n{names},\n}} from "./{SHARED}.js";\n\n'


def all_shapes(contract: Contract) -> str:
    """The declarations that have those of all topics, and all calls as one interface."""
    topics = contract.calls_by_topic()
    names = {topic: f"{topic.capitalize()}Calls" for topic in topics}
    imports = (f'import type {{ {names[each]} }} from "./shapes/{each}.js";\n' for each in topics)
    stars = (f'export type * from "./shapes/{each}.js";\n' for each in shapes(contract))
    extended = textwrap.fill(f"export interface Calls extends {', '.join(names.values())} {{}}", 98)
    return "".join([_HEAD, "\n", *imports, "\n", *stars, "\n", extended, "\n"])


def calls(contract: Contract) -> str:
    """The table: name, [method, path, the field that makes it safe to repeat]."""
    lines = "".join(
        f'  {call.name}: ["{call.method}", "{call.path}", "{call.idempotency_key}"],\n'
        for call in contract.calls
    )
    return f"{_HEAD}\nexport const CALLS = {{\n{lines}}};\n"


def _interface(shape: Shape) -> str:
    lines = [f'type: "{shape.tag}";'] if shape.tag else []
    lines += [_member(each, is_asked=shape.is_asked) for each in shape.fields]
    body = indent("\n".join(lines), "  ")
    return f"{_comment(shape.text)}export interface {shape.name} {{\n{body}\n}}\n"


def _unions(channel: Channel) -> str:
    name = channel.name.removesuffix("s").capitalize()
    hears, tells = " | ".join(channel.hears), " | ".join(channel.tells)
    return f"export type {name}Asked = {hears};\nexport type {name}Told = {tells};"


def _method(call: Call) -> str:
    arguments = [f"{each.name}: {_type(each.schema, is_asked=True)}" for each in call.path_fields]
    if named := [*call.query, *call.body]:
        members = " ".join(_members(named))
        is_needed = any(_is_demanded(each) for each in named)
        arguments.append(f"ask{'' if is_needed else '?'}: {{ {members} }}")
    text = call.text
    if call.refusals:
        text += f"\n\nRejects with Refused: {', '.join(call.refusals)}."
    return f"{_comment(text)}{call.name}({', '.join(arguments)}): Promise<{_answer(call)}>;"


def _members(fields: Iterable[Field]) -> Iterator[str]:
    for each in fields:
        mark = "" if _is_demanded(each) else "?"
        yield f"{each.name}{mark}: {_type(each.schema, is_asked=True)};"


def _member(each: Field, *, is_asked: bool) -> str:
    mark = "" if each.is_required else "?"
    return f"{each.name}{mark}: {_type(each.schema, is_asked=is_asked)};"


def _is_demanded(each: Field) -> bool:
    # A key that is left out is made by the client.
    return each.is_required and not each.is_idempotency_key


def _answer(call: Call) -> str:
    kinds = [_type(each, is_asked=False) for each in call.answers]
    return " | ".join([*kinds, *(["string"] if call.is_text else [])]) or "null"


def _type(schema: Schema, *, is_asked: bool) -> str:
    """The type; words of an answer stay open, because more may come."""
    if name := reference(schema):
        return name
    if options := schema.get("anyOf"):
        return " | ".join(_type(each, is_asked=is_asked) for each in options)
    if words := schema.get("enum"):
        if is_asked:
            return " | ".join(f'"{word}"' if isinstance(word, str) else str(word) for word in words)
        return "string" if isinstance(words[0], str) else "number"
    match schema.get("type"):
        case "array":
            return f"Array<{_type(schema['items'], is_asked=is_asked)}>"
        case "object":
            values = schema.get("additionalProperties", {})
            return f"Record<string, {_type(values, is_asked=is_asked)}>"
        case "null":
            return "null"
        case kind:
            return _WORDS.get(str(kind), "unknown")


def _comment(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 2:
        return f"/** {lines[0]} */\n" if lines else ""
    inner = "\n".join(f" * {line}".rstrip() for line in lines)
    return f"/**\n{inner}\n */\n"
