"""The operator's page about memory: findings on both Redis roles, and where their bytes are."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from betting.bank.capacity import MARKS, Level
from operations.doctor.examination import Examined, examine
from operations.doctor.key_sample import Budget
from operations.tables import size
from web.times import moment

# A request samples fewer keys than the command does.
BUDGET = Budget(keys=5_000, seconds=0.5)


def memory(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Examine now and show everything; costs each instance half a second at most."""
    found = examine(BUDGET)
    context = {
        **site.each_context(request),
        "title": _("Memory"),
        "found": found,
        "at": moment(found.at_ms),
        "gauges": [_gauge(each) for each in found.examined],
        "tables": [table for table in found.tables() if table.rows],
        "partly": [each for each in found.examined if not each.sample.is_whole],
    }
    return TemplateResponse(request, "admin/memory.html", context)


def _gauge(each: Examined) -> dict[str, object]:
    instance = each.instance
    return {
        "name": instance.name,
        "used": size(int(instance.info.get("used_memory", 0))),
        "most": size(instance.number("maxmemory")),
        "percent": round(100 * instance.used_share),
        "share": f"{instance.used_share:.3f}",
        "low": MARKS[Level.FILLING],
        "high": MARKS[Level.NEARLY_FULL],
    }
