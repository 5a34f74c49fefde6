"""The admin site: its front page, and the pages of our own beside the stock ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.auth import cookies
from accounts.diagnosis import page as operations
from accounts.models import User
from locations import overview_page
from operations.dashboard import page as front
from operations.doctor import page as doctor
from operations.storage import page as storage
from web.refusals import Words


@dataclass(frozen=True, slots=True)
class Page:
    """A page of our own: its address under /admin/ is its name, the front page links to it.

    With a permission only those who have it see the page and the link.
    """

    name: str
    title: Words
    view: Callable[[HttpRequest, AdminSite], HttpResponse]
    permission: str = ""

    def may(self, request: HttpRequest) -> bool:
        return not self.permission or request.user.has_perm(self.permission)


PAGES = (
    Page("handshakes", _("Why can't they connect?"), operations.why_not),
    Page(
        "map",
        _("Where people are now"),
        overview_page.people_map,
        permission="locations.view_userlocation",
    ),
    Page("memory", _("Memory"), doctor.memory),
    Page("storage", _("Storage"), storage.storage),
)


class RingsideSite(AdminSite):
    """The stock admin under our own name, with our own pages."""

    site_header = _("Ringside operations")
    site_title = _("Ringside")
    index_title = _("The house right now")
    index_template = "admin/dashboard.html"

    def get_urls(self) -> list[Any]:
        """The stock pages and our own."""
        refreshed = path("front/", self.admin_view(front.parts), name="front")
        return [refreshed, *(self._route(page) for page in PAGES), *super().get_urls()]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The page to sign in; a device that did so is known from then on."""
        answer = super().login(request, extra_context)
        if request.method == "POST" and isinstance(request.user, User):
            cookies.give_pass(answer, request.user, cookies.passes_of(request))
        return answer

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The front page; its parts are refreshed from `front/`."""
        told = {**(extra_context or {}), **front.context(request)}
        told["pages"] = [page for page in PAGES if page.may(request)]
        return super().index(request, told)

    def _route(self, page: Page) -> URLPattern:
        def view(request: HttpRequest) -> HttpResponse:
            if not page.may(request):
                raise PermissionDenied
            return page.view(request, self)

        return path(f"{page.name}/", self.admin_view(view), name=page.name)
