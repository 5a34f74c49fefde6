"""The roof as an installed app: it holds commands, checks and the admin site of the house."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class RingsideConfig(AppConfig):
    """Brings commands and system checks."""

    name = "config"
    default = True


class RingsideAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own site."""

    default = False
    default_site = "config.admin.RingsideSite"
