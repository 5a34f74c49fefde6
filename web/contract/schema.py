"""OpenAPI 3.1 of all calls, from what is described beside them and the shapes they use."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any, get_args

import msgspec
from drf_spectacular.openapi import AutoSchema
from msgspec import Meta, Struct

from web.contract.descriptions import CALLS, Answer, Call, Link, call_of, codes_of
from web.contract.fields import ROOM_CODE
from web.parsing import Nothing
from web.refusals import CODES

_SHAPES = "#/components/schemas/{name}"
_PREFIX = "/api/v1"
_RETRY = ("429", "503")


class Told(Struct):
    """The code is for programs, the message for people in the reader's language."""

    code: Annotated[str, Meta(extra_json_schema={"enum": list(CODES)})]
    message: str
    detail: dict[str, Any]


class Refusal(Struct):
    """Why a call was refused; nothing was changed, but after `unavailable`, which is not known."""

    error: Told


class CallSchema(AutoSchema):
    """One operation, from the description of its handler."""

    def get_operation_id(self) -> str:
        """Path and method in one word: `rooms_chat_post`; `list` for a page of a list."""
        words = re.findall(r"/([a-z][a-z-]*)(?=/)", self.path.removeprefix(_PREFIX))
        answer = self._call.answers.get(200)
        fields = getattr(answer, "__struct_fields__", ())
        verb = "list" if self.method == "GET" and "results" in fields else self.method.lower()
        return "_".join([*words, verb]).replace("-", "_")

    def get_auth(self) -> list[dict[str, list[str]]]:
        """The ways in; none is needed where nothing is asked of callers."""
        ways: list[dict[str, list[str]]] = super().get_auth()
        return ways if self.view.get_permissions() or {} in ways else [*ways, {}]

    def get_request_serializer(self) -> None:
        """No serializer: `get_operation` describes the body."""

    def get_response_serializers(self) -> None:
        """No serializer: `get_operation` describes the answers."""

    def get_operation(self, *place: Any) -> dict[str, Any] | None:
        """The operation with its query, its body, and every answer and refusal."""
        operation: dict[str, Any] | None = super().get_operation(*place)
        if operation is None:
            return None
        parameters = operation.pop("parameters", [])
        for parameter in parameters:
            if parameter["name"] == "code":
                parameter["schema"] = {"type": "string", **ROOM_CODE}
        codes = codes_of(self.view, self.method, [each["name"] for each in parameters])
        parameters += _query(self._call)
        return {
            **operation,
            **({"parameters": parameters} if parameters else {}),
            **_body(self._call),
            "responses": {**_answers(self._call), **_refusals(codes)},
        }

    @property
    def _call(self) -> Call:
        return call_of(self.view, self.method)


def _query(call: Call) -> list[dict[str, Any]]:
    (_reference,), shapes = msgspec.json.schema_components([call.query], ref_template=_SHAPES)
    shape = shapes[call.query.__name__]
    return [
        {"in": "query", "name": name, "schema": schema, "required": name in shape["required"]}
        for name, schema in shape["properties"].items()
    ]


def _body(call: Call) -> dict[str, Any]:
    if call.asks in (None, Nothing):
        return {}
    is_needed = any(field.required for field in msgspec.structs.fields(call.asks))
    return {"requestBody": {"required": is_needed, "content": _content(call.asks)}}


def _answers(call: Call) -> dict[str, Any]:
    answers = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "headers": {"Ringside-Version": {"$ref": "#/components/headers/Ringside-Version"}},
            **({"content": _content(answer)} if answer else {}),
        }
        for status, answer in call.answers.items()
    }
    if call.links:
        next(iter(answers.values()))["links"] = {link.to: _link(link) for link in call.links}
    return answers


def _link(link: Link) -> dict[str, Any]:
    body = {"requestBody": dict(link.body)} if link.body else {}
    return {"operationId": link.to, "parameters": dict(link.path), **body}


def _content(answer: Answer) -> dict[str, Any]:
    forms = answer if isinstance(answer, tuple) else (answer,)
    return dict(_media(form) for form in forms)


def _media(form: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(form, str):
        return "application/json", {"schema": _schema(form)}
    return form, {"schema": {} if form.endswith("json") else {"type": "string"}}


def _schema(shape: Any) -> dict[str, Any]:
    if several := get_args(shape):
        return {"anyOf": [_schema(one) for one in several]}
    return {"$ref": _SHAPES.format(name=shape.__name__)}


def _refusals(codes: Iterable[str]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for code in CODES:
        if code in codes:
            by_status.setdefault(str(CODES[code][0]), []).append(code)
    return {status: _refusal(status, listed) for status, listed in sorted(by_status.items())}


def _refusal(status: str, codes: list[str]) -> dict[str, Any]:
    named = ["Ringside-Version", *(["Retry-After"] if status in _RETRY else [])]
    named += ["WWW-Authenticate"] if status == "401" else []
    schema = {
        "$ref": _SHAPES.format(name="Refusal"),
        "properties": {"error": {"properties": {"code": {"enum": codes}}}},
    }
    examples = {code: {"value": {"error": _told(code)}} for code in codes}
    return {
        "description": " ".join(f"`{code}`: {CODES[code][1]}" for code in codes),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in named},
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _told(code: str) -> dict[str, Any]:
    return {"code": code, "message": str(CODES[code][1]), "detail": {}}


# --- What drf-spectacular asks before and after it walks the views


def name_version(endpoints: list[Any], **_asked: Any) -> list[Any]:
    """Calls under the address that names their version, without that of the schema itself."""
    return [
        (path.replace("/api", _PREFIX, 1), regex, method, view)
        for path, regex, method, view in endpoints
        if hasattr(view.cls, method.lower()) and hasattr(getattr(view.cls, method.lower()), "call")
    ]


def add_components(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """Add every shape under its name, and the headers."""
    components = result.setdefault("components", {})
    components["schemas"] = dict(sorted(_components().items()))
    components["headers"] = _HEADERS
    return result


def _components() -> dict[str, Any]:
    shapes = [shape for call in CALLS for shape in _shapes(call)]
    return dict(msgspec.json.schema_components([*shapes, Refusal], ref_template=_SHAPES)[1])


def _shapes(call: Call) -> Iterable[Any]:
    for answer in (call.asks, *call.answers.values()):
        for form in answer if isinstance(answer, tuple) else (answer,):
            if form and not isinstance(form, str):
                yield from get_args(form) or (form,)


_TEXT = {"schema": {"type": "string"}}
_HEADERS = {
    "Ringside-Version": {"description": "The version of the server, `0.2.0`.", **_TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "`Bearer`.", **_TEXT},
}
