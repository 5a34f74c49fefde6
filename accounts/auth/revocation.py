"""Ended sign-ins and bans: every process asks for them once a second, to close open sockets.

A log-out and a ban are told to all processes besides, which then do not have to ask first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from accounts.models import Ban, SignIn


@dataclass(frozen=True, slots=True)
class Ended:
    """Sign-ins that ended and users who were banned."""

    sign_ins: frozenset[str] = frozenset()
    users: frozenset[int] = frozenset()


# What reaches all processes; apps above put it here.
tellers: list[Callable[[Ended], None]] = []


def tell(ended: Ended) -> None:
    """Let all processes close these sockets at once; inside a transaction, when it is committed."""
    for teller in tellers:
        transaction.on_commit(partial(teller, ended))


def ended_since(at_ms: int) -> Ended:
    """What ended at or after a moment, by two reads of an index.

    Ask with a moment some seconds back: an end is stamped shortly before its transaction is seen.
    """
    sign_ins = SignIn.objects.filter(ended_at_ms__gte=at_ms).values_list("pk", flat=True)
    bans = Ban.objects.filter(created_at_ms__gte=at_ms, lifted_at_ms=None)
    users = bans.values_list("user_id", flat=True)
    return Ended(frozenset(str(pk) for pk in sign_ins), frozenset(users))
