"""Commands, system checks and the admin site, as an installed app."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class RingsideConfig(AppConfig):
    """Brings commands and system checks."""

    name = "operations"
    default = True

    def ready(self) -> None:
        """Register the checks; their models can be imported only now."""
        import_module("operations.checks")


class RingsideAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own site."""

    default = False
    default_site = "operations.admin.RingsideSite"
