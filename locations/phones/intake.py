"""The calls of phone apps: `/in/owntracks/` and `/in/traccar/`.

These apps send a refused message again and again before any other, so content that is not taken
is answered 200 and counted. 401 is for credentials only, 503 means: keep it and come back.
Cookies and sessions are not read; the device token is all that counts.
"""

import base64
import binascii
from collections.abc import Callable
from functools import wraps

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from locations import live
from locations.phones import devices, owntracks, traccar
from locations.phones.reading import Heard
from locations.reports import record
from web import limits
from web.refusals import Refused

View = Callable[[HttpRequest], HttpResponse]

# Pictures travel in the body; a larger body is not read to its end.
BODY_BYTES_MAX = 512 * 1024


def for_phones(view: View) -> View:
    """A view without cookies and CSRF; 503 while SQL is away lets the phone keep its fix."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        request.COOKIES.clear()
        try:
            return view(request)
        except OperationalError:
            live.tally(["in.unavailable"])
            return HttpResponse(status=503, headers={"Retry-After": "5"})

    return answer


@for_phones
@require_http_methods(["POST"])
def take_owntracks(request: HttpRequest) -> HttpResponse:
    """OwnTracks in HTTP mode; the device token is the password of Basic auth."""
    sender = devices.by_token(_password(request.headers.get("Authorization", "")))
    if sender is None:
        return _unknown()
    body, is_whole = _body(request)
    heard = owntracks.read(body) if is_whole else Heard("too_large")
    return _take(sender, heard) or HttpResponse("[]", content_type="application/json")


@for_phones
@require_http_methods(["GET", "POST"])
def take_traccar(request: HttpRequest) -> HttpResponse:
    """Traccar Client and OsmAnd; the device token is the device's identifier."""
    body, is_whole = _body(request)
    heard = traccar.read(
        request.headers.get("Content-Type", ""), request.META.get("QUERY_STRING", ""), body
    )
    sender = devices.by_token(heard.token)
    if sender is None:
        return _unknown()
    return _take(sender, heard if is_whole else Heard("too_large")) or HttpResponse()


def _body(request: HttpRequest) -> tuple[bytes, bool]:
    """The body as far as it is read, and whether that is all of it."""
    body: bytes = request.read(BODY_BYTES_MAX + 1)
    return body[:BODY_BYTES_MAX], len(body) <= BODY_BYTES_MAX


def _password(header: str) -> str:
    kind, _blank, coded = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _unknown() -> HttpResponse:
    live.tally(["in.unknown_token"])
    return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="device"'})


def _take(sender: devices.Sender, heard: Heard) -> HttpResponse | None:
    """Record the positions of a message; an answer only when the phone must keep it.

    Reports of a banned user's phone are content that is not taken; its token stays good.
    """
    kind = "forbidden" if sender.is_banned else heard.kind
    if kind != "position":
        live.tally([f"in.{kind}"])
        return None
    try:
        limits.check("device_fixes", f"device:{sender.device_id}")
        record(sender.user_id, heard.measured)
    except Refused as refused:
        live.tally([f"in.{refused.code}"])
        wait_s = max(1, round(refused.retry_after_s or 1))
        return HttpResponse(status=503, headers={"Retry-After": str(wait_s)})
    return None
