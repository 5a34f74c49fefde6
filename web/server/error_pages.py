"""What people are told when something is away or broken: a page for them, JSON for machines."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

from web.refusals import Refused

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
        """Answer 503 where the database did not answer; every other error is passed on."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        page = for_machines(request, "unavailable", 503)
        answer = page or render(request, "503.html", status=503)
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer


# --- What Django calls where no view has an answer; config/urls.py names them.


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request that Django refuses before any view."""
    page = defaults.bad_request(request, exception)
    return for_machines(request, "malformed", 400) or page


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: refused outside of the views of the API."""
    page = defaults.permission_denied(request, exception)
    return for_machines(request, "forbidden", 403) or page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such path."""
    page = defaults.page_not_found(request, exception)
    return for_machines(request, "not_found", 404) or page


def broken(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. Whether it took effect is not known, and that is what is told."""
    return for_machines(request, "unavailable", 500) or defaults.server_error(request)


def for_machines(request: HttpRequest, code: str, status: int) -> HttpResponse | None:
    """The refusal in the usual shape, for callers that read JSON; None for people."""
    if not request.path.startswith(_MACHINES):
        return None
    return JsonResponse({"error": Refused(code).as_json()}, status=status)
