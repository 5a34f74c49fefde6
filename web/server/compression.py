"""Which answers are compressed on the way to a browser."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# What depends on the user who asks: its length must not tell what stands in it.
_PERSONAL = ("/admin/", "/api/", "/in/", "/metrics/")


class CompressPages(GZipMiddleware):
    """Middleware: pages are compressed, because they are the same for everybody."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress the answer unless it depends on the user, or the browser wants it plain."""
        if request.path.startswith(_PERSONAL) or response.cookies:
            return response
        return super().process_response(request, response)
