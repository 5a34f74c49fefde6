"""What operators see of people: sign-ins, bans, and who else came from the same device."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import UserAdmin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin.forms import AccountForm, NewAccountForm
from accounts.admin.related import related_users
from accounts.auth import bans, tokens
from accounts.models import Ban, SignIn, User
from web import times
from web.admin_site.admin_pages import (
    Act,
    Inspected,
    Line,
    ReadableInline,
    ReadableTimes,
    ReadOnly,
    Section,
    WithReason,
)
from web.refusals import Refused
from web.times import shown

_BANS_SHOWN = 10
_RIGHTS = ("is_staff", "is_superuser", "groups")


class SignInInline(ReadableInline):
    """The latest sign-ins, to be read only; ending is an action of the list of sign-ins."""

    model = SignIn
    fields = ("created_at", "seen_at", "address", "user_agent", "ended_why")
    extra = max_num = 0
    can_delete = False
    show_change_link = True
    ordering = ("-seen_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignIn]:
        return super().get_queryset(request).filter(ended_at_ms=None)


@admin.register(User)
class PeopleAdmin(Inspected, UserAdmin):  # type: ignore[type-arg]
    """Accounts and guests. Coins are elsewhere and are never edited as a field."""

    form, add_form = AccountForm, NewAccountForm
    list_display = ("id", "nickname", "email", "is_guest", "is_active", "is_banned", "last_seen")
    list_display_links = ("id", "nickname")
    list_filter = ("is_guest", "is_active", "is_staff", "joined_at")
    search_fields = ("=id", "nickname_folded__folded", "email__folded")
    ordering = ("-id",)
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = ("id", "is_guest", "joined_at", "related")
    inlines = (SignInInline,)
    fieldsets = (
        (None, {"fields": ("id", "nickname", "email", "password", "is_guest", "joined_at")}),
        (gettext_lazy("Related accounts"), {"fields": ("related",)}),
        (gettext_lazy("Rights"), {"fields": ("is_active", *_RIGHTS)}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "nickname", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        banned = bans.in_force().filter(user=OuterRef("pk"))
        newest = SignIn.objects.filter(user=OuterRef("pk")).order_by("-seen_at")
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(banned=Exists(banned), seen=newest.values("seen_at")[:1])

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()

    @admin.display(boolean=True, description=gettext_lazy("banned"))
    def is_banned(self, user: User) -> bool:
        return bool(getattr(user, "banned", False))

    @admin.display(description=gettext_lazy("last seen"), ordering="seen")
    def last_seen(self, user: User) -> SafeString:
        return shown(getattr(user, "seen", None))

    @admin.display(description=gettext_lazy("same device or network"))
    def related(self, user: User) -> SafeString:
        """Shown, never punished: a family and a café share both."""
        links = (
            (reverse("admin:accounts_user_change", args=[other.pk]), str(other), ", ".join(why))
            for other, why in related_users(user)
        )
        return format_html_join(", ", '<a href="{}">{}</a> ({})', links) or SafeString("–")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: the ledger names people; an account is made inactive instead."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """An operator's row only by superusers: its password gives all rights of that operator."""
        may_touch = obj is None or _may_touch(request, obj)
        return may_touch and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Rights are given by superusers alone."""
        found = super().get_readonly_fields(request, obj)
        return found if request.user.is_superuser else [*found, *_RIGHTS]

    def save_model(self, request: HttpRequest, user: User, form: Any, change: bool) -> None:
        """Keep a row; a user who is no longer active loses every sign-in."""
        super().save_model(request, user, form, change)
        if not user.is_active:
            tokens.end_all(user, "inactive")

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Set another password; every sign-in with the old one ends."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            user = User.objects.get(pk=id)
            tokens.end_all(user, "password changed")
            # An operator who changes their own goes on in this browser.
            update_session_auth_hash(request, user)
        return response


class ForHours(WithReason):
    """A ban's length and reason."""

    hours = forms.IntegerField(
        label=gettext_lazy("Hours"), min_value=1, max_value=24 * 365, required=False,
        help_text=gettext_lazy("Empty: for good."),
    )  # fmt: skip


def _ban(request: HttpRequest, user: User, said: dict[str, Any]) -> str:
    if not _may_touch(request, user):
        raise Refused("forbidden", _("Operators are banned by superusers only."))
    hours = said.get("hours")
    until_ms = times.now_ms() + hours * times.HOUR_MS if hours else None
    by = User.objects.get(pk=request.user.pk or 0)
    bans.ban(user, said["reason"], by=by, until_ms=until_ms)
    if hours:
        return str(ngettext("Banned for %d hour", "Banned for %d hours", hours) % hours)
    return str(_("Banned for good"))


def _lift_bans(request: HttpRequest, user: User, said: dict[str, Any]) -> str:
    if not _may_touch(request, user):
        raise Refused("forbidden", _("Operators are let in again by superusers only."))
    count = bans.lift(user)
    return ngettext("%d ban lifted", "%d bans lifted", count) % count


def _end_sign_ins(request: HttpRequest, user: User, said: dict[str, Any]) -> str:
    if not _may_touch(request, user):
        raise Refused("forbidden", _("Operators are signed out by superusers only."))
    count = tokens.end_all(user, "ended by operator")
    return ngettext("%d sign-in ended", "%d sign-ins ended", count) % count


def _bans_of(request: HttpRequest, user: User) -> Section:
    """The latest bans of a user, those that are over too."""
    found = user.bans.select_related("by").order_by("-created_at_ms")[:_BANS_SHOWN]
    lines = [
        Line(
            label=ban.reason,
            live=shown(ban.created_at_ms),
            sql=shown(ban.until_ms) if ban.until_ms else _("for good"),
            remark=_("lifted") if ban.lifted_at_ms else str(ban.by or ""),
            url=reverse("admin:accounts_ban_change", args=[ban.pk]),
        )
        for ban in found
    ]
    note = "" if lines else _("Never banned.")
    return Section(title=_("Bans"), live=_("Since"), sql=_("Until"), lines=lines, note=note)


def _may_touch(request: HttpRequest, user: User) -> bool:
    return request.user.is_superuser or not (user.is_staff or user.is_superuser)


def _touchable(request: HttpRequest) -> QuerySet[User]:
    """The users of whom `_may_touch` is true."""
    everybody = User.objects.all()
    if request.user.is_superuser:
        return everybody
    return everybody.filter(is_staff=False, is_superuser=False)


def _may_ban(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.add_ban")


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.change_user")


PeopleAdmin.extras.sections.append(_bans_of)
PeopleAdmin.extras.acts += [
    Act(
        name="ban",
        label=gettext_lazy("Ban"),
        effect=gettext_lazy(
            "Keeps this person out of the whole house. Open sockets close within two seconds;"
            " coins and bets stay as they are."
        ),
        run=_ban,
        may=_may_ban,
        form=ForHours,
    ),
    Act(
        name="lift_bans",
        label=gettext_lazy("Lift bans"),
        effect=gettext_lazy("Lets this person in again, at once."),
        run=_lift_bans,
        may=_may_ban,
        offered=lambda user: bans.active(user) is not None,
        in_lists=True,
    ),
    Act(
        name="end_sign_ins",
        label=gettext_lazy("End all sign-ins"),
        effect=gettext_lazy(
            "Signs this person out everywhere. Open sockets close within two seconds."
        ),
        run=_end_sign_ins,
        may=_may_change,
        in_lists=True,
    ),
]


@admin.register(SignIn)
class SignInAdmin(ReadOnly):
    """Sign-ins, to be read and ended."""

    list_display = ("id", "user", "address", "user_agent", "created_at", "seen_at", "ended_why")
    list_filter = ("ended_why",)
    list_select_related = ("user",)
    search_fields = (
        "=user__id",
        "user__nickname_folded__folded",
        "user__email__folded",
        "=address",
        "=device",
    )
    ordering = ("-seen_at",)
    actions = ("end",)

    @admin.action(permissions=["end"], description=gettext_lazy("End these sign-ins"))
    def end(self, request: HttpRequest, sign_ins: QuerySet[SignIn]) -> None:
        sign_ins = sign_ins.filter(user__in=_touchable(request))
        for sign_in in sign_ins:
            self.log_change(request, sign_in, _("Ended"))
        count = tokens.end(list(sign_ins.values_list("pk", flat=True)), "ended by operator")
        told = ngettext("%d sign-in ended.", "%d sign-ins ended.", count) % count
        self.message_user(request, told, messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether the request's user may end all sign-ins of a person."""
        return _may_change(request)


class BanForm(ForHours, forms.ModelForm):  # type: ignore[type-arg]
    """Whom, why, and for how long."""

    class Meta:
        model = Ban
        fields = ("user", "reason")


@admin.register(Ban)
class BanAdmin(ReadableTimes):
    """Bans: made here, lifted here, never rewritten."""

    list_display = ("user", "reason", "created_at_ms", "until_ms", "lifted_at_ms", "by")
    list_select_related = ("user", "by")
    search_fields = (
        "=user__id",
        "user__nickname_folded__folded",
        "user__email__folded",
        "reason__folded",
    )
    form = BanForm
    fields = ("user", "reason", "hours")
    raw_id_fields = ("user",)
    ordering = ("-created_at_ms",)
    actions = ("lift",)

    @admin.action(permissions=["lift"], description=gettext_lazy("Lift these bans"))
    def lift(self, request: HttpRequest, found: QuerySet[Ban]) -> None:
        found = found.filter(user__in=_touchable(request))
        for ban in found:
            self.log_change(request, ban, _("Lifted"))
        count = found.filter(lifted_at_ms=None).update(lifted_at_ms=times.now_ms())
        told = ngettext("%d ban lifted.", "%d bans lifted.", count) % count
        self.message_user(request, told, messages.SUCCESS)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Whether the request's user may ban."""
        return _may_ban(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The users to choose from: operators are banned by superusers only."""
        if db_field.name == "user":
            kwargs["queryset"] = _touchable(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, ban: Ban, form: Any, change: bool) -> None:
        """Ban from now on; open sockets close within two seconds."""
        hours = form.cleaned_data["hours"]
        ban.by_id = request.user.pk
        ban.created_at_ms = times.now_ms()
        ban.until_ms = ban.created_at_ms + hours * times.HOUR_MS if hours else None
        super().save_model(request, ban, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        return False
