"""Hooks that are called for a new user; apps above register theirs when they are ready."""

from collections.abc import Callable

from accounts.models import User

# Called after a guest or an account was made and its row is committed. None may raise: each may
# be repeated, and makes up for a lost call later.
on_arrival: list[Callable[[User], None]] = []


def welcome(user: User) -> None:
    """Call every hook for this new user."""
    for told in on_arrival:
        told(user)
