"""Clubs and their members for operators."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from rooms import clubs, opening
from rooms.admin.room_admin import operator_of
from rooms.fanout import hub
from rooms.models import MAIN_CLUB, Club, ClubMembership, Room
from web import limits
from web.admin_site.admin_pages import Act, Inspected, ReadableTimes, WithReason
from web.parsing import tidy


@admin.register(Club)
class ClubAdmin(Inspected):
    """Clubs; an app above adds their coins to their pages."""

    list_display = ["slug", "title", "owner", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["slug__folded", "title__folded"]
    raw_id_fields = ["owner"]
    readonly_fields = ["created_at"]
    help_texts = {
        "slug": gettext_lazy("Stands in addresses and receipts, and stays as it is given."),
        "refill_below_coins": gettext_lazy(
            "Who has fewer coins, and none on an open question, may take a refill."
        ),
    }

    def has_delete_permission(self, request: HttpRequest, obj: Club | None = None) -> bool:
        """Never: rooms and coins hang on clubs."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Club | None = None) -> Any:
        """The slug stands in addresses and receipts; nobody owns the main club."""
        fixed = ["slug"] if obj else []
        fixed += ["owner"] if obj and obj.slug == MAIN_CLUB else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def save_model(self, request: HttpRequest, obj: Club, form: object, change: bool) -> None:
        """Save, and give the owner the role that goes with it."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            room_ids = clubs.give_to(operator_of(request), obj, obj.owner)
        for room_id in room_ids:
            hub.post_recheck(room_id)


class OpenRoom(WithReason):
    """Whose room it is, and what it is called."""

    title = forms.CharField(label=gettext_lazy("title"), max_length=limits.TITLE_CHARACTERS_MAX)
    host = forms.ModelChoiceField(
        label=gettext_lazy("host"), queryset=User.objects.filter(is_active=True),
        widget=forms.NumberInput, help_text=gettext_lazy("The number of the user."),
    )  # fmt: skip
    visibility = forms.ChoiceField(
        label=gettext_lazy("visibility"), choices=Room.Visibility.choices
    )


def _open_room(request: HttpRequest, club: Club, said: dict[str, Any]) -> str:
    title = tidy(said["title"], "title", most=limits.TITLE_CHARACTERS_MAX)
    room = opening.open_room(
        said["host"], key=None, club=club, title=title, visibility=said["visibility"]
    )
    return _("The room has the code %(code)s.") % {"code": room.code}


ClubAdmin.extras.acts.append(
    Act(
        name="open_room",
        label=gettext_lazy("Open a room in the club"),
        effect=gettext_lazy("Opens a room with coins of this club, hosted by the user you name."),
        run=_open_room,
        may=lambda request: request.user.has_perm("rooms.change_room"),
        form=OpenRoom,
    )
)


@admin.register(ClubMembership)
class ClubMembershipAdmin(ReadableTimes):
    """Members of clubs and their roles. The owner is chosen on the club's page."""

    list_display = ["club", "user", "role", "joined_at_ms"]
    list_filter = ["role"]
    list_select_related = ["club", "user"]
    search_fields = ["club__slug__folded", "user__nickname_folded__folded"]
    readonly_fields = ["club", "user", "joined_at_ms"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: users become members by entering a room."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: ClubMembership | None = None
    ) -> bool:
        """Operators who may change clubs, as in the calls of clubs."""
        return bool(request.user.has_perm("rooms.change_club"))

    def has_delete_permission(
        self, request: HttpRequest, obj: ClubMembership | None = None
    ) -> bool:
        """Never: a member leaves, and an owner is replaced on the club's page."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: ClubMembership | None = None) -> Any:
        """The owner's role is no choice here."""
        fixed = super().get_readonly_fields(request, obj)
        is_owner = obj is not None and obj.role == clubs.ClubRole.OWNER
        return [*fixed, "role"] if is_owner else fixed

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The roles to choose from: moderator and member."""
        kwargs["choices"] = [each for each in clubs.ClubRole.choices if each[0] != "owner"]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: ClubMembership, form: object, change: bool
    ) -> None:
        """Change the role, in the club's live rooms too."""
        _row, room_ids = clubs.give_role(operator_of(request), obj.club, obj.user_id, obj.role)
        for room_id in room_ids:
            hub.post_recheck(room_id)
