"""The operator's page “Why can't they connect?”: the last refusals, and a try from the server."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.diagnosis import diagnose
from accounts.handshake import refused_log
from web.times import moment

_IDENTITY = {"missing", "expired", "invalid", "revoked"}


class TryForm(forms.Form):
    """What a page would send; the socket is always our own, so nothing else can be probed."""

    origin = forms.CharField(label=gettext_lazy("Origin of their page"), max_length=200)
    cookie = forms.CharField(
        label=gettext_lazy("Their cookie, as the Set-Cookie line"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _sentence(refused: refused_log.RefusedHandshake) -> str:
    """What a refusal means, in the words of the command."""
    if refused.why in _IDENTITY:
        return diagnose.identity_sentence(refused.why)
    if refused.origin and refused.origin not in settings.SOCKET_ORIGINS:
        return _("The Origin %(seen)s is not allowed.") % {"seen": refused.origin}
    return _(refused.why)


def why_not(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the refusals; a POST tries the upgrade against PUBLIC_URL and explains the answer."""
    form = TryForm(request.POST or None, initial={"origin": settings.PUBLIC_URL})
    finding = None
    if request.method == "POST" and form.is_valid():
        url = settings.PUBLIC_URL.replace("http", "ws", 1) + "/ws/locations/"
        finding = diagnose.diagnose(url, **form.cleaned_data)
    rows = [
        {"refused": refused, "at": moment(refused.at_ms), "sentence": _sentence(refused)}
        for refused in refused_log.latest()
    ]
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Why can't they connect?"),
        "form": form,
        "finding": finding,
        "rows": rows,
        "allowed": sorted(settings.SOCKET_ORIGINS),
    }
    return TemplateResponse(request, "admin/handshakes.html", context)
