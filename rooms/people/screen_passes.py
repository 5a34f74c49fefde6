"""Passes: what a screen's socket is told once it is open, and asks with over HTTP.

A pass reads one room for a day, and no longer than its link. It is nobody: what is for members is
open to it only where a call says so.
"""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.auth.authentication import TokenAuthentication
from rooms.keys.key_authentication import KeyAuthentication
from rooms.models import RoomScreen
from web.refusals import Refused

PASS_S = 86_400
_KIND = "screen"
_SALT = "rooms.screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPass:
    """A screen of a room; `screen_id` is 0 for one without a link."""

    room_id: int
    code: str
    screen_id: int


def seal(room_id: int, code: str, screen_id: int) -> str:
    """The text that proves a screen."""
    return signing.dumps([room_id, code, screen_id], salt=_SALT)


class ScreenAuthentication(BaseAuthentication):
    """`Authorization: Screen <pass>`: request.user stays None, request.auth is a ScreenPass.

    For the calls that a screen may make; all others refuse it as they refuse what they do not know.
    """

    def authenticate(self, request: Request) -> tuple[None, ScreenPass] | None:
        """Read the pass; other kinds are left to others. Raises Refused: sign_in."""
        kind, _blank, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != _KIND:
            return None
        try:
            room_id, code, screen_id = signing.loads(text.strip(), salt=_SALT, max_age=PASS_S)
        except signing.BadSignature:
            raise Refused("sign_in", detail={"reason": "invalid"}) from None
        if screen_id and not RoomScreen.objects.filter(pk=screen_id, ended_at_ms=None).exists():
            raise Refused("sign_in", detail={"reason": "revoked"})
        return None, ScreenPass(room_id=room_id, code=code, screen_id=screen_id)


class ScreenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A screen's pass, in the words of OpenAPI."""

    target_class = ScreenAuthentication
    name = "screen"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A scheme of HTTP of its own."""
        return {"type": "http", "scheme": _KIND}


# Of calls that screens make, too.
WITH_SCREENS: list[type[BaseAuthentication]] = [
    ScreenAuthentication,
    KeyAuthentication,
    TokenAuthentication,
]
