"""The app, and its hooks in rooms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LocationsConfig(AppConfig):
    name = "locations"
    verbose_name = _("Locations")

    def ready(self) -> None:
        """Register for entering, leaving and questions about a place; models exist only now."""
        from locations import circles, sharing  # noqa: PLC0415
        from rooms import access, inside  # noqa: PLC0415

        access.on_enter.append(circles.circles.entered)
        inside.finders.append(inside.Finder(circles.find, circles.afind))
        access.on_leave.append(sharing.stop_in)
