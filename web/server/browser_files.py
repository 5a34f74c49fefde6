"""What browsers ask for by themselves: the icon, the manifest of an installed page, robots.txt."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

_KEPT_S = 86_400
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
