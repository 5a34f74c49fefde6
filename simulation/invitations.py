"""Sign players in without HTTP, so that a crowd does not use up the guests of an address."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from django.db import close_old_connections

from accounts import arrivals
from accounts.auth import cookies, tokens
from accounts.models import User
from rooms.messages import Person
from simulation.player import Player

P = ParamSpec("P")
R = TypeVar("R")


async def invite_guest(player: Player, nickname: str) -> User:
    """Make a guest and hand its cookies to a player."""
    user = await in_thread(_new_guest, nickname)
    await sign_in(player, user)
    return user


async def sign_in(player: Player, user: User) -> None:
    """Hand the cookies of a new sign-in of this user to a player."""
    fresh = await in_thread(tokens.start, user)
    jar, host = player.http.cookies, urlsplit(player.url).hostname or ""
    jar.set(cookies.ACCESS, fresh.access, domain=host)
    jar.set(cookies.REFRESH, fresh.refresh, domain=host, path=cookies.REFRESH_PATH)
    player.person = Person(id=user.pk, nickname=user.nickname)


def _new_guest(nickname: str) -> User:
    user = User.objects.create_user(nickname)
    arrivals.welcome(user)
    return user


async def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run what reads or writes SQL without holding up the loop."""

    def with_connection() -> R:
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.to_thread(with_connection)
