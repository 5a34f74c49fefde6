"""Pages about rooms. They are the same for everybody; scripts fetch what concerns the reader."""

from collections.abc import Callable
from functools import lru_cache, wraps
from io import BytesIO

import segno
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from rooms.codes import read_code
from rooms.models import Club, Room, RoomKey
from web.cards import draw

CARD_KEPT_S = 60
# Of 30 KB each.
TEXTS_KEPT = 200


@require_safe
def lobby(request: HttpRequest) -> HttpResponse:
    """The lobby: the code field and the public rooms; ?code= leads on to that room."""
    if code := read_code(request.GET.get("code", "")):
        return redirect("room", code=code)
    picture = picture_url("lobby_card")
    return render(request, "rooms/lobby.html", {"picture": picture})


@require_safe
def new_room(request: HttpRequest) -> HttpResponse:
    """The form for a new room."""
    return render(request, "rooms/new.html")


@require_safe
def clubs(request: HttpRequest) -> HttpResponse:
    """The own clubs, and the form for a new one."""
    return render(request, "rooms/clubs.html")


@require_safe
def club(request: HttpRequest, slug: str) -> HttpResponse:
    """A club: its rooms, its best, and for those who run it its members. 404 without one."""
    found = get_object_or_404(Club, slug=slug)
    return render(request, "rooms/club.html", {"club": found})


@require_safe
def seat(request: HttpRequest) -> HttpResponse:
    """The page that a seat's link leads to; its script takes the seat."""
    return render(request, "rooms/seat.html")


def canonical_code(text: str) -> str:
    """The one spelling of a room code; 404 when it cannot be one.

    No room is looked up: whether there is one is only told to a script that enters, where wrong
    codes are counted.
    """
    code = read_code(text)
    if code is None:
        raise Http404
    return code


def room_page(page: Callable[[HttpRequest, str], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a room, at the one spelling of its code; other spellings lead there."""

    @require_safe
    @wraps(page)
    def shown(request: HttpRequest, code: str) -> HttpResponse:
        canonical = canonical_code(code)
        if code != canonical:
            assert request.resolver_match is not None
            return redirect(request.resolver_match.view_name, code=canonical, permanent=True)
        return page(request, code)

    return shown


def same_for_all(template: str, **shown: str) -> HttpResponse:
    """A page that depends on its words alone; its text is made once in each language."""
    return HttpResponse(_text(template, get_language(), **shown))


@lru_cache(maxsize=TEXTS_KEPT)
def _text(template: str, language: str | None, **shown: str) -> str:
    # The language is that of this thread; it only tells one text from another.
    return render_to_string(template, shown)


def public_title(code: str) -> str:
    """The title of a public room, else empty; at most a minute old. Without SQL empty, too.

    So nothing on a page tells an unlisted room from a code that no room has.
    """
    name = f"card:{code}"
    title: str | None = cache.get(name)
    if title is None:
        public = Room.objects.filter(code=code, visibility=Room.Visibility.PUBLIC)
        try:
            title = public.values_list("title", flat=True).first() or ""
        except DatabaseError:
            return ""
        cache.set(name, title, CARD_KEPT_S)
    return title


def picture_url(name: str, **args: str) -> str:
    """The whole address of a picture, as chat apps want it."""
    return settings.PUBLIC_URL + reverse(name, kwargs=args)


@room_page
def keys(request: HttpRequest, code: str) -> HttpResponse:
    """Keys for programs, for the host of a room."""
    return render(request, "rooms/keys.html", {"code": code, "rights": RoomKey.Right.choices})


@require_safe
@cache_control(public=True, max_age=3600)
def qr(request: HttpRequest, code: str) -> HttpResponse:
    """A drawing of the room's address, for cameras."""
    path = reverse("room", args=[canonical_code(code)])
    drawing = segno.make(settings.PUBLIC_URL + path, micro=False, error="m")
    drawn = BytesIO()
    drawing.save(drawn, kind="svg", border=2, dark="#11131f", light="#fff")
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@require_safe
@cache_control(public=True, max_age=CARD_KEPT_S)
def lobby_card(request: HttpRequest) -> HttpResponse:
    """The picture that chat apps show below a link to the lobby."""
    return HttpResponse(draw("Call it before it happens."), content_type="image/png")


@require_safe
@cache_control(public=True, max_age=CARD_KEPT_S)
def room_card(request: HttpRequest, code: str) -> HttpResponse:
    """The picture of a room: its code, and the title where everybody may see it."""
    code = canonical_code(code)
    drawn = draw(public_title(code) or f"Room {code}", code)
    return HttpResponse(drawn, content_type="image/png")
