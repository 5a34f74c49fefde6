"""The operator's page about storage: sizes, files, and what removing would do."""

from django.contrib.admin import AdminSite
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from operations.storage import report, table_sizes
from operations.storage.purgeable import KINDS


def storage(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Read all sizes and show them; nothing is removed from here."""
    found = table_sizes.read()
    context = {
        **site.each_context(request),
        "title": _("Storage"),
        "summary": report.summary(found),
        "tables": [table for table in report.tables(found, connection.vendor) if table.rows],
        "kinds": KINDS.values(),
    }
    return TemplateResponse(request, "admin/storage.html", context)
