"""Positions over HTTP: report them, and see one's own."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, Max, Min
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits
from accounts.parsing import malformed, parse
from accounts.refusals import Refused

from . import live, messages
from .fixes import Fix, Source
from .messages import FIXES_PER_POST_MAX, Report
from .models import LocationFix, UserLocation
from .positions import record


def signed_in(request: Request) -> AbstractBaseUser:
    """Whose request it is, or Refused("sign_in")."""
    if request.user is None or not request.user.is_authenticated:
        raise Refused("sign_in")
    return request.user


@extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
class ReportView(APIView):
    """POST /api/locations/: up to a hundred fixes, judged in the order they stand in."""

    def post(self, request: Request) -> Response:
        user = signed_in(request)
        report = parse(request.data, Report)
        if len(report.fixes) > FIXES_PER_POST_MAX:
            raise malformed("fixes")
        limits.check("fixes", f"user:{user.pk}")
        outcome = record(user.pk, [fix.measured(Source.API) for fix in report.fixes])
        results = [messages.result(verdict) for verdict in outcome.verdicts]
        return Response({"results": results, "next_ms": outcome.next_ms})


@extend_schema(request=None, responses=OpenApiTypes.OBJECT)
class MeView(APIView):
    """GET /api/locations/me/: everything that is known about one's own whereabouts."""

    def get(self, request: Request) -> Response:
        user = signed_in(request)
        return Response({"position": own_position(user.pk), "history": own_history(user.pk)})


def own_position(user_id: int) -> dict[str, Any] | None:
    """The newest believed position, from live or SQL, whichever is newer."""
    found = [fix for fix in (_live_fix(user_id), _stored_fix(user_id)) if fix]
    if not found:
        return None
    return messages.position(max(found, key=lambda fix: fix.fix_ms), live.now_ms())


def _live_fix(user_id: int) -> Fix | None:
    try:
        return live.known(user_id).state.last
    except Refused:
        return None


def _stored_fix(user_id: int) -> Fix | None:
    row = UserLocation.objects.filter(pk=user_id).values(*Fix.__struct_fields__).first()
    return Fix(**row) if row else None


def own_history(user_id: int) -> dict[str, int | None]:
    """How much of the past is kept, and from when to when."""
    return LocationFix.objects.filter(user_id=user_id).aggregate(
        fixes=Count("fix_ms"), from_ms=Min("fix_ms"), to_ms=Max("fix_ms")
    )
