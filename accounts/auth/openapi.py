"""The schema of /api/schema/ from the shapes that the endpoints really read and answer."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema

from accounts.auth import cookies

F = TypeVar("F", bound=Callable[..., Any])
_REFERENCE = "#/$defs/"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Cookie with CSRF token, or Bearer, in the words of OpenAPI."""

    target_class = "accounts.auth.authentication.TokenAuthentication"
    name = ["cookie", "bearer"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """Both ways in; either is enough."""
        return [
            {"type": "apiKey", "in": "cookie", "name": cookies.ACCESS},
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]


def described(
    *, asks: Any = None, answers: dict[int, Any], name: str | None = None
) -> Callable[[F], F]:
    """Describe an endpoint: the shape of its body, and a shape (or None) for each status.

    `name` is needed where two endpoints would be called the same, as a list and one of it are.
    """
    return extend_schema(
        operation_id=name,
        request={"application/json": _schema(asks)} if asks else None,
        responses={
            status: OpenApiResponse(_schema(shape) if shape else None)
            for status, shape in answers.items()
        },
    )


def _schema(shape: Any) -> dict[str, Any]:
    schema = msgspec.json.schema(shape)
    found: dict[str, Any] = _inline(schema, schema.pop("$defs", {}))
    return found


def _inline(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inline(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    name = part.get("$ref", "")
    if isinstance(name, str) and name.startswith(_REFERENCE):
        return _inline(definitions[name.removeprefix(_REFERENCE)], definitions)
    return {key: _inline(each, definitions) for key, each in part.items()}
