"""What a link to a room shows in a chat app: the title of a public room, else the code alone.

Nothing tells an unlisted room from a code that no room has.
"""

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.urls import reverse

from rooms.models import Room

KEPT_S = 60


def public_title(code: str) -> str:
    """The title of a public room, else empty; at most a minute old. Without SQL empty, too."""
    name = f"card:{code}"
    title: str | None = cache.get(name)
    if title is None:
        public = Room.objects.filter(code=code, visibility=Room.Visibility.PUBLIC)
        try:
            title = public.values_list("title", flat=True).first() or ""
        except DatabaseError:
            return ""
        cache.set(name, title, KEPT_S)
    return title


def picture_url(name: str, **args: str) -> str:
    """The whole address of a picture, as chat apps want it."""
    return settings.PUBLIC_URL + reverse(name, kwargs=args)
