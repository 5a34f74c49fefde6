"""Health, readiness and metrics of this Ringside, and a user's copy of everything."""

import logging
from collections.abc import Callable
from hmac import compare_digest

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from betting import bank
from operations import gate, own_copy
from operations.metrics import registry
from web import limits
from web.contract.descriptions import described
from web.live import live_redis
from web.server.metrics import metric_files

log = logging.getLogger(__name__)

# What a database answers 0 to while it takes writes, as after a failover it may not.
_PROBES = {"mysql": "SELECT @@read_only", "sqlite": "PRAGMA query_only"}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; no engine is asked."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when people can bet: database, a primary with its gate open, live; else 503 and why not.

    A primary that is shut or away is told of in `bank`: it costs its own clubs only.
    """
    return _ready(_bank_of_some)


@never_cache
@require_safe
def readyz_all(request: HttpRequest) -> HttpResponse:
    """As readyz, and 503 when any primary is shut or away."""
    return _ready(_bank_of_all)


# Says why it is not ready, or nothing, and what is to be known all the same.
Check = Callable[[], tuple[str, str]]


def _ready(check_bank: Check) -> HttpResponse:
    in_part, note = check_bank()
    found = {"database": _database(), "bank": in_part, "live": _live()}
    problems = {name: problem for name, problem in found.items() if problem}
    if problems:
        return JsonResponse({"status": "not ready", "problems": problems}, status=503)
    return JsonResponse({"status": "ready"} | ({"bank": note} if note else {}))


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_PROBES[connection.vendor])
            is_read_only = cursor.fetchone()[0]
    except Error as error:
        return _away(_("The database does not answer."), error)
    return _("The database takes no writes: it is read-only.") if is_read_only else ""


def _bank_of_some() -> tuple[str, str]:
    try:
        states = bank.states()
    except bank.BankAway as error:
        return _away(_("The bank does not answer."), error), ""
    shut = [state for state in states if not state.is_open]
    if not shut:
        return "", ""
    sentences = " ".join(dict.fromkeys(map(_shut_sentence, shut)))
    if states[0].primary.is_alone:
        return sentences, ""
    some, none = gate.slugs_by_gate(states)
    told = _("{open} of {all} servers of the bank decide; no bets in: {clubs}.").format(
        open=len(states) - len(shut), all=len(states), clubs=", ".join(none) or "-"
    )
    return ("", f"{told} {sentences}") if some else (f"{told} {sentences}", "")


def _bank_of_all() -> tuple[str, str]:
    problem, note = _bank_of_some()
    return problem or note, ""


def _shut_sentence(state: bank.State) -> str:
    if state.away:
        return _away(_("The bank does not answer."), Exception(state.away))
    try:
        return " ".join([_("The gate is shut."), *gate.shut_sentences(state.primary)])
    except bank.BankAway as error:
        return _away(_("The bank does not answer."), error)


def _live() -> str:
    try:
        live_redis.ask([("PING",)])
    except live_redis.LiveAway as error:
        return _away(_("The live instance does not answer."), error)
    return ""


def _away(sentence: str, error: Exception) -> str:
    # Addresses of engines are for the log, not for callers.
    log.warning("%s %s", sentence, error)
    return sentence


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """All calls of the API, to read and to try out."""
    return render(request, "api.html")


class OwnCopy(APIView):
    """GET /api/me/export/"""

    permission_classes = [SignedIn]

    @described(answers={200: "application/json"}, refuses=("too_fast",))
    def get(self, request: Request) -> StreamingHttpResponse:
        """Everything that is kept of the user, as a file of JSON."""
        user = user_of(request)
        limits.check("exports", f"user:{user.pk}")
        headers = {"Content-Disposition": f'attachment; filename="ringside-{user.pk}.json"'}
        copy = own_copy.stream(user)
        return StreamingHttpResponse(copy, content_type="application/json", headers=headers)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for callers with METRICS_TOKEN; 404 while none is set."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    if not compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=403)
    figures = generate_latest(registry) + metric_files.latest()
    return HttpResponse(figures, content_type=CONTENT_TYPE_LATEST)
