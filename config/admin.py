"""The operator's front door."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class RingsideSite(AdminSite):
    """The stock admin under our own name."""

    site_header = _("Ringside operations")
    site_title = _("Ringside")
    index_title = _("The house")
