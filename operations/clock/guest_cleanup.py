"""Forgets guests who never bet and stayed away, so that they fill neither engine."""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings

from accounts import guests
from betting.actions.guest_coins import never_bet, remove_coins
from locations import clock_steps
from rooms import live
from rooms.models import Membership
from web.rows import clocks
from web.rows.halving import halved
from web.times import now_ms

ACCOUNTS_PER_STEP = 100
# A socket of an ended sign-in is closed within two seconds, and what it asked for is done by now.
LINGERS_MS = 10_000

log = logging.getLogger(__name__)


class GuestForgetter:
    """Walks over all accounts, a hundred at a time, again and again.

    A guest goes in two turns: first the sign-ins end, and at the next turn, when no page of
    theirs can act any more, the coins are burned and the account is removed.
    """

    def __init__(self) -> None:
        self._after_id = 0
        self._told: set[int] = set()

    def step(self) -> None:
        """Take the next hundred accounts. Nothing happens with GUESTS_KEPT_DAYS=0."""
        if not settings.GUESTS_KEPT_DAYS:
            return
        some = guests.next_ids(self._after_id, ACCOUNTS_PER_STEP)
        # An account that fails is tried again in the next round, and the others go on.
        self._after_id = some[-1] if some else 0
        # Nobody goes by a clock that may be ahead: what is removed cannot be brought back.
        now = datetime.fromtimestamp(clocks.read().earliest_ms / 1000, UTC)
        since = now - timedelta(days=settings.GUESTS_KEPT_DAYS)
        if leaving := _removable(some, since):
            lingering = guests.signed_in(leaving, now_ms() - LINGERS_MS)
            guests.sign_out(lingering, since)
            halved(sorted(leaving - lingering), _remove, set_aside=self._leave)

    def _leave(self, user_id: int, error: Exception) -> None:
        """Tell once of a guest whom the database does not let go."""
        if user_id not in self._told:
            self._told.add(user_id)
            log.error("Guest %d cannot be removed (%s).", user_id, type(error).__name__)


def _remove(user_ids: Sequence[int]) -> None:
    guests.remove(remove_coins(set(user_ids)))


def _removable(user_ids: list[int], since: datetime) -> set[int]:
    """Guests without any sign since a time, and without a bet or a room."""
    unseen = guests.unseen(user_ids, since)
    unseen -= clock_steps.heard_from(unseen, int(since.timestamp() * 1000))
    unseen = never_bet(unseen)
    # A guest who only keeps a socket open refreshes no token.
    memberships = Membership.objects.filter(user__in=unseen, state=Membership.State.IN)
    where = list(memberships.values_list("room_id", "user_id"))
    return unseen - live.who_is_here(where, time.time())
