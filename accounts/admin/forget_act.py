"""Forgetting a person at their wish: the act on their page, and who waits for it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import forgetting
from accounts.admin.pages import PeopleAdmin
from accounts.models import Forgetting, User
from web.admin_site.admin_pages import Act, ReadOnly


def _forget(request: HttpRequest, user: User, said: dict[str, Any]) -> str:
    forgetting.ask(user, by=User.objects.get(pk=request.user.pk or 0))
    return _("Will be forgotten once the last open bet is paid.")


def _may_forget(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.delete_user")


PeopleAdmin.extras.acts.append(
    Act(
        name="forget",
        label=gettext_lazy("Forget"),
        effect=gettext_lazy(
            "For good, once the last open bet is paid: name, e-mail, password, sign-ins, chat and"
            " positions of this person are deleted and the coins burned. The ledger keeps a number."
        ),
        run=_forget,
        may=_may_forget,
        offered=lambda user: not (user.is_staff or forgetting.is_asked(user.pk)),
    )
)


@admin.register(Forgetting)
class ForgettingAdmin(ReadOnly):
    """Users to forget, which of them operators asked for, and when it was done; read-only."""

    list_display = ("user", "asked_at_ms", "by", "done_at_ms")
    list_select_related = ("user", "by")
    search_fields = ("=user__id",)
    ordering = ("-asked_at_ms",)
