"""Receipts over HTTP: signed ones, what the ledger says of them, keys and anchors."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from accounts.sockets.frames import encode
from betting.models import Kind, LedgerEntry
from betting.receipts import anchors, signing
from betting.receipts.shapes import ReceiptFile, SignedReceipt, VerifyAnswer, WellKnown, Word
from betting.receipts.verification import verify
from betting.wire.past import history
from rooms.models import MAIN_CLUB, Club
from web import addresses, limits
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Message, parse
from web.refusals import Refused

# Of one request; `manage.py verify` has no such limit.
ENTRIES_WALKED_MAX = 20_000
ANCHORS_KEPT_S = 60


class ReceiptQuery(Message, frozen=True):
    """The club of a receipt."""

    club: Word = MAIN_CLUB


class MyReceipt(APIView):
    """GET /api/me/receipts/{seq}/"""

    permission_classes = [SignedIn]

    @described(query=ReceiptQuery, answers={200: SignedReceipt})
    def get(self, request: Request, seq: int, query: ReceiptQuery) -> Response:
        """The signed receipt of an own bet, in the main club or that of `?club=`."""
        user_id = user_of(request).pk
        club = Club.objects.filter(slug=query.club).first()
        if club is None:
            raise Refused("not_found")
        history.catch_up(user_id)
        entry = LedgerEntry.objects.filter(
            club=club, seq=seq, user_id=user_id, kind=Kind.BET
        ).first()
        if entry is None:
            raise Refused("not_found")
        fields = {
            "club": club.slug, "bet_id": entry.command, "market": entry.market_id,
            "outcome": entry.outcome_id, "stake": entry.coins, "coins": entry.wallet_after,
            "position": entry.position_after, "epoch": entry.epoch, "seq": entry.seq,
            "at_ms": entry.at_ms, "chain": entry.chain,
        }  # fmt: skip
        signature = signing.sign(fields)
        if signature is None:
            raise Refused("unavailable")
        return Response({**fields, **signature})


class Verify(APIView):
    """POST /api/verify/"""

    permission_classes = [AllowAny]

    @described(asks=ReceiptFile, answers={200: VerifyAnswer}, refuses=("too_fast",))
    def post(self, request: Request) -> Response:
        """Whether the ledger still holds these receipts and anchors: a sentence and a code each."""
        kept = parse(request.data, ReceiptFile)
        limits.check_address("verifications", addresses.of(request._request))
        return respond(verify(kept, ENTRIES_WALKED_MAX))


@cache_control(public=True, max_age=ANCHORS_KEPT_S)
@require_safe
def well_known(request: HttpRequest) -> HttpResponse:
    """Keys and anchors, for programs of any origin."""
    told = encode(WellKnown(keys=signing.public_keys(), anchors=anchors.latest()))
    response = HttpResponse(told, content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response
