"""Sign-in of operators to the admin: by everybody's rules, but with Django's own session."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.auth import bans, cookies, known_devices, passwords
from accounts.models import User
from web import addresses, limits
from web.refusals import Refused


class LimitedBackend(ModelBackend):
    """Django's permissions behind our limits, our equal work and our bans."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The account, or None; too many attempts look like a wrong password."""
        if not username or not password or len(password) > limits.PASSWORD_CHARACTERS_MAX:
            return None
        try:
            address = addresses.of(request) if request is not None else None
            passes = cookies.passes_of(request) if request is not None else ""
            known_devices.count_log_in(username, address, passes)
            user = passwords.owner(username, password)
        except Refused as refused:
            raise PermissionDenied from refused
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """False for the inactive and the banned; asked again with every request of a session."""
        return isinstance(user, User) and bans.may_act(user)
