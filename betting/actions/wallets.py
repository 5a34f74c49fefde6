"""Coins that move without a bet: the welcome grant, and operators' corrections."""

import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from betting import bank
from betting.bank.refusals import ask, read
from betting.bank.values import Moved
from betting.models import WELCOME, Correction, Wallet
from betting.wire import broadcast
from betting.wire.answers import WalletShape
from rooms.models import MAIN_CLUB, Club, ClubMembership, Room
from web.refusals import Refused
from web.times import DAY_MS, now_ms

WELCOME_COINS = 1_000
# A correction whose answer was lost is asked for again by the clock after this time.
UNANSWERED_AFTER_MS = 2_000
NEWCOMERS = 500
# `Correction.seq` of a correction that the bank refused for good.
REFUSED_SEQ = 0

log = logging.getLogger(__name__)


def welcome(user_id: int, club_id: int) -> None:
    """Grant the welcome coins of a club, once for each user; repeating it changes nothing."""
    ask(bank.grant(club_id, user_id, WELCOME_COINS, f"{WELCOME}{user_id}"))


def on_arrival(user: User) -> None:
    """Grant a new user the welcome coins; while the bank is away the clock does it later."""
    club_id = Club.objects.values_list("pk", flat=True).get(slug=MAIN_CLUB)
    try:
        welcome(user.pk, club_id)
    except Refused as refused:
        log.warning("user %s gets the welcome coins later: %s", user.pk, refused.code)


def on_enter(user: User, room: Room) -> None:
    """Grant a new member the welcome coins of the room's club, if they are missing."""
    welcome(user.pk, room.club_id)


def welcome_left_over() -> int:
    """Grant the welcome coins that the bank had no answer for; returns how many users got them.

    Covers the last 500 accounts, and the last 500 memberships of clubs; none that is younger than
    ten seconds, or older than a day.
    """
    lacking = [*_new_users(), *_new_members()]
    for user_id, club_id in lacking:
        welcome(user_id, club_id)
    broadcast.wallets_changed(None, [user_id for user_id, _club_id in lacking], "grant")
    return len(lacking)


def _new_users() -> list[tuple[int, int]]:
    """Users without a wallet in the main club, with its number."""
    newest = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    now = timezone.now()
    newcomers = User.objects.filter(
        ~Exists(Wallet.objects.filter(user=OuterRef("pk"), club__slug=MAIN_CLUB)),
        pk__gt=newest - NEWCOMERS, is_staff=False,
        joined_at__range=(now - timedelta(days=1), now - timedelta(seconds=10)),
    )  # fmt: skip
    lacking = list(newcomers.values_list("pk", flat=True))
    club_id = Club.objects.values_list("pk", flat=True).get(slug=MAIN_CLUB) if lacking else 0
    return [(user_id, club_id) for user_id in lacking]


def _new_members() -> list[tuple[int, int]]:
    """Users and clubs they joined in which they have no wallet."""
    newest = ClubMembership.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    wallets = Wallet.objects.filter(user=OuterRef("user"), club=OuterRef("club"))
    joined = ClubMembership.objects.filter(
        ~Exists(wallets), pk__gt=newest - NEWCOMERS,
        joined_at_ms__range=(now_ms() - DAY_MS, now_ms() - 10_000),
    )  # fmt: skip
    return list(joined.values_list("user_id", "club_id"))


def coins_of(user_id: int) -> list[WalletShape]:
    """The user's coins in every club where there is a wallet; `main` first, always.

    While the bank is away they are as last recorded, so that a page can still show its reader.
    """
    clubs = Club.objects.filter(Q(slug=MAIN_CLUB) | Q(wallet__user_id=user_id)).distinct()
    ordered = sorted(clubs, key=lambda club: (club.slug != MAIN_CLUB, club.slug))
    return [WalletShape(club.slug, _coins(club.pk, user_id)) for club in ordered]


def recorded(club_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """The coins of these users in a club, as last recorded; those without a wallet are left out."""
    found = Wallet.objects.filter(club=club_id, user__in=user_ids)
    return dict(found.values_list("user_id", "coins"))


def _coins(club_id: int, user_id: int) -> int:
    try:
        return read(club_id, [], [user_id]).coins[user_id]
    except Refused:
        return recorded(club_id, [user_id]).get(user_id, 0)


def write_down(correction: Correction, *, by: int, key: UUID | None = None) -> Correction:
    """Keep a correction before the bank is asked, so that the clock can ask again.

    A correction with the key of an earlier one is that earlier one.
    """
    wish = (correction.club_id, correction.user_id, correction.kind, correction.coins)
    number = uuid5(key, f"{wish} {correction.reason}") if key else uuid4()
    correction.command = f"correction:{number}"
    correction.by_id = by
    correction.at_ms = bank.ask_time_ms()
    try:
        with transaction.atomic():
            correction.save()
    except IntegrityError:
        return Correction.objects.get(command=correction.command)
    return correction


def carry_out(correction: Correction) -> None:
    """Ask the bank for a correction and note its answer; repeating it moves nothing more.

    Raises Refused: unavailable (the clock asks again), and what the bank refuses for good.
    """
    call = bank.grant if correction.kind == "grant" else bank.burn
    try:
        moved: Moved = ask(
            call(
                correction.club_id,
                correction.user_id,
                correction.coins,
                correction.command,
                correction.market_id,
            )
        )
    except Refused as refused:
        if refused.status != 503:
            Correction.objects.filter(pk=correction.pk).update(seq=REFUSED_SEQ)
        raise
    correction.seq, correction.coins = moved.seq, moved.coins
    correction.save(update_fields=["seq", "coins"])
    broadcast.wallets_changed(None, [correction.user_id], correction.kind, correction.market_id)


def carry_out_left_over() -> int:
    """Ask again for corrections whose answer was lost; returns how many stand now."""
    before_ms = bank.ask_time_ms() - UNANSWERED_AFTER_MS
    done = 0
    for correction in Correction.objects.filter(seq=None, at_ms__lt=before_ms)[:100]:
        try:
            carry_out(correction)
            done += 1
        except Refused as refused:
            log.warning("correction %s: %s", correction.pk, refused.code)
    return done
