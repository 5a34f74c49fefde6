"""CORS for the three calls that pages of other origins may make, always without credentials."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.views import APIView

from web.refusals import Refused

_PREFLIGHT_LIFETIME_S = 600


class CrossOriginView(APIView):
    """An endpoint that pages of ALLOWED_ORIGINS may call and read."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a preflight before sign-in and limits look at it; it carries neither."""
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "POST"
            response["Access-Control-Allow-Headers"] = "authorization, content-type"
            response["Access-Control-Max-Age"] = str(_PREFLIGHT_LIFETIME_S)
            return _readable(request, response)
        return _readable(request, super().dispatch(request, *args, **kwargs))


def check_origin(request: Request) -> None:
    """Refuse a page whose Origin is not allowed; without an Origin no page is involved.

    Raises Refused: forbidden.
    """
    origin = request.META.get("HTTP_ORIGIN")
    if origin is not None and origin not in settings.SOCKET_ORIGINS:
        raise Refused("forbidden", _("Pages of this origin may not sign in here."))


def _readable(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    origin = request.META.get("HTTP_ORIGIN")
    if origin in settings.ALLOWED_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "Retry-After"
    patch_vary_headers(response, ["Origin"])
    return response
