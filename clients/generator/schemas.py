"""What the generator reads out of OpenAPI and AsyncAPI: shapes, calls and channels."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from drf_spectacular.generators import SchemaGenerator

from accounts.sockets.asyncapi import document
from config.urls import SOCKETS

ROOT = "/api/v1/"
# What every call may be refused with is told once, in the README of a client.
COMMON = {
    "malformed", "sign_in", "method_not_allowed", "too_large", "unsupported_media_type",
    "too_fast", "busy", "unavailable",
}  # fmt: skip

SHARED, MESSAGES = "shared", "messages"
# Parts of paths that are not topics of their own; of a room's calls, what stands behind its code.
_TOPICS = {
    "acts": "people", "chat": "people", "members": "people", "newcomers": "people",
    "presence": "people", "keys": "programs", "screens": "programs", "screen-code": "programs",
    "webhooks": "programs", "drafts": "drafts", "seats": "rooms", "verify": "me",
}  # fmt: skip

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a shape or a query parameter, by its name on the wire."""

    name: str
    schema: Schema
    is_required: bool

    @property
    def is_idempotency_key(self) -> bool:
        """Whether the same value again makes the call safe to repeat."""
        return self.name in ("key", "bet_id") and self.schema.get("format") == "uuid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A named object; `tag` is the `type` of a message, "" of all others."""

    name: str
    text: str
    tag: str
    fields: tuple[Field, ...]
    # The server refuses fields that it does not know: the shape is asked with.
    is_asked: bool
    # What it is about, if one thing alone; SHARED, or MESSAGES of sockets.
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation. `answers` are schemas of JSON, empty where none comes."""

    name: str
    text: str
    method: str
    # Below ROOT.
    path: str
    path_fields: tuple[Field, ...]
    query: tuple[Field, ...]
    body: tuple[Field, ...]
    has_body: bool
    answers: tuple[Schema, ...]
    # It may answer a file instead.
    is_text: bool
    refusals: tuple[str, ...]

    @property
    def topic(self) -> str:
        """What it is about: a part of its path, or what several of them stand for."""
        first, _code, of_room, *_rest = [*self.path.split("/"), "", ""]
        return _TOPICS.get(of_room if first == "rooms" else first, first)

    @property
    def idempotency_key(self) -> str:
        """The field whose value makes the call safe to repeat; "" without one."""
        return next((field.name for field in self.body if field.is_idempotency_key), "")

    @property
    def shapes(self) -> set[str]:
        """The names of the shapes in what is asked and answered."""
        asked = [field.schema for field in (*self.path_fields, *self.query, *self.body)]
        return set(references([*asked, *self.answers]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A socket: the names of what it hears and of what it tells."""

    name: str
    hears: tuple[str, ...]
    tells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All of both schemas that a client needs."""

    shapes: tuple[Shape, ...]
    calls: tuple[Call, ...]
    channels: tuple[Channel, ...]

    def shapes_by_topic(self) -> dict[str, list[Shape]]:
        """The shapes of each topic, by name; beside its own it needs those of SHARED alone."""
        return _by_topic(self.shapes)

    def calls_by_topic(self) -> dict[str, list[Call]]:
        """The calls of each topic, in the order of the schema."""
        return _by_topic(self.calls)


def contract() -> Contract:
    """Read both schemas from the code of this checkout."""
    http: Schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    sockets = document(SOCKETS)
    shapes = http["components"]["schemas"] | sockets["components"]["schemas"]
    calls = tuple(_calls(http, shapes))
    channels = tuple(_channel(name, sockets) for name in sockets["channels"])
    topics: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        for name in _with_parts(call.shapes, shapes):
            topics[name].add(call.topic)
    for channel in channels:
        for name in _with_parts({*channel.hears, *channel.tells}, shapes):
            topics[name].add(MESSAGES)
    return Contract(
        shapes=tuple(_shape(name, shapes[name], topics[name]) for name in sorted(topics)),
        calls=calls,
        channels=channels,
    )


def reference(schema: Schema) -> str:
    """The name of the shape that a schema refers to; "" where it refers to none."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def references(schema: object) -> Iterator[str]:
    """The names of all shapes that a schema is made of."""
    if isinstance(schema, dict):
        if name := reference(schema):
            yield name
        for part in schema.values():
            yield from references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from references(part)


def _with_parts(names: set[str], shapes: dict[str, Schema]) -> set[str]:
    """These shapes and all that they are made of; others are read and written by no client."""
    parts = {part for name in names for part in references(shapes[name])}
    return names if parts <= names else _with_parts(names | parts, shapes)


T = TypeVar("T", Shape, Call)


def _by_topic(found: Iterable[T]) -> dict[str, list[T]]:
    topics: dict[str, list[T]] = defaultdict(list)
    for each in found:
        topics[each.topic].append(each)
    return dict(sorted(topics.items()))


def _shape(name: str, schema: Schema, topics: set[str]) -> Shape:
    tag = schema["properties"].get("type", {}).get("enum", [""])[0]
    return Shape(
        name=name,
        text=schema.get("description", "").removeprefix(f"{name}."),
        tag=tag,
        fields=tuple(field for field in _fields(schema) if not (tag and field.name == "type")),
        is_asked=schema.get("additionalProperties") is False,
        topic=min(topics) if len(topics) == 1 else SHARED,
    )


def _fields(schema: Schema) -> Iterator[Field]:
    for name, each in schema["properties"].items():
        yield Field(name=name, schema=each, is_required=name in schema["required"])


def _calls(http: Schema, shapes: dict[str, Schema]) -> Iterator[Call]:
    for path, operations in http["paths"].items():
        if path.startswith(ROOT):
            for method, operation in operations.items():
                yield _call(method.upper(), path.removeprefix(ROOT), operation, shapes)


def _call(method: str, path: str, operation: Schema, shapes: dict[str, Schema]) -> Call:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    contents = [
        content
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for content in answer.get("content", {}).items()
    ]
    return Call(
        name=operation["operationId"],
        text=operation.get("description", ""),
        method=method,
        path=path,
        path_fields=tuple(_parameters(operation, "path")),
        query=tuple(_parameters(operation, "query")),
        body=tuple(_fields(shapes[reference(body["schema"])])) if body else (),
        has_body=body is not None,
        answers=tuple(_distinct(each["schema"] for kind, each in contents if "json" in kind)),
        is_text=any("json" not in kind for kind, _each in contents),
        refusals=tuple(_codes(operation)),
    )


def _parameters(operation: Schema, place: str) -> Iterator[Field]:
    for each in operation.get("parameters", []):
        if each["in"] == place:
            is_required = each.get("required", False)
            yield Field(name=each["name"], schema=each["schema"], is_required=is_required)


def _distinct(schemas: Iterator[Schema]) -> Iterator[Schema]:
    """Each schema once, those of an alternative one by one."""
    seen = []
    for schema in schemas:
        for each in schema.get("anyOf", [schema]):
            if each not in seen:
                seen.append(each)
                yield each


def _codes(operation: Schema) -> Iterator[str]:
    for status, answer in operation["responses"].items():
        if not status.startswith("2"):
            found = re.findall(r"`(\w+)`:", answer["description"])
            yield from (code for code in found if code not in COMMON)


def _channel(name: str, sockets: Schema) -> Channel:
    def messages(action: str) -> tuple[str, ...]:
        told = sockets["operations"][f"{action}_{name}"]["messages"]
        return tuple(reference(each) for each in told)

    return Channel(name=name, hears=messages("receive"), tells=messages("send"))
