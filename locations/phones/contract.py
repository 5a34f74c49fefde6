"""What phone apps send to `/in/`, in the words of OpenAPI; docs/locations.md has the rest."""

from typing import Any

_TOKENS = {
    "device": {
        "type": "http",
        "scheme": "basic",
        "description": "The token of a device as the password, or anywhere in path or query.",
    }
}
_QUERY = ("id", "deviceid", "lat", "lon", "timestamp", "accuracy", "speed", "bearing")
_FORMS = ("application/json", "application/x-www-form-urlencoded", "text/plain")


def add_paths(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """Add both addresses and the way in with a device's token."""
    result["paths"]["/in/owntracks/"] = _methods("owntracks", "OwnTracks in HTTP mode.", _LIST)
    result["paths"]["/in/traccar/"] = _methods("traccar", "Traccar Client and OsmAnd.", None)
    result["components"].setdefault("securitySchemes", {}).update(_TOKENS)
    return result


_LIST = {"application/json": {"schema": {"type": "array", "maxItems": 0}}}


def _methods(app: str, told: str, taken: dict[str, Any] | None) -> dict[str, Any]:
    return {method: _operation(app, method, told, taken) for method in ("get", "post", "put")}


def _operation(app: str, method: str, told: str, taken: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "operationId": f"in_{app}_{method}",
        "description": f"{told} Positions in any of the forms that such apps send. What is not"
        " taken is answered 200, too, and shown to the owner of the device.",
        "tags": ["in"],
        "security": [{"device": []}],
        "parameters": [
            {"in": "query", "name": name, "required": False, "schema": {"type": "string"}}
            for name in _QUERY
        ],
        **({} if method == "get" else {"requestBody": {"required": False, "content": _any()}}),
        "responses": {
            "200": {"description": "Heard.", **({"content": taken} if taken else {})},
            "400": {"description": "The phone hung up."},
            "401": {
                "description": "No device has this token.",
                "headers": {"WWW-Authenticate": {"schema": {"type": "string"}}},
            },
            "413": {"description": "A body over 2 MiB."},
            "503": {
                "description": "Keep it and come back.",
                "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
            },
        },
    }


def _any() -> dict[str, Any]:
    return {form: {"schema": {}} for form in _FORMS}
