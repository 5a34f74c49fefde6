"""The cookies of a sign-in: their names, and what every one of them must carry."""

import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.auth import known_devices
from accounts.auth.tokens import REFRESH_LIFETIME_S, Fresh
from accounts.models import User

# The browser itself holds a cookie to its prefix; a prefix needs Secure, thus https.
# How the access cookie's name ends, whatever PUBLIC_URL puts before it.
UNPREFIXED = "ringside_access"
ACCESS = f"__Host-{UNPREFIXED}" if settings.IS_HTTPS else UNPREFIXED
REFRESH = "__Secure-ringside_refresh" if settings.IS_HTTPS else "ringside_refresh"
DEVICE = "__Host-ringside_device" if settings.IS_HTTPS else "ringside_device"
KNOWN = "__Host-ringside_known" if settings.IS_HTTPS else "ringside_known"
# Of both addresses of the calls that read it, with the version and without.
REFRESH_PATH = "/api/"

_DEVICE_LIFETIME_S = 365 * 86_400
_DEVICE_CHARACTERS = 32


def device_of(request: HttpRequest) -> str:
    """The mark of this browser, empty where it has none; it proves nothing."""
    return request.COOKIES.get(DEVICE, "")[:_DEVICE_CHARACTERS]


def new_device() -> str:
    """A mark for a browser that has none yet."""
    return secrets.token_hex(_DEVICE_CHARACTERS // 2)


def passes_of(request: HttpRequest) -> str:
    """The passes of this browser for the accounts that signed in here, empty where it has none."""
    return request.COOKIES.get(KNOWN, "")


def give(response: HttpResponseBase, fresh: Fresh, passes: str = "") -> None:
    """Set the cookies of a sign-in; `passes` are those that the browser has.

    The access cookie outlives its token, so that a late handshake is told "expired" and not
    "missing".
    """
    _set(response, ACCESS, fresh.access, REFRESH_LIFETIME_S)
    _set(response, REFRESH, fresh.refresh, REFRESH_LIFETIME_S, path=REFRESH_PATH)
    if fresh.sign_in.device:
        _set(response, DEVICE, fresh.sign_in.device, _DEVICE_LIFETIME_S)
        if not fresh.user.is_guest:
            give_pass(response, fresh.user, passes)


def give_pass(response: HttpResponseBase, user: User, passes: str) -> None:
    """Let this browser's log-ins to an account be counted apart, besides the passes it has."""
    made = known_devices.with_pass(passes, user)
    _set(response, KNOWN, made, known_devices.LIFETIME_S)


def take(response: HttpResponseBase) -> None:
    """Remove the cookies of a sign-in; the browser keeps its mark and passes."""
    _set(response, ACCESS, "", 0)
    _set(response, REFRESH, "", 0, path=REFRESH_PATH)


def _set(
    response: HttpResponseBase, name: str, value: str, max_age_s: int, path: str = "/"
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age_s,
        path=path,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
