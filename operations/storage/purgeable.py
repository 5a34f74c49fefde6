"""The kinds of rows that may be purged by age, and the tables that never are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.auth.tokens import REFRESH_LIFETIME_S
from accounts.models import RefreshToken, SignIn
from betting.models import Correction, LedgerEntry, Market, Outcome, Position, Wallet, Watermark
from locations.models import BetDecision, LocationFix, Sharing, UserLocation
from rooms.models import ChatLine, Membership, Room
from web.refusals import Words
from web.times import moment

Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows with a natural age. `older` gives them by table, those that point to others first."""

    word: str
    meaning: Words
    older: Callable[[int], list[Rows]]


def _fixes(before_ms: int) -> list[Rows]:
    return [LocationFix.objects.filter(fix_ms__lt=before_ms)]


def _newest_positions(before_ms: int) -> list[Rows]:
    return [UserLocation.objects.filter(fix_ms__lt=before_ms)]


def _chat(before_ms: int) -> list[Rows]:
    return [ChatLine.objects.filter(at_ms__lt=before_ms)]


def _rooms(before_ms: int) -> list[Rows]:
    ended = Room.objects.filter(status=Room.Status.ENDED, ended_at__lt=_moment(before_ms))
    guests = Membership.objects.filter(room__in=ended).exclude(role=Membership.Role.HOST)
    return [
        ChatLine.objects.filter(room__in=ended), Sharing.objects.filter(room__in=ended), guests
    ]  # fmt: skip


def _sign_ins(before_ms: int) -> list[Rows]:
    unused = _moment(before_ms) - timedelta(seconds=REFRESH_LIFETIME_S)
    over = SignIn.objects.filter(Q(ended_at_ms__lt=before_ms) | Q(seen_at__lt=unused))
    tokens = RefreshToken.objects.filter(Q(expires_at_ms__lt=before_ms) | Q(sign_in__in=over))
    return [tokens, over]


def _sharing(before_ms: int) -> list[Rows]:
    return [Sharing.objects.filter(until_ms__lt=before_ms)]


def _decisions(before_ms: int) -> list[Rows]:
    return [BetDecision.objects.filter(at_ms__lt=before_ms)]


def _sessions(before_ms: int) -> list[Rows]:
    return [Session.objects.filter(expire_date__lt=_moment(before_ms))]


def _moment(at_ms: int) -> datetime:
    found = moment(at_ms)
    assert found
    return found


KINDS = {
    kind.word: kind
    for kind in (
        Kind("fixes", _("past positions of phones, by the time of the fix"), _fixes),
        Kind(
            "newest-positions",
            _("the newest position of each user, by the time of the fix"),
            _newest_positions,
        ),
        Kind("chat", _("what was said"), _chat),
        Kind("rooms", _("of ended rooms: chat, sharing and who was in; the room stays"), _rooms),
        Kind("sign-ins", _("sign-ins that ended or lapsed, and their tokens"), _sign_ins),
        Kind("sharing", _("who was shown to whom, after its end"), _sharing),
        Kind("decisions", _("where somebody stood at a bet, as figures"), _decisions),
        Kind("sessions", _("operators' sessions after their end"), _sessions),
    )
}

# Coins can be proved only while every entry is there, so these have no age.
KEPT = {
    "ledger": LedgerEntry, "markets": Market, "outcomes": Outcome, "wallets": Wallet,
    "positions": Position, "watermarks": Watermark, "corrections": Correction,
}  # fmt: skip
KEPT_TABLES = frozenset(model._meta.db_table for model in KEPT.values())
