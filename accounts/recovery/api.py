"""/api/auth/reset/ and /api/auth/email/: another password by e-mail, and verified addresses."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import messages
from accounts.auth.authentication import SignedIn, user_of
from accounts.recovery import emailed_links, reset, verified_emails
from web import addresses
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Nothing, parse


class Reset(APIView):
    @described(asks=messages.ResetAsk, answers={202: messages.ResetAnswer}, refuses=("too_fast",))
    def post(self, request: Request) -> Response:
        """Have a link for another password sent; the same is answered for an unknown e-mail."""
        ask = parse(request.data, messages.ResetAsk)
        reset.ask(ask.email, address=addresses.of(request._request))
        return respond(messages.ResetAnswer(emailed_links.RESET_LIFETIME_S), 202)


class Choose(APIView):
    @described(
        asks=messages.ChooseAsk,
        answers={204: None},
        refuses=("not_found", "weak_password", "too_fast"),
    )
    def post(self, request: Request) -> Response:
        """Choose another password by a link, once; every sign-in of the account ends."""
        ask = parse(request.data, messages.ChooseAsk)
        reset.choose(ask.link, ask.new, address=addresses.of(request._request))
        return Response(status=204)


class Email(APIView):
    permission_classes = (SignedIn,)

    @described(answers={200: messages.EmailAnswer})
    def get(self, request: Request) -> Response:
        """The own e-mail, and whether it is verified."""
        user = user_of(request)
        return respond(messages.EmailAnswer(user.email, user.is_email_verified))

    @described(asks=Nothing, answers={202: None}, refuses=("too_fast",))
    def post(self, request: Request) -> Response:
        """Have the link sent again that verifies the own e-mail."""
        parse(request.data, Nothing)
        verified_emails.ask(user_of(request))
        return Response(status=202)


class Verify(APIView):
    @described(asks=messages.VerifyAsk, answers={204: None}, refuses=("not_found",))
    def post(self, request: Request) -> Response:
        """Verify an e-mail by a link, also signed out or as somebody else; it may be repeated."""
        verified_emails.verify(parse(request.data, messages.VerifyAsk).link)
        return Response(status=204)
