"""Keys for programs: made here for a room or a whole club, and ended."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from rooms.keys import narrow_keys
from rooms.models import RoomKey
from web import limits
from web.admin_site.admin_pages import ReadableTimes
from web.times import now_ms


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a key is for, what it may, and how many days."""

    rights = forms.MultipleChoiceField(
        label=gettext_lazy("Rights"), choices=RoomKey.Right, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"), min_value=1, max_value=limits.KEY_DAYS_MAX, initial=30
    )

    class Meta:
        model = RoomKey
        fields = ("name", "room", "club", "rights")

    def clean(self) -> dict[str, Any]:
        """One of room and club."""
        told = super().clean() or self.cleaned_data
        if bool(told.get("room")) == bool(told.get("club")):
            raise ValidationError(_("Choose a room or a club."))
        return told


@admin.register(RoomKey)
class RoomKeyAdmin(ReadableTimes):
    """Keys, without their texts; one acts with the rights of the operator who made it."""

    form = KeyForm
    fields = ("name", "room", "club", "rights", "days")
    list_display = (
        "name", "room", "club", "by", "told_rights", "made_at_ms", "expires_at_ms", "used_at_ms",
        "ended_at_ms",
    )  # fmt: skip
    list_filter = ("club",)
    list_select_related = ("room", "club", "by")
    search_fields = ("name__folded", "room__code__folded", "by__nickname_folded__folded")
    raw_id_fields = ("room",)
    actions = ("end",)

    @admin.display(description=gettext_lazy("rights"))
    def told_rights(self, key: RoomKey) -> str:
        return ", ".join(str(RoomKey.Right(right).label) for right in key.rights)

    def save_model(self, request: HttpRequest, key: RoomKey, form: Any, change: bool) -> None:
        """Make the key in the operator's name, and tell its text this once."""
        said, by = form.cleaned_data, User.objects.get(pk=request.user.pk or 0)
        made, text = narrow_keys.make(
            by, said["room"] or said["club"], name=said["name"], rights=said["rights"],
            days=said["days"],
        )  # fmt: skip
        key.__dict__.update(made.__dict__)
        told = _("The key, told this once: %(key)s") % {"key": text}
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(permissions=["end"], description=gettext_lazy("End these keys"))
    def end(self, request: HttpRequest, found: QuerySet[RoomKey]) -> None:
        for key in found:
            self.log_change(request, key, _("Ended"))
        count = found.filter(ended_at_ms=None).update(ended_at_ms=now_ms())
        told = ngettext("%d key ended.", "%d keys ended.", count) % count
        self.message_user(request, told, messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether the request's user may end keys: operators who may make them."""
        return self.has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: RoomKey | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RoomKey | None = None) -> bool:
        return False
