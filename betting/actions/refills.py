"""Refills: coins for users who have next to none and nothing at stake (pool rule 12)."""

import math

from betting import bank
from betting.bank.refusals import away, refused
from betting.models import Market
from betting.wire import boards, broadcast
from betting.wire.answers import RefillAnswer
from rooms.models import Club
from web.refusals import Refused


def refill(user_id: int, slug: str) -> RefillAnswer:
    """Give a user the refill of a club; asked again before any coin has moved, the same answer.

    Raises Refused: not_found (no such club), too_fast (`next_at_ms` in its detail), not_broke,
    stake_above_maximum, unavailable, busy.
    """
    club = Club.objects.filter(slug=slug).first()
    if club is None:
        raise Refused("not_found")
    allowance = bank.Allowance(
        coins=club.refill_coins,
        below_coins=club.refill_below_coins,
        every_ms=1000 * club.refill_every_s,
        per_day=club.refills_per_day,
    )
    try:
        given = bank.run(bank.refill(club.pk, user_id, _undecided(club, user_id), allowance))
    except (bank.BankAway, bank.BankFull) as error:
        raise away(error) from error
    if isinstance(given, bank.Denied):
        raise _too_early(given.figure) if given.code == "too_fast" else refused(given)
    if not given.is_repeat:
        broadcast.wallets_changed(None, [user_id], "grant")
    return RefillAnswer(given.coins_after, given.next_at_ms)


def _undecided(club: Club, user_id: int) -> list[int]:
    """The markets on which the user may have a position that is not paid yet.

    Drafts among them: one that was opened just now is still a draft in SQL.
    """
    markets = Market.objects.filter(room__club=club, room__memberships__user=user_id)
    undecided = markets.exclude(status__in=boards.FINAL)
    return list(undecided.values_list("pk", flat=True))


def _too_early(next_at_ms: int | None) -> Refused:
    next_at_ms = next_at_ms or 0
    wait_s = max(1, math.ceil((next_at_ms - bank.ask_time_ms()) / 1000))
    return Refused("too_fast", detail={"next_at_ms": next_at_ms}, retry_after_s=wait_s)
