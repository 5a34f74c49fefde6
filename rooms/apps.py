from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoomsConfig(AppConfig):
    """Lets log-outs and bans be told to all processes."""

    name = "rooms"
    verbose_name = _("Rooms")

    def ready(self) -> None:
        """Runs once, when all apps are loaded."""
        # Models cannot be imported before this moment.
        from accounts.auth import revocation  # noqa: PLC0415
        from rooms.fanout import hub  # noqa: PLC0415

        revocation.tellers.append(hub.post_ended)
