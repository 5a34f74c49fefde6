"""`Authorization: Bearer rk_…`: a call in the name of a key's maker, where the call says so.

A view lists the right that each of its methods takes in `key_rights`; what is not listed is closed
to every key.
"""

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import User
from rooms import codes
from rooms.keys import narrow_keys
from rooms.models import Room, RoomKey
from web import limits
from web.refusals import Refused

_KIND = "key"
# How the paths of calls name a room: the argument, and how to find the numbers of room and club.
rooms_named: dict[str, Callable[[Any], tuple[int, int] | None]] = {}


def _by_code(text: str) -> tuple[int, int] | None:
    return Room.objects.filter(code=codes.read_code(text)).values_list("pk", "club_id").first()


rooms_named["code"] = _by_code


class KeyAuthentication(BaseAuthentication):
    """request.user is the maker, who is asked for as always; request.auth is the RoomKey."""

    def authenticate(self, request: Request) -> tuple[User, RoomKey] | None:
        """Judge the key for this call; what is no key is left to others.

        Raises Refused: sign_in, forbidden (a right it has not), not_found (another room), too_fast.
        """
        kind, _blank, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        text = text.strip()
        # Some programs can send a Bearer alone, and access tokens begin otherwise.
        if kind.lower() != _KIND and not text.startswith(narrow_keys.PREFIX):
            return None
        key = narrow_keys.find(text)
        if key is None:
            raise Refused("sign_in", detail={"reason": "invalid"})
        if not narrow_keys.is_good(key):
            raise Refused("sign_in", detail={"reason": "revoked"})
        limits.check("keys", key.pk)
        if (right := _right_of(request)) not in key.rights:
            raise Refused("forbidden", detail={"right": right})
        if not _is_open_to(key, request):
            raise Refused("not_found")
        narrow_keys.note_use(key)
        return key.by, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _view(request: Request) -> Any:
    return (request.parser_context or {})["view"]


def _right_of(request: Request) -> str | None:
    rights: dict[str, str] = getattr(_view(request), "key_rights", {})
    return rights.get(request.method or "")


def _is_open_to(key: RoomKey, request: Request) -> bool:
    named = [(rooms_named[name], value) for name, value in _view(request).kwargs.items()
             if name in rooms_named]  # fmt: skip
    found = [find(value) for find, value in named]
    return bool(found) and all(each is not None and narrow_keys.opens(key, *each) for each in found)


def key_of(request: Request) -> RoomKey | None:
    """The key that a call is made with."""
    return request.auth if isinstance(request.auth, RoomKey) else None


def counted(request: Request) -> object:
    """Whom the limits count for a call: a key apart from its maker."""
    key = key_of(request)
    return f"key:{key.pk}" if key else request.user.pk


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A key, in the words of OpenAPI."""

    target_class = KeyAuthentication
    name = _KIND

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A Bearer whose token begins otherwise than those of sign-ins."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": f"{narrow_keys.PREFIX}…"}

    def get_security_requirement(self, auto_schema: Any) -> Any:
        """Offered where the call has a right for keys."""
        rights = getattr(auto_schema.view, "key_rights", {})
        return {self.name: []} if auto_schema.method in rights else []
