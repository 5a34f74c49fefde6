"""The app, and what it asks the rooms below to tell it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LocationsConfig(AppConfig):
    name = "locations"
    verbose_name = _("Locations")

    def ready(self) -> None:
        """Hear of everybody who enters or leaves a room; models exist only now."""
        from locations import sharing  # noqa: PLC0415
        from locations.circles import circles  # noqa: PLC0415
        from rooms import access  # noqa: PLC0415

        access.on_enter.append(circles.entered)
        access.on_leave.append(sharing.left)
