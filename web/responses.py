"""What leaves over HTTP: a shape as the JSON it describes."""

import msgspec
from rest_framework.response import Response


def respond(shape: msgspec.Struct, status: int = 200) -> Response:
    """Answer a shape."""
    return Response(msgspec.to_builtins(shape), status=status)
