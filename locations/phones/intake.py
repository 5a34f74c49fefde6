"""The calls of phone apps: `/in/owntracks/` and `/in/traccar/`.

These apps send a refused message again and again before any other, so content that is not taken
is answered 200, counted, and shown to the owner of the device. 401 is for credentials only, 503
means: keep it and come back. Cookies and sessions are not read; the device token is all that
counts. Both addresses read every dialect and differ only in their answers.
"""

from collections import Counter
from collections.abc import Callable
from functools import wraps

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from locations import live
from locations.messages import FIXES_PER_POST_MAX
from locations.phones import bodies, credentials, devices
from locations.phones.reading import Heard, read
from locations.reports import record
from web import limits
from web.refusals import Refused
from web.times import now_ms

View = Callable[..., HttpResponse]

# Pictures travel in the body; of a larger body the beginning is read.
BODY_BYTES_MAX = 512 * 1024
# Reasons that are counted by themselves; the others are kinds of `malformed`.
WORDS = frozenset({"malformed", "encrypted", "too_large", "too_many"})


def for_phones(view: View) -> View:
    """A view without cookies and CSRF; 503 while SQL is away lets the phone keep its fix."""

    @csrf_exempt
    @require_http_methods(["GET", "POST", "PUT"])
    @wraps(view)
    def answer(request: HttpRequest, path: str = "") -> HttpResponse:
        request.COOKIES.clear()
        try:
            return view(request, path)
        except OperationalError:
            live.tally(["in.unavailable"])
            return HttpResponse(status=503, headers={"Retry-After": "5"})
        except UnreadablePostError:
            # The phone hung up; it kept its message.
            return HttpResponse(status=400)

    return answer


@for_phones
def take_owntracks(request: HttpRequest, path: str) -> HttpResponse:
    """OwnTracks in HTTP mode; the device token is the password of Basic auth."""
    return _take(request, path) or HttpResponse("[]", content_type="application/json")


@for_phones
def take_traccar(request: HttpRequest, path: str) -> HttpResponse:
    """Traccar Client, OsmAnd and others; the device token is the device's identifier."""
    return _take(request, path) or HttpResponse()


def _take(request: HttpRequest, path: str) -> HttpResponse | None:
    """Record the positions of a call; an answer only when it is not 200."""
    query = request.META.get("QUERY_STRING", "")
    sent: bytes = request.read(BODY_BYTES_MAX + 1)
    coding = request.headers.get("Content-Encoding", "")
    body, is_whole = bodies.unpacked(sent, coding, BODY_BYTES_MAX)
    heard = read(query, body, is_whole=is_whole)
    said = credentials.of_request(path, query, request.headers.get("Authorization", ""))
    sender = devices.by_token(f"{said} {heard.token}") or devices.by_token(bodies.as_text(body))
    if sender is None:
        live.tally(["in.unknown_token"])
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="device"'})
    if len(body) == BODY_BYTES_MAX and not is_whole:
        heard.unread["too_large"] = 1
        del heard.unread["malformed"]
    return _record(sender, heard)


def _record(sender: devices.Sender, heard: Heard) -> HttpResponse | None:
    """Take the positions; an answer only when the phone must keep them.

    Reports of a banned user's phone are content that is not taken; its token stays good.
    """
    if sender.is_banned:
        live.tally(["in.forbidden"])
        return None
    fixes = sorted(heard.measured, key=lambda fix: fix.fix_ms or now_ms())
    missed = Counter(heard.unread)
    if fixes:
        del missed["too_large"]
    try:
        for first in range(0, len(fixes), FIXES_PER_POST_MAX):
            limits.check("device_fixes", f"device:{sender.device_id}")
            result = record(sender.user_id, fixes[first : first + FIXES_PER_POST_MAX])
            missed.update(v.reason for v in result.verdicts if v.status == "refused" and v.reason)
    except Refused as refused:
        live.tally([f"in.{refused.code}"])
        wait_s = max(1, round(refused.retry_after_s or 1))
        return HttpResponse(status=503, headers={"Retry-After": str(wait_s)})
    _tell(sender, heard, missed)
    return None


def _tell(sender: devices.Sender, heard: Heard, missed: Counter[str]) -> None:
    """Count reports that were not taken, for operators and for the owner of the device."""
    words = [] if heard.measured or heard.unread else [f"in.{heard.kind}"]
    for reason in heard.unread.elements():
        words += [f"in.{reason}"] if reason in WORDS else ["in.malformed", f"in.malformed.{reason}"]
    if words:
        live.tally(words)
    if missed:
        live.note_missed(sender.user_id, sender.device_id, missed)
