"""Makes members of rooms in a house, by `manage shell`: guests who signed in and have coins."""

import json
import sys
from datetime import timedelta

from accounts.auth.tokens import AccessToken
from accounts.models import SignIn, User
from accounts.nicknames import skeleton
from betting import bank
from rooms.models import Membership, Room
from web.times import now_ms

ENTERED_AGO_MS = 10**6


def script(count: int, codes: list[str], coins: int) -> str:
    """What `manage shell` has to run for `make_members`."""
    return f"from {__name__} import make_members; make_members({count}, {codes!r}, {coins})"


def make_members(count: int, codes: list[str], coins: int) -> None:
    """Make users who are members of the rooms in turn, and print their access tokens."""
    rooms = list(Room.objects.filter(code__in=codes))
    rooms.sort(key=lambda room: codes.index(room.code))
    first = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    User.objects.bulk_create(
        User(nickname=f"P{first + number}x", is_guest=True) for number in range(count)
    )
    users = list(User.objects.filter(pk__gt=first).order_by("pk"))
    signs = SignIn.objects.bulk_create(SignIn(user=user) for user in users)
    Membership.objects.bulk_create(
        Membership(
            room=rooms[at % len(rooms)], user=user, role=Membership.Role.PLAYER,
            shown_as=user.nickname, skeleton=skeleton(user.nickname),
            entered_at_ms=now_ms() - ENTERED_AGO_MS,
        )
        for at, user in enumerate(users)
    )  # fmt: skip
    for at, user in enumerate(users):
        club_id = rooms[at % len(rooms)].club_id
        bank.run(bank.grant(club_id, user.pk, coins, f"bench:{user.pk}"))
    print(json.dumps([_token(sign) for sign in signs]), file=sys.stdout)


def _token(sign: SignIn) -> str:
    token = AccessToken()
    token.set_exp(lifetime=timedelta(days=1))
    token["user"], token["sign_in"] = sign.user_id, str(sign.pk)
    return str(token)
