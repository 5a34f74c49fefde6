"""What happens when somebody new is here; apps above register theirs when they are ready."""

from collections.abc import Callable

from accounts.models import User

# Called after a guest or an account was made and its row is committed. None may raise: whoever
# registers one repeats safely and makes up for a lost call later.
on_arrival: list[Callable[[User], None]] = []


def welcome(user: User) -> None:
    """Tell everybody who asked that this user has arrived."""
    for told in on_arrival:
        told(user)
