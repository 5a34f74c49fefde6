"""Which answers caches on the way may keep."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def keep_no_answers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no answer to a machine is stored anywhere, unless its view says otherwise.

    Nearly every one depends on the user who asks, or on the second in which it is given.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(("/api/", "/in/")):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
