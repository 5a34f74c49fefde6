"""Phone apps that report for their user: tokens of 128 bits, kept as hashes, and how to set up."""

import base64
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.auth import bans
from locations.models import Device
from locations.phones.credentials import tokens_in
from web.refusals import Refused
from web.times import now_ms

DEVICES_MAX = 10
TOKEN_BYTES = 16
SEEN_EVERY_MS = 60_000
EVERY_S = 15


@dataclass(frozen=True, slots=True)
class Paired:
    """A new device, with the token that is not kept."""

    device: Device
    token: str


@dataclass(frozen=True, slots=True)
class Sender:
    """The user whose token came with a message, and whether reports of that user are taken."""

    device_id: int
    user_id: int
    is_banned: bool


def digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


def pair(user_id: int, name: str) -> Paired:
    """Make a device with a fresh token. Raises Refused: forbidden (the user has ten)."""
    if Device.objects.filter(user_id=user_id).count() >= DEVICES_MAX:
        raise Refused("forbidden", _("You have ten devices. Remove one first."))
    token = secrets.token_hex(TOKEN_BYTES)
    device = Device.objects.create(
        user_id=user_id, name=name, digest=digest(token), created_at_ms=now_ms()
    )
    return Paired(device, token)


def by_token(text: str) -> Sender | None:
    """The sender of the first token in a text that a device has.

    Tokens are found by their hashes, so that time tells nothing about near misses.
    """
    digests = [digest(token) for token in tokens_in(text)]
    if not digests:
        return None
    devices = Device.objects.filter(digest__in=digests, user__is_active=True).annotate(
        is_banned=Exists(bans.in_force().filter(user=OuterRef("user")))
    )
    rows = devices.values_list("digest", "pk", "user_id", "is_banned", "seen_at_ms")
    found = {row[0]: row[1:] for row in rows}
    known = next((found[each] for each in digests if each in found), None)
    if known is None:
        return None
    device_id, user_id, is_banned, seen_at_ms = known
    # A time ahead was written by a clock that was wrong.
    if abs(now_ms() - seen_at_ms) > SEEN_EVERY_MS:
        Device.objects.filter(pk=device_id).update(seen_at_ms=now_ms())
    return Sender(device_id, user_id, is_banned)


def owntracks_url() -> str:
    return f"{settings.PUBLIC_URL}/in/owntracks/"


def owntracks_link(paired: Paired) -> str:
    """A link that sets OwnTracks up: a report every 15 s, also without movement.

    The format is owntracks.org/booklet/features/remoteconfig.
    """
    wanted = {
        "_type": "configuration",
        "mode": 3,
        "url": owntracks_url(),
        "auth": True,
        "username": f"user-{paired.device.user_id}",
        "password": paired.token,
        "deviceId": f"device-{paired.device.pk}",
        "tid": "RS",
        "monitoring": 2,
        "moveModeLocatorInterval": EVERY_S,
        "locatorInterval": EVERY_S,
        "locatorDisplacement": 10,
        "extendedData": True,
        "ping": 15,
    }
    # Without blanks, because the QR code of it is large enough.
    inline = base64.b64encode(json.dumps(wanted, separators=(",", ":")).encode()).decode()
    return f"owntracks:///config?{urlencode({'inline': inline})}"


def traccar_url(paired: Paired) -> str:
    """An address that sets Traccar Client up when the app scans it as a QR code."""
    return f"{_traccar_intake()}?{urlencode(_traccar_settings(paired))}"


def traccar_link(paired: Paired) -> str:
    """A link that sets Traccar Client up where it runs; versions that know none do nothing.

    The format is lib/configuration_service.dart of github.com/traccar/traccar-client.
    """
    wanted = {"url": _traccar_intake(), **_traccar_settings(paired)}
    return f"org.traccar.client://config?{urlencode(wanted)}"


def _traccar_intake() -> str:
    return f"{settings.PUBLIC_URL}/in/traccar/"


def _traccar_settings(paired: Paired) -> dict[str, object]:
    """The settings of Traccar Client: it must go on reporting without movement."""
    return {
        "id": paired.token,
        "interval": EVERY_S,
        "distance": 0,
        "accuracy": "high",
        "stop_detection": "false",
        "buffer": "true",
    }


def qr(text: str) -> str:
    """A QR code as the source of an image, on white also where the page is dark."""
    return segno.make(text, error="m").svg_data_uri(scale=4, light="#fff")
