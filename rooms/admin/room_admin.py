"""Rooms, members and chat for operators."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.pages import PeopleAdmin
from accounts.models import User
from rooms import access, acts, live, opening
from rooms.fanout import hub
from rooms.models import ChatLine, Membership, Room, RoomAct, RoomScreen, RoomSeat
from rooms.people import moderation
from web.admin_site.admin_pages import (
    Act,
    Inspected,
    Line,
    ReadableTimes,
    ReadOnly,
    Section,
    Unwritten,
)
from web.times import moment, now_ms

ROOMS_SHOWN = 20
# A calendar ends before the time that stands for "for good"; from here on that is meant.
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)


@admin.register(Room)
class RoomAdmin(Inspected):
    """Rooms are ended, never deleted: questions and coins hang on them."""

    list_display = [
        "code", "title", "club", "host", "status", "visibility", "open_markets", "created_at",
    ]  # fmt: skip
    list_filter = ["status", "visibility", "club"]
    list_select_related = ["club", "host"]
    search_fields = ["code__folded", "title_folded__folded", "host__nickname_folded__folded"]
    raw_id_fields = ["host"]
    readonly_fields = ["code", "club", "status", "open_markets", "created_at", "ended_at"]
    help_texts = {
        "visibility": gettext_lazy("Public rooms stand in the lobby."),
        "capacity": gettext_lazy("So many people may be members at once."),
        "official_after_s": gettext_lazy("Until then a result can be withdrawn."),
        "unattended_after_s": gettext_lazy("Of questions without a deadline."),
        "stream_delay_s": gettext_lazy("Holds for questions that are opened from then on."),
        "bets_need_presence": gettext_lazy("Only people at the room's place may bet."),
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Room, form: object, change: bool) -> None:
        """Save, and send the change to the room's sockets at once."""
        super().save_model(request, obj, form, change)
        hub.post_recheck(obj.pk)


def operator_of(request: HttpRequest) -> User:
    """The operator who asks."""
    assert isinstance(request.user, User)
    return request.user


def _end(request: HttpRequest, room: Room, said: dict[str, Any]) -> None:
    opening.end_room(room, operator_of(request))
    hub.post_recheck(room.pk)


RoomAdmin.extras.acts.append(
    Act(
        name="end_rooms",
        label=gettext_lazy("End the room"),
        effect=gettext_lazy(
            "Ends the room for good and shows everybody out. A room with an undecided question"
            " cannot be ended."
        ),
        run=_end,
        may=lambda request: request.user.has_perm("rooms.change_room"),
        offered=lambda room: room.is_live,
        in_lists=True,
    )
)


def _life(request: HttpRequest, room: Room) -> Section:
    """The people here and the last lines: live beside SQL."""
    members = room.memberships.filter(state=Membership.State.IN).count()
    newest = room.chat_lines.order_by("-line_id").first()
    said = _("nothing") if newest is None else newest.text
    lines = [Line(label=_("People: here now, members"), live="–", sql=members, verdict="away")]
    talk = Line(label=_("Last chat line"), live="–", sql=said, verdict="away")
    try:
        here, tail = live.ask([*live.count_here([room.pk], time.time()), *live.tail(room.pk, 1)])
    except live.LiveAway:
        return Section(title=_("Life"), live=_("Live now"), lines=[*lines, talk])
    lines = [Line(label=_("People: here now, members"), live=here, sql=members)]
    frame = json.loads(tail[0]) if tail else None
    # A quiet room's tail is forgotten after a week; SQL keeps its lines.
    is_same = frame is None or (newest is not None and frame["id"] <= newest.line_id)
    lines.append(
        Line(
            label=_("Last chat line"),
            live=frame["text"] if frame else _("nothing"),
            sql=said,
            verdict="same" if is_same else "behind",
        )
    )
    return Section(title=_("Life"), live=_("Live now"), lines=lines)


RoomAdmin.extras.sections.append(_life)


def _rooms_of(request: HttpRequest, user: User) -> Section:
    """The rooms a user belongs to, and in which of them they are now."""
    found = list(user.memberships.select_related("room").order_by("-pk")[:ROOMS_SHOWN])
    try:
        heard = live.ask([live.last_sign(row.room_id, user.pk) for row in found]) if found else []
    except live.LiveAway:
        heard = None
    lines = []
    for number, row in enumerate(found):
        at_s = float(heard[number] or 0) if heard is not None else 0.0
        is_here = at_s > time.time() - live.HERE_S
        seen = "–" if heard is None else _("here now") if is_here else _("away")
        lines.append(
            Line(
                label=str(row.room),
                live=seen,
                sql=f"{row.get_role_display()} · {row.get_state_display()}",
                verdict="away" if heard is None else "",
                url=reverse("admin:rooms_room_change", args=[row.room_id]),
            )
        )
    note = "" if lines else _("In no room yet.")
    return Section(title=_("Rooms"), live=_("Live now"), lines=lines, note=note)


PeopleAdmin.extras.sections.append(_rooms_of)


class DateAndTime(AdminSplitDateTime):
    """The stock pair of fields, each with a name of its own for those who listen."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        names = (gettext_lazy("Date"), gettext_lazy("Time"))
        for field, name in zip(self.widgets, names, strict=True):
            field.attrs["aria-label"] = name


class StandingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A membership with times in place of milliseconds."""

    banned_until = forms.SplitDateTimeField(
        label=gettext_lazy("banned until"), required=False, widget=DateAndTime
    )
    muted_until = forms.SplitDateTimeField(
        label=gettext_lazy("muted until"), required=False, widget=DateAndTime,
        help_text=gettext_lazy("From the year 9999 on: for good."),
    )  # fmt: skip

    class Meta:
        model = Membership
        fields = ("role", "state", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["banned_until"] = moment(self.instance.banned_until_ms)
        muted_ms = self.instance.muted_until_ms
        self.initial["muted_until"] = (
            FOR_GOOD if _is_for_good(muted_ms) else moment(muted_ms or None)
        )

    def clean(self) -> Any:
        """Read empty fields: a ban lasts until it is lifted, and nobody is muted."""
        said: Any = super().clean()
        banned, muted = said.get("banned_until"), said.get("muted_until")
        self.instance.banned_until_ms = int(banned.timestamp() * 1000) if banned else None
        muted_ms = int(muted.timestamp() * 1000) if muted else 0
        self.instance.muted_until_ms = (
            moderation.FOR_GOOD_MS if _is_for_good(muted_ms) else muted_ms
        )
        return said


def _is_for_good(until_ms: int) -> bool:
    return until_ms >= FOR_GOOD.timestamp() * 1000


@admin.register(Membership)
class MembershipAdmin(ReadableTimes):
    """Changing a state here closes that person's sockets within a second."""

    form = StandingForm
    list_display = ["room", "user", "role", "state", "reason", "changed_at_ms"]
    list_filter = ["state", "role"]
    list_select_related = ["room", "user"]
    search_fields = ["room__code__folded", "user__nickname_folded__folded"]
    readonly_fields = ["room", "user", "changed_at_ms"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Membership, form: object, change: bool) -> None:
        """Stamp the change, which is how open sockets hear of it; being sent away costs the role.

        Raises Refused: forbidden, for the host.
        """
        obj.changed_at_ms = now_ms()
        names = getattr(form, "changed_data", ())
        obj.role_given_here = obj.role_given_here or "role" in names
        if "state" in names and obj.state in (Membership.State.REMOVED, Membership.State.BANNED):
            moderation.take_role(obj)
        changed = ", ".join(names)
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            acts.record(
                obj.room_id, RoomAct.What.OPERATOR, by=operator_of(request), of=obj.user,
                detail=changed, reason=obj.reason,
            )  # fmt: skip
        if obj.state != Membership.State.IN:
            access.tell_left(obj.user, obj.room)
        hub.post_recheck(obj.room_id)


@admin.register(ChatLine)
class ChatLineAdmin(Unwritten):
    """Lines of chat; one can be removed, and none can be added or changed."""

    list_display = ["at_ms", "room", "user", "text", "gone_at_ms"]
    list_select_related = ["room", "user"]
    search_fields = ["room__code__folded", "user__nickname_folded__folded", "text__folded"]


@admin.register(RoomAct)
class RoomActAdmin(ReadOnly):
    """The logs of all rooms; nothing is added, changed or removed here."""

    list_display = ["at_ms", "room", "by_name", "what", "of_name", "detail", "reason"]
    list_filter = ["what"]
    list_select_related = ["room"]
    search_fields = [
        "room__code__folded",
        "by_name__folded",
        "of_name__folded",
        "detail__folded",
        "reason__folded",
    ]


@admin.register(RoomSeat)
class RoomSeatAdmin(Unwritten):
    """Offered seats, without their tokens; removing one ends its link."""

    list_display = ["room", "role", "by", "taken_by", "expires_at_ms"]
    list_select_related = ["room", "by", "taken_by"]
    search_fields = ["room__code__folded", "taken_by__nickname_folded__folded"]
    exclude = ["digest"]


@admin.register(RoomScreen)
class RoomScreenAdmin(ReadOnly):
    """Links for big screens, without their codes."""

    list_display = ["room", "by", "made_at_ms", "ended_at_ms"]
    list_select_related = ["room", "by"]
    search_fields = ["room__code__folded", "by__nickname_folded__folded"]
    exclude = ["digest"]
