"""Forgets users who asked for it, and where ended sign-ins came from.

A user goes in turns of the clock: out of all rooms; the open bets are played to the end; the
sign-ins end; and once no page can act any more, all is forgotten but the numbers of the ledger.
Each turn may be repeated, or stopped anywhere: the next one does what is missing.
"""

import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

from accounts import forgetting
from accounts.models import SignIn, User
from betting.actions import forgotten_bettors
from locations import clock_steps
from locations.history import erasing
from locations.models import BetDecision
from operations.clock.guest_cleanup import LINGERS_MS
from rooms.people import forgotten_members
from web.rows import clocks, set_aside

SIGN_INS_PER_STEP = 1_000
ADDRESS_KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def forget_users() -> None:
    """Take the next turn of every user who is to be forgotten; one that fails holds up nobody."""
    failed: list[Exception] = []
    for user in forgetting.waiting():
        try:
            _take_turn(user)
        except Exception as error:  # noqa: BLE001 - raised below.
            failed.append(error)
    if failed:
        raise failed[0]


def _take_turn(user: User) -> None:
    if not forgotten_members.leave_rooms(user, LINGERS_MS):
        return
    if forgotten_bettors.has_open_bets(user.pk) or not forgotten_members.end_rooms(user):
        return
    if forgetting.sign_out(user, LINGERS_MS):
        _forget(user)
        log.info("User %d was forgotten.", user.pk)


def _forget(user: User) -> None:
    # The name goes first: rooms and settlements are given the one that the account has then.
    forgetting.forget_account(user)
    user.refresh_from_db()
    forgotten_members.forget(user)
    erasing.erase(user.pk)
    clock_steps.record_decisions()
    BetDecision.objects.filter(user_id=user.pk).delete()
    set_aside.forget(user.pk)
    forgotten_bettors.forget(user)
    forgetting.note_done(user)


class OriginForgetter:
    """Walks over all sign-ins, a thousand at a time, again and again.

    One that ended more than thirty days ago keeps neither address nor browser.
    """

    def __init__(self) -> None:
        self._after: UUID | None = None

    def step(self) -> int:
        """Take the next thousand; returns how many lost what they had."""
        rows = SignIn.objects.order_by("pk")
        if self._after:
            rows = rows.filter(pk__gt=self._after)
        some = list(rows.values_list("pk", flat=True)[:SIGN_INS_PER_STEP])
        self._after = some[-1] if some else None
        # Nobody goes by a clock that may be ahead: what is forgotten cannot be brought back.
        before = datetime.fromtimestamp(clocks.read().earliest_ms / 1000, UTC) - ADDRESS_KEPT
        return forgetting.forget_origins(some, before)
