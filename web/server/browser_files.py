"""What programs ask for by themselves: icon, manifest, service worker, robots and security.txt."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

_KEPT_S = 86_400
# A text that is kept somewhere for longer may be wrong.
_SECURITY_DAYS = 90
# They fetch a link that somebody sent, to show its card; some ask robots.txt first.
_PREVIEWERS = (
    "facebookexternalhit", "Twitterbot", "LinkedInBot", "Slackbot-LinkExpanding", "Discordbot",
    "TelegramBot", "WhatsApp", "kakaotalk-scrap",
)  # fmt: skip
_MACHINES = "Disallow: /admin/\nDisallow: /api/\n"
_ROBOTS = (
    "".join(f"User-agent: {name}\n" for name in _PREVIEWERS)
    + f"{_MACHINES}\nUser-agent: *\n{_MACHINES}Disallow: /r/\n"
)


@require_safe
@cache_control(public=True, max_age=_KEPT_S)
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon, for pages that name none."""
    return HttpResponseRedirect(static("web/ring-192.png"))


@require_safe
@cache_control(public=True, max_age=_KEPT_S)
def manifest(request: HttpRequest) -> HttpResponse:
    """How Ringside looks on a home screen."""
    icons = [
        {"src": static(f"web/ring-{px}.png"), "sizes": f"{px}x{px}", "type": "image/png"}
        for px in (192, 512)
    ]
    described = {
        "name": "Ringside",
        "short_name": "Ringside",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#0e0f18",
        "theme_color": "#0e0f18",
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")


@require_safe
@cache_control(public=True, max_age=_KEPT_S)
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines read the lobby; rooms are for those who were given the code, or a link."""
    return HttpResponse(_ROBOTS, content_type="text/plain")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a fault in security, as RFC 9116 has it; 404 where nobody is named."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=_SECURITY_DAYS)
    lines = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": expires.isoformat().replace("+00:00", "Z"),
        "Preferred-Languages": ", ".join(code for code, _name in settings.LANGUAGES),
        "Canonical": f"{settings.PUBLIC_URL}{request.path}",
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that a service worker shows where no page can be loaded."""
    return render(request, "offline.html")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker of the offline page, with what it keeps; another text once one of that changed."""
    kept = ("web/base.css", "web/icons.svg", "web/ring.svg", "pages/offline.js")
    files = [reverse("offline"), *map(static, kept)]
    page = hashlib.sha256(render_to_string("offline.html", request=request).encode())
    text = (
        f"self.FILES = {json.dumps(files)};\n"
        f"importScripts({json.dumps(static('web/offline-worker.js'))});\n"
        f"// {page.hexdigest()}\n"
    )
    return HttpResponse(text, content_type="text/javascript")
