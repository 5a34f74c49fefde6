"""Numbers in paths that no row can have."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

ID_MAX = 2**63 - 1


class HideHugeIds:
    """Middleware: a path that holds a number beyond 64 bits leads nowhere, on every route."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Raises Http404 before the view is called."""
        if any(isinstance(value, int) and value > ID_MAX for value in kwargs.values()):
            raise Http404
