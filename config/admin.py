"""The operator's front door."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts import operations


class RingsideSite(AdminSite):
    """The stock admin under our own name."""

    site_header = _("Ringside operations")
    site_title = _("Ringside")
    index_title = _("The house")
    index_template = "admin/house.html"

    def get_urls(self) -> list[Any]:
        """The stock pages and our own."""
        own = [path("handshakes/", self.admin_view(self.handshakes), name="handshakes")]
        return [*own, *super().get_urls()]

    def handshakes(self, request: HttpRequest) -> HttpResponse:
        """Why can't they connect?"""
        return operations.why_not(request, self)
