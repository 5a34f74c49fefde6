"""Authentication of an HTTP request, and the check that a page of ours sent it.

`Authorization` present: it alone counts. Otherwise the cookie counts, and every unsafe request
must then prove by Origin, CSRF token and JSON content type that no strange page made it.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.auth import bans, cookies, tokens
from accounts.models import SignIn, User
from web.refusals import Refused

_OUR_FETCH_SITES = (None, "same-origin", "same-site", "none")


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check with our list of origins; a Host header is never believed."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META["HTTP_ORIGIN"] in settings.SOCKET_ORIGINS

    def _check_referer(self, request: HttpRequest) -> None:
        # Every browser sends Origin with an unsafe request. Without one no page was involved,
        # and then the token alone decides.
        return None

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _no_response(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def check_csrf(request: HttpRequest) -> None:
    """Refuse an unsafe request that a page of another origin might have made.

    Raises Refused: forbidden, unsupported_media_type.
    """
    if request.method in SAFE_METHODS:
        return
    if request.META.get("HTTP_SEC_FETCH_SITE") not in _OUR_FETCH_SITES:
        raise Refused("forbidden", _("This request came from a page of another site."))
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0") and (
        request.content_type != "application/json"
    ):
        raise Refused("unsupported_media_type")
    check = _CsrfCheck(_no_response)
    check.process_request(request)
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]
    if reason:
        raise Refused("forbidden", str(reason))


class TokenAuthentication(BaseAuthentication):
    """Bearer or cookie. Sets request.user and request.auth (the SignIn), or neither.

    A bad Bearer is refused at once. A bad cookie leaves the request anonymous, so that signing
    in again is possible; `SignedIn` then tells why.
    """

    def authenticate(self, request: Request) -> tuple[User, SignIn] | None:
        """Find the sign-in by one SQL read. Raises Refused: sign_in, forbidden."""
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is not None:
            return self._by_header(header)
        access = request.COOKIES.get(cookies.ACCESS)
        if access or not _refuses_strangers(request):
            check_csrf(request._request)
        if not access:
            return None
        try:
            return _signed_in(access)
        except Refused as refused:
            request._request.sign_in_refused = refused  # type: ignore[attr-defined]
            return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def _by_header(self, header: str) -> tuple[User, SignIn]:
        kind, _blank, access = header.partition(" ")
        if kind.lower() != "bearer":
            raise Refused("sign_in", _("Only Bearer tokens are understood here."))
        return _signed_in(access.strip())


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Cookie with CSRF token, or Bearer, in the words of OpenAPI."""

    target_class = TokenAuthentication
    name = ["cookie", "bearer"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """Both ways in; either is enough."""
        return [
            {"type": "apiKey", "in": "cookie", "name": cookies.ACCESS},
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]


class SignedIn(BasePermission):
    """For endpoints that need a user. Raises Refused: sign_in, forbidden (banned)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or raises what the cookie was refused for."""
        if request.user:
            return True
        raise getattr(request._request, "sign_in_refused", None) or Refused("sign_in")


def present_sign_in(request: Request) -> SignIn | None:
    """The sign-in that a client still has; past five minutes the refresh cookie tells it.

    Only for calls that are checked for forgeries also without an access cookie. Raises Refused:
    forbidden, for the banned, who could otherwise come in as new guests.
    """
    refused = getattr(request._request, "sign_in_refused", None)
    if refused and refused.code == "forbidden":
        raise refused
    refresh = request.COOKIES.get(cookies.REFRESH)
    if request.user or not refresh:
        return sign_in_of(request)
    sign_in = tokens.renewable(refresh, device=cookies.device_of(request._request))
    if sign_in:
        bans.refuse_banned(sign_in.user)
    return sign_in


def user_of(request: Request) -> User:
    """The user who asks, behind `SignedIn`."""
    assert isinstance(request.user, User)
    return request.user


def sign_in_of(request: Request) -> SignIn | None:
    """The sign-in of a request; None for a stranger."""
    return request.auth if isinstance(request.auth, SignIn) else None


def _refuses_strangers(request: Request) -> bool:
    """Whether the endpoint refuses everybody unknown, so that there is nothing to forge."""
    view: Any = (request.parser_context or {}).get("view")
    return view is not None and any(isinstance(p, SignedIn) for p in view.get_permissions())


def _signed_in(access: str) -> tuple[User, SignIn]:
    try:
        proof = tokens.prove(access)
    except tokens.Unproven as unproven:
        raise Refused("sign_in", detail={"reason": unproven.why}) from None
    sign_in = tokens.with_users().filter(pk=proof.sign_in_id, user=proof.user_id).first()
    if sign_in is None or sign_in.ended_at_ms is not None or not sign_in.user.is_active:
        raise Refused("sign_in", detail={"reason": "revoked"})
    if not tokens.is_good(sign_in):
        bans.refuse_banned(sign_in.user)
    return sign_in.user, sign_in
