"""The app, and what it asks the rooms below to tell it."""

from django.apps import AppConfig


class LocationsConfig(AppConfig):
    name = "locations"

    def ready(self) -> None:
        """Hear of everybody who enters a room; models exist only now."""
        from rooms import access  # noqa: PLC0415

        from .circles import circles  # noqa: PLC0415

        access.on_enter.append(circles.entered)
