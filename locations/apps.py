"""The app, and what it asks the rooms below to tell it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LocationsConfig(AppConfig):
    name = "locations"
    verbose_name = _("Locations")

    def ready(self) -> None:
        """Hear of who enters or leaves a room, and judge who asks there; models exist only now."""
        from locations import circles, sharing  # noqa: PLC0415
        from rooms import access, inside  # noqa: PLC0415

        access.on_enter.append(circles.circles.entered)
        inside.finders.append(inside.Finder(circles.find, circles.afind))
        access.on_leave.append(sharing.left)
