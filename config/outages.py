"""What people are told while the database is away: 503 and what to do, never a bare 500."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.refusals import Refused

RETRY_AFTER_S = 2
# Paths whose callers read JSON.
_MACHINES = ("/api/", "/in/")


class SayUnavailable:
    """Middleware: an engine that cannot be reached becomes a sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 where the database did not; every other fault goes its way."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        answer: HttpResponse
        if request.path.startswith(_MACHINES):
            answer = JsonResponse({"error": Refused("unavailable").as_json()}, status=503)
        else:
            answer = render(request, "503.html", status=503)
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
