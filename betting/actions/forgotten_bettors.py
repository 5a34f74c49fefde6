"""What betting forgets of a user, after all bets were played to the end."""

from django.db.models import Q

from accounts.models import User
from betting import ledger
from betting.actions.guest_coins import burn_coins
from betting.ledger.market_projection import rename_decider
from betting.models import Correction, Position, Webhook
from betting.wire import boards
from rooms.models import MAIN_CLUB, Club


def has_open_bets(user_id: int) -> bool:
    """Whether coins of a user are at stake, or a correction of theirs has no answer yet.

    Raises BankAway.
    """
    own = Q(wallet__user_id=user_id) | Q(rooms__memberships__user_id=user_id) | Q(slug=MAIN_CLUB)
    for club_id in Club.objects.filter(own).distinct().values_list("pk", flat=True):
        ledger.record_all(club_id)
    at_stake = Position.objects.filter(user_id=user_id).exclude(market__status__in=boards.FINAL)
    return at_stake.exists() or Correction.objects.filter(user_id=user_id, seq=None).exists()


def forget(user: User) -> None:
    """Burn the coins, end the webhooks, take the name off settlements; may be repeated.

    The account has the new name already. Raises Refused: unavailable, or BankAway.
    """
    burn_coins(user.pk)
    rename_decider(user)
    Webhook.objects.filter(by=user).delete()
