"""The schema of /api/schema/sockets/ (AsyncAPI 3) from the shapes that sockets hear and tell."""

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views import View

from accounts.auth import cookies
from accounts.sockets.socket import Socket

_DESCRIPTION = (
    "The server may add fields to what it sends. A client gets in by its cookie, by a Bearer "
    "token, or by the subprotocols `ringside.v1, ticket.<ticket>`; from a page, its Origin must be "
    "an allowed one."
)
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")

Shape = type[msgspec.Struct]


class SocketSchema(View):
    """A view of the schema of `sockets`: classes by their route, as in Django's `path`."""

    sockets: Mapping[str, type[Socket]] = {}

    def get(self, request: HttpRequest) -> JsonResponse:
        """The whole document; the same for everybody."""
        return JsonResponse(document(self.sockets))


def document(sockets: Mapping[str, type[Socket]]) -> dict[str, Any]:
    """Describe every message that these sockets hear and tell; the server is the application."""
    named = {route.split("/")[1]: (route, socket) for route, socket in sockets.items()}
    shapes = {
        _name(shape): shape for socket in sockets.values() for shape in _heard_and_told(socket)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ringside's sockets",
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "description": _DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "servers": {"ringside": _server()},
        "channels": {name: _channel(route, socket) for name, (route, socket) in named.items()},
        "operations": {
            f"{action}_{name}": _operation(name, action, get_args(union))
            for name, (_route, socket) in named.items()
            for action, union in (("receive", socket.inbound), ("send", socket.outbound))
        },
        "components": _components(shapes),
    }


def _name(shape: Shape) -> str:
    return shape.__name__


def _heard_and_told(socket: type[Socket]) -> tuple[Shape, ...]:
    return get_args(socket.inbound) + get_args(socket.outbound)


def _server() -> dict[str, Any]:
    return {
        "host": urlsplit(settings.PUBLIC_URL).netloc,
        "protocol": "wss" if settings.IS_HTTPS else "ws",
        "security": [
            {"$ref": f"#/components/securitySchemes/{name}"} for name in _security_schemes()
        ],
    }


def _security_schemes() -> dict[str, Any]:
    return {
        "cookie": {"type": "httpApiKey", "in": "cookie", "name": cookies.ACCESS},
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "ticket": {"type": "httpApiKey", "in": "header", "name": "Sec-WebSocket-Protocol"},
    }


def _channel(route: str, socket: type[Socket]) -> dict[str, Any]:
    parameters: dict[str, dict[str, str]] = {name: {} for name in _ARGUMENT.findall(route)}
    return {
        "address": "/" + _ARGUMENT.sub(r"{\1}", route),
        **({"parameters": parameters} if parameters else {}),
        "messages": {
            _name(shape): {"$ref": f"#/components/messages/{_name(shape)}"}
            for shape in _heard_and_told(socket)
        },
    }


def _operation(channel: str, action: str, shapes: Iterable[Shape]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{_name(shape)}"} for shape in shapes],
    }


def _components(shapes: Mapping[str, Shape]) -> dict[str, Any]:
    payloads, schemas = msgspec.json.schema_components(
        shapes.values(), ref_template="#/components/schemas/{name}"
    )
    return {
        "messages": {
            name: {
                "name": shape.__struct_config__.tag,
                "summary": inspect.getdoc(shape),
                "payload": payload,
            }
            for (name, shape), payload in zip(shapes.items(), payloads, strict=True)
        },
        "schemas": schemas,
        "securitySchemes": _security_schemes(),
    }
