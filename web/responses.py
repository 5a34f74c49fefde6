"""Responses of the API: a shape as the JSON it describes."""

import msgspec
from rest_framework.response import Response


def respond(shape: msgspec.Struct, status: int = 200) -> Response:
    """The response with a shape as its body."""
    return Response(msgspec.to_builtins(shape), status=status)
