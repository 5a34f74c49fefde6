"""Coins of guests who are forgotten: which guests never bet, and burning what they hold."""

from collections.abc import Collection

from django.db.models import QuerySet

from betting import bank, ledger
from betting.bank.refusals import ask
from betting.models import FORGOTTEN, WELCOME, Correction, Kind, LedgerEntry, Market, Wallet
from rooms.models import Room
from web.limits import HOLDING_COINS_MAX
from web.refusals import Refused


def never_bet(user_ids: Collection[int]) -> set[int]:
    """Those of these users who never bet, hosted or asked, nor were given coins by an operator."""
    bets = LedgerEntry.objects.filter(user_id__in=user_ids, kind=Kind.BET)
    involved = [
        bets.values_list("user_id", flat=True),
        Room.objects.filter(host__in=user_ids).values_list("host", flat=True),
        Market.objects.filter(created_by__in=user_ids).values_list("created_by", flat=True),
        Market.objects.filter(decided_by__in=user_ids).values_list("decided_by", flat=True),
        Correction.objects.filter(user__in=user_ids).values_list("user", flat=True),
    ]
    return set(user_ids).difference(*(found.distinct() for found in involved))


def remove_coins(user_ids: Collection[int]) -> set[int]:
    """Burn all coins of these users and forget their wallets; returns the users without coins.

    Repeated, or after a stop anywhere in between, it burns nothing twice and does what is missing.
    Raises Refused: unavailable, or BankAway.
    """
    held = Wallet.objects.filter(user_id__in=user_ids).order_by("user_id", "club_id")
    _record(held)
    # Recording may have brought a bet to SQL that was missing there.
    leaving = never_bet(user_ids)
    wallets = [(club_id, user_id) for club_id, user_id in _pairs(held) if user_id in leaving]
    for club_id, user_id in wallets:
        _burn(club_id, user_id)
    _record(held)
    leaving -= {user_id for club_id, user_id in wallets if not _forget(club_id, user_id)}
    ledger.drop_empty_wallets(leaving)
    return leaving - {user_id for _club_id, user_id in _pairs(held)}


def burn_coins(user_id: int) -> None:
    """Burn all coins of a user, whose entries and empty wallets stay; again it burns no more.

    Raises Refused: unavailable, or BankAway.
    """
    held = Wallet.objects.filter(user_id=user_id)
    for club_id, _user_id in _pairs(held.filter(coins__gt=0)):
        _burn(club_id, user_id)
    _record(held)


def _pairs(wallets: QuerySet[Wallet]) -> list[tuple[int, int]]:
    return list(wallets.values_list("club_id", "user_id"))


def _record(wallets: QuerySet[Wallet]) -> None:
    for club_id in sorted({club_id for club_id, _user_id in _pairs(wallets)}):
        ledger.record_all(club_id)


def _burn(club_id: int, user_id: int) -> None:
    try:
        ask(bank.burn(club_id, user_id, HOLDING_COINS_MAX, f"{FORGOTTEN}{user_id}"))
    except Refused as refused:
        # An empty wallet, perhaps because it was burned before.
        if refused.code != "not_enough_coins":
            raise


def _forget(club_id: int, user_id: int) -> bool:
    commands = [f"{WELCOME}{user_id}", f"{FORGOTTEN}{user_id}"]
    return bank.run(bank.forget_wallet(club_id, user_id, commands))
