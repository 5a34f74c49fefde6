"""/api/auth/: registering, signing in, renewing tokens, signing out; see docs/protocol.md."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token, rotate_token
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import forgetting, messages, nicknames
from accounts.auth import bans, cookies, entry, tokens
from accounts.auth.authentication import SignedIn, present_sign_in, sign_in_of, user_of
from accounts.handshake import tickets
from accounts.models import Forgetting, SignIn
from accounts.recovery import verified_emails
from web import addresses, limits
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Nothing, given, parse
from web.refusals import Refused, answer

_LISTED_MAX = 50


def _is_by_cookie(request: Request) -> bool:
    """Whether cookies count; Authorization present counts alone."""
    return "HTTP_AUTHORIZATION" not in request.META


def _caller(request: Request, *, has_cookies: bool = True) -> entry.Caller:
    # A client that is given no cookies has no device, neither now nor when it renews its tokens.
    is_browser = has_cookies and _is_by_cookie(request)
    device = cookies.device_of(request._request) or cookies.new_device() if is_browser else ""
    return entry.Caller(
        device=device,
        address=addresses.of(request._request),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        passes=cookies.passes_of(request._request) if is_browser else "",
    )


def _present(request: Request) -> SignIn:
    sign_in = sign_in_of(request)
    assert sign_in is not None
    return sign_in


def _signed_in(request: Request, fresh: tokens.Fresh, status: int = 200) -> Response:
    """Hand over new tokens the way this client keeps them: cookies, or the body for Bearer."""
    user = messages.user_shape(fresh.user)
    if not _is_by_cookie(request):
        tokens_too = messages.UserAnswer(user=user, access=fresh.access, refresh=fresh.refresh)
        return respond(tokens_too, status)
    response = respond(messages.UserAnswer(user=user), status)
    cookies.give(response, fresh, cookies.passes_of(request._request))
    return response


class Csrf(APIView):
    @described(answers={200: messages.CsrfAnswer})
    def get(self, request: Request) -> Response:
        """The token for X-CSRFToken; sets the cookie it is compared with."""
        return respond(messages.CsrfAnswer(csrf=get_token(request._request)))


class Nickname(APIView):
    @described(answers={200: messages.NicknameAnswer})
    def get(self, request: Request) -> Response:
        """A suggestion for the name of a newcomer, in the reader's language."""
        return respond(messages.NicknameAnswer(nicknames.suggest()))


class Guest(APIView):
    @described(
        asks=messages.GuestAsk,
        answers={200: messages.UserAnswer, 201: messages.UserAnswer},
        refuses=("nickname_refused", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """Become a guest; a user who is signed in already stays who they are (200)."""
        ask = parse(request.data, messages.GuestAsk)
        present = present_sign_in(request)
        if present:
            return respond(messages.UserAnswer(user=messages.user_shape(present.user)))
        return _signed_in(request, entry.as_guest(given(ask.nickname), _caller(request)), 201)


class Register(APIView):
    @described(
        asks=messages.RegisterAsk,
        answers={201: messages.UserAnswer},
        refuses=("nickname_refused", "weak_password", "email_taken", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """Make an account; a signed-in guest becomes it, with id, coins and positions."""
        ask = parse(request.data, messages.RegisterAsk)
        fresh = entry.register(
            email=ask.email,
            nickname=ask.nickname,
            password=ask.password,
            caller=_caller(request),
            present=present_sign_in(request),
        )
        with suppress(Refused):
            # The account stands; the link can be asked for again on its page.
            verified_emails.ask(fresh.user)
        return _signed_in(request, fresh, 201)


class LogIn(APIView):
    @described(
        asks=messages.LogInAsk,
        answers={200: messages.UserAnswer},
        refuses=("wrong_credentials", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """Sign in with e-mail and password; a guest signed in here is left behind."""
        ask = parse(request.data, messages.LogInAsk)
        leaving = _held(request)
        fresh = entry.log_in(ask.email, ask.password, caller=_caller(request), leaving=leaving)
        if leaving:
            # The CSRF token that the user before had in this browser ends.
            rotate_token(request._request)
        return _signed_in(request, fresh)


class Refresh(APIView):
    @described(answers={200: messages.RefreshedAnswer}, refuses=("too_fast",))
    def post(self, request: Request) -> HttpResponseBase:
        """Renew the cookies; 401 takes them away where they are good for nothing."""
        parse(request.data, Nothing)
        limits.check_address("refreshes", addresses.of(request._request))
        # Authorization present counts alone, so the cookie is not looked at then.
        token = request.COOKIES.get(cookies.REFRESH, "") if _is_by_cookie(request) else ""
        fresh = tokens.refresh(token, device=cookies.device_of(request._request)) if token else None
        if fresh is None:
            return _turned_out(token)
        response = respond(messages.RefreshedAnswer(fresh.access_expires_at_ms))
        cookies.give(response, fresh, cookies.passes_of(request._request))
        return response


def _turned_out(token: str) -> Response:
    sign_in = _refuse_banned_owner(token)
    response = answer(Refused("sign_in"), {})
    assert response is not None
    # Another began here in the place of this one: its cookies may have arrived meanwhile.
    is_succeeded = sign_in and sign_in.ended_why in tokens.SUCCEEDED
    if token and not is_succeeded:
        cookies.take(response)
    return response


def _refuse_banned_owner(token: str) -> SignIn | None:
    """The sign-in of a refresh token, used or not. Raises Refused: forbidden, with the reason."""
    pk = tokens.sign_in_of(token)
    if pk is None:
        return None
    sign_in = SignIn.objects.select_related("user").get(pk=pk)
    bans.refuse_banned(sign_in.user)
    return sign_in


class LogOut(APIView):
    @described(answers={204: None})
    def post(self, request: Request) -> Response:
        """End this sign-in and its sockets; repeating it returns the same."""
        parse(request.data, Nothing)
        response = Response(status=204)
        if _is_by_cookie(request):
            cookies.take(response)
            rotate_token(request._request)
        tokens.end_and_tell(_held(request), "logged out")
        return response


def _held(request: Request) -> set[UUID]:
    """The sign-ins that this client has tokens of, good or not."""
    present = sign_in_of(request)
    found = {present.pk} if present else set()
    refresh = request.COOKIES.get(cookies.REFRESH)
    if refresh and _is_by_cookie(request):
        # An expired access cookie must not keep anybody from leaving.
        renewed = tokens.sign_in_of(refresh)
        found |= {renewed} if renewed else set()
    return found


def _check_origin(request: Request) -> None:
    """Refuse a page whose Origin is not allowed; without an Origin no page is involved.

    Raises Refused: forbidden.
    """
    origin = request.META.get("HTTP_ORIGIN")
    if origin is not None and origin not in settings.SOCKET_ORIGINS:
        raise Refused("forbidden", _("Pages of this origin may not sign in here."))


class Token(APIView):
    authentication_classes = ()

    @described(
        asks=messages.LogInAsk,
        answers={200: messages.TokenAnswer},
        refuses=("forbidden", "wrong_credentials", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """Tokens for a client that keeps no cookies."""
        _check_origin(request)
        ask = parse(request.data, messages.LogInAsk)
        caller = _caller(request, has_cookies=False)
        return _token_answer(entry.log_in(ask.email, ask.password, caller=caller))


class TokenRefresh(APIView):
    authentication_classes = ()

    @described(
        asks=messages.RefreshAsk,
        answers={200: messages.TokenAnswer},
        refuses=("forbidden", "sign_in", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """New tokens for a refresh token; it is over once its successor was used."""
        _check_origin(request)
        ask = parse(request.data, messages.RefreshAsk)
        limits.check_address("refreshes", addresses.of(request._request))
        fresh = tokens.refresh(ask.refresh)
        if fresh is None:
            _refuse_banned_owner(ask.refresh)
            raise Refused("sign_in")
        return _token_answer(fresh)


def _token_answer(fresh: tokens.Fresh) -> Response:
    return respond(
        messages.TokenAnswer(
            access=fresh.access,
            refresh=fresh.refresh,
            access_expires_at_ms=fresh.access_expires_at_ms,
        )
    )


class Ticket(APIView):
    permission_classes = (SignedIn,)

    @described(answers={201: messages.TicketAnswer}, refuses=("too_fast",))
    def post(self, request: Request) -> Response:
        """A ticket for one socket within 30 s, from the Origin that asks."""
        parse(request.data, Nothing)
        limits.check("tickets", _present(request).pk)
        ticket = tickets.Ticket(
            user_id=user_of(request).pk,
            sign_in_id=str(_present(request).pk),
            origin=request.META.get("HTTP_ORIGIN", ""),
        )
        return respond(messages.TicketAnswer(tickets.issue(ticket), tickets.LIFETIME_S), 201)


class Password(APIView):
    permission_classes = (SignedIn,)

    @described(
        asks=messages.PasswordAsk,
        answers={200: messages.UserAnswer},
        refuses=("wrong_credentials", "weak_password", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """Change the password; every sign-in ends but the new one this answer brings."""
        ask = parse(request.data, messages.PasswordAsk)
        fresh = entry.change_password(
            _present(request), ask.current, ask.new, caller=_caller(request)
        )
        return _signed_in(request, fresh)


class SignIns(APIView):
    permission_classes = (SignedIn,)

    @described(answers={200: messages.SignInsAnswer})
    def get(self, request: Request) -> Response:
        """The own sign-ins that stand, the latest used first."""
        since = timezone.now() - timedelta(seconds=tokens.REFRESH_LIFETIME_S)
        standing = SignIn.objects.filter(user=user_of(request), ended_at_ms=None, seen_at__gt=since)
        shapes = [
            messages.sign_in_shape(sign_in, is_this=sign_in.pk == _present(request).pk)
            for sign_in in standing.order_by("-seen_at")[:_LISTED_MAX]
        ]
        return respond(messages.SignInsAnswer(shapes))


class EndSignIns(APIView):
    permission_classes = (SignedIn,)

    @described(asks=messages.EndAsk, answers={200: messages.EndedAnswer})
    def post(self, request: Request) -> Response:
        """End all own sign-ins with their sockets, or all but this one."""
        ask = parse(request.data, messages.EndAsk)
        kept = _present(request).pk if ask.others_only else None
        ended = tokens.end_all(user_of(request), "ended by owner", but=kept)
        response = respond(messages.EndedAnswer(ended))
        if kept is None and _is_by_cookie(request):
            cookies.take(response)
        return response


class Forget(APIView):
    permission_classes = (SignedIn,)

    @described(answers={200: messages.ForgettingAnswer})
    def get(self, request: Request) -> Response:
        """Whether the user asked to be forgotten, and when."""
        asked = Forgetting.objects.filter(pk=user_of(request).pk).first()
        return respond(messages.ForgettingAnswer(asked.asked_at_ms if asked else None))

    @described(asks=Nothing, answers={202: messages.ForgettingAnswer})
    def post(self, request: Request) -> Response:
        """Ask to be forgotten; it happens once the last open bet is paid. Again: the same."""
        parse(request.data, Nothing)
        asked = forgetting.ask(user_of(request))
        return respond(messages.ForgettingAnswer(asked.asked_at_ms), 202)


class OneSignIn(APIView):
    permission_classes = (SignedIn,)

    @described(answers={204: None})
    def delete(self, request: Request, sign_in_id: UUID) -> Response:
        """End one own sign-in; somebody else's is not_found."""
        own = SignIn.objects.filter(pk=sign_in_id, user=user_of(request))
        if not own.exists():
            raise Refused("not_found")
        tokens.end_and_tell([sign_in_id], "ended by owner")
        return Response(status=204)
