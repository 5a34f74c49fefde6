"""Positions over HTTP: reports, the own data, sharing and devices."""

from collections.abc import Mapping

from django.db.models import Count, Max, Min
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from locations import clock_steps, live, messages, screen_code, sharing
from locations.fixes.fix import Fix, Source
from locations.history import erasing, exporting
from locations.messages import (
    CodeAnswer,
    DevicesAnswer,
    DeviceShape,
    ErasedAnswer,
    History,
    MapAnswer,
    MissedShape,
    MyLocation,
    OwntracksSetup,
    PairedAnswer,
    Position,
    PresenceAnswer,
    ReportAnswer,
    Result,
    SharingAnswer,
    TraccarSetup,
)
from locations.models import Device, LocationFix, UserLocation
from locations.phones import devices
from locations.reports import record
from rooms import access
from rooms.api.room_view import known_room, screen_of
from rooms.inside import Decision, inside, keep_code
from rooms.people.screen_passes import WITH_SCREENS
from web import limits, times
from web.contract.descriptions import described
from web.limits import LABEL_CHARACTERS_MAX
from web.negotiation import respond
from web.parsing import malformed, parse, tidy
from web.refusals import Refused
from web.rows import replica

EXPORTS = {
    "json": ("application/json", exporting.as_json),
    "gpx": ("application/gpx+xml", exporting.as_gpx),
}


class OwnView(APIView):
    """A call of which only the user sees the answer."""

    permission_classes = [SignedIn]


class ReportView(OwnView):
    @described(asks=messages.Report, answers={200: ReportAnswer}, refuses=("too_fast",))
    def post(self, request: Request) -> Response:
        """Report up to a hundred fixes; they are judged in the order they stand in."""
        report = parse(request.data, messages.Report)
        limits.check("fixes", f"user:{own_id(request)}")
        outcome = record(own_id(request), [fix.measured(Source.API) for fix in report.fixes])
        results = [Result(verdict.status, verdict.reason) for verdict in outcome.verdicts]
        return respond(ReportAnswer(results, outcome.next_ms))

    def handle_exception(self, exc: Exception) -> Response:
        """Count a report that was refused as a whole, by the code of its refusal."""
        response = super().handle_exception(exc)
        live.tally([f"in.{response.data['error']['code']}"])
        return response


class MeView(OwnView):
    @described(answers={200: MyLocation})
    def get(self, request: Request) -> Response:
        """Everything that is known about the own positions."""
        user_id = own_id(request)
        return respond(
            MyLocation(
                position=own_position(user_id),
                history=own_history(user_id),
                devices=own_devices(user_id),
                sharing=sharing.of(user_id),
            )
        )

    @described(answers={202: ErasedAnswer})
    def delete(self, request: Request) -> Response:
        """Forget all of the user: live, waiting and past positions, devices and sharing."""
        return respond(erasing.erase(own_id(request)), 202)


class ExportView(OwnView):
    @described(
        query=messages.ExportQuery,
        answers={200: ("application/json", "application/gpx+xml")},
        refuses=("too_fast",),
    )
    def get(self, request: Request, query: messages.ExportQuery) -> HttpResponse:
        """The own history as a file; `format` is json (the default) or gpx."""
        limits.check("exports", f"user:{own_id(request)}")
        clock_steps.flush()
        content_type, write = EXPORTS[query.format]
        headers = {"Content-Disposition": f'attachment; filename="ringside.{query.format}"'}
        file = replica.read(write, own_id(request))
        return HttpResponse(file, content_type=content_type, headers=headers)


class SharingView(OwnView):
    @described(
        asks=messages.SharingAsk,
        answers={200: SharingAnswer},
        refuses=("not_found", "too_fast", "not_member", "room_ended"),
    )
    def put(self, request: Request) -> Response:
        """Share a level with a room for some minutes, or stop."""
        ask = parse(request.data, messages.SharingAsk)
        user, room = user_of(request), known_room(request, ask.room) if ask.room else None
        if ask.level != "off":
            if room is None:
                raise malformed("room")
            sharing.share(user, room, ask.level, ask.minutes)
        elif room is not None:
            sharing.stop_in(user, room)
        else:
            sharing.stop(user)
        return respond(SharingAnswer(sharing.of(own_id(request))))


class MapView(OwnView):
    @described(answers={200: MapAnswer}, refuses=("not_member",))
    def get(self, request: Request, code: str) -> Response:
        """The map of a room: its place, and people as far as they show themselves."""
        return respond(sharing.room_map(user_of(request), known_room(request, code)))


class PresenceView(OwnView):
    @described(answers={200: PresenceAnswer}, refuses=("not_member",))
    def get(self, request: Request, code: str) -> Response:
        """Whether bets of this user are taken in the room now, and why not."""
        room = known_room(request, code)
        access.member(room, user_of(request))
        return respond(_presence(inside(room.pk, own_id(request))))

    @described(
        asks=messages.CodeAsk, answers={200: PresenceAnswer}, refuses=("not_member", "not_inside")
    )
    def post(self, request: Request, code: str) -> Response:
        """Prove presence by the code on the screen; good for ten minutes."""
        ask = parse(request.data, messages.CodeAsk)
        room = known_room(request, code)
        access.member(room, user_of(request))
        limits.check("code_misses", f"screen:{own_id(request)}")
        if not screen_code.is_right(room.pk, ask.code, times.now_ms()):
            raise Refused("not_inside", _("This is not the code on the screen now."))
        keep_code(room.pk, own_id(request))
        return respond(_presence(inside(room.pk, own_id(request))))


class ScreenCodeView(APIView):
    authentication_classes = WITH_SCREENS
    permission_classes = [AllowAny]

    @described(answers={200: CodeAnswer})
    def get(self, request: Request, code: str) -> Response:
        """The code that the screen of the place shows now.

        For those who run the room, and for screens that they gave a link.
        """
        room = known_room(request, code)
        screen = screen_of(request, room)
        if screen is None or not screen.screen_id:
            SignedIn().has_permission(request, self)
            access.require_manage(room, user_of(request))
        at_ms = times.now_ms()
        shown = screen_code.code(room.pk, at_ms)
        return respond(CodeAnswer(shown, screen_code.changes_in_ms(at_ms)))


def _presence(decision: Decision) -> PresenceAnswer:
    return PresenceAnswer(
        may_bet=decision.may_bet, why=decision.why, where=decision.where, proof=decision.proof
    )


class DevicesView(OwnView):
    @described(asks=messages.DeviceAsk, answers={201: PairedAnswer})
    def post(self, request: Request) -> Response:
        """Pair a phone app; its token is returned this once."""
        ask = parse(request.data, messages.DeviceAsk)
        name = tidy(ask.name, "name", most=LABEL_CHARACTERS_MAX, least=0) or _("Phone")
        return respond(_paired(devices.pair(own_id(request), name)), 201)

    @described(answers={200: DevicesAnswer})
    def get(self, request: Request) -> Response:
        """The own devices, newest first, without their tokens."""
        return respond(DevicesAnswer(own_devices(own_id(request))))


class DeviceView(OwnView):
    @described(answers={204: None})
    def delete(self, request: Request, device_id: int) -> Response:
        """End a device; its token is invalid from now on."""
        if not Device.objects.filter(pk=device_id, user_id=own_id(request)).delete()[0]:
            raise Refused("not_found")
        return Response(status=204)


def _paired(paired: devices.Paired) -> PairedAnswer:
    link, url = devices.owntracks_link(paired), devices.traccar_url(paired)
    return PairedAnswer(
        id=paired.device.pk,
        name=paired.device.name,
        token=paired.token,
        owntracks=OwntracksSetup(devices.owntracks_url(), link, devices.qr(link)),
        traccar=TraccarSetup(url, devices.qr(url), devices.traccar_link(paired)),
    )


def own_devices(user_id: int) -> list[DeviceShape]:
    """The devices of a user, newest first, with what was not taken of theirs."""
    rows = Device.objects.filter(user_id=user_id).order_by("-pk")
    missed = live.missed(user_id)
    return [
        DeviceShape(d.pk, d.name, d.created_at_ms, d.seen_at_ms or None, _missed(missed.get(d.pk)))
        for d in rows
    ]


def _missed(reasons: Mapping[str, int] | None) -> list[MissedShape]:
    pairs = sorted((reasons or {}).items(), key=lambda pair: -pair[1])
    return [MissedShape(reason, reports) for reason, reports in pairs]


def own_id(request: Request) -> int:
    return user_of(request).id


def own_position(user_id: int) -> Position | None:
    """The newest believed position, from live or SQL, whichever is newer."""
    found = [fix for fix in (_live_fix(user_id), _stored_fix(user_id)) if fix]
    if not found:
        return None
    return messages.position(max(found, key=lambda fix: fix.fix_ms), times.now_ms())


def _live_fix(user_id: int) -> Fix | None:
    try:
        return live.known(user_id).state.last
    except Refused:
        return None


def _stored_fix(user_id: int) -> Fix | None:
    row = UserLocation.objects.filter(pk=user_id).values(*Fix.__struct_fields__).first()
    return Fix(**row) if row else None


def own_history(user_id: int) -> History:
    """How much of the past is kept, and from when to when."""
    return History(
        **LocationFix.objects.filter(user_id=user_id).aggregate(
            fixes=Count("fix_ms"), from_ms=Min("fix_ms"), to_ms=Max("fix_ms")
        )
    )
