"""Ended sign-ins and bans: every process asks for them once a second, to close open sockets."""

from dataclasses import dataclass

from accounts.models import Ban, SignIn


@dataclass(frozen=True, slots=True)
class Ended:
    """Sign-ins that ended and users who were banned."""

    sign_ins: frozenset[str]
    users: frozenset[int]


def ended_since(at_ms: int) -> Ended:
    """What ended at or after a moment, by two reads of an index.

    Ask with a moment some seconds back: an end is stamped shortly before its transaction is seen.
    """
    sign_ins = SignIn.objects.filter(ended_at_ms__gte=at_ms).values_list("pk", flat=True)
    bans = Ban.objects.filter(created_at_ms__gte=at_ms, lifted_at_ms=None)
    users = bans.values_list("user_id", flat=True)
    return Ended(frozenset(str(pk) for pk in sign_ins), frozenset(users))
