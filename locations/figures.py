"""The figures of a position for people; an unknown one is “–”."""

from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from locations.fixes.fix import UNKNOWN_ALTITUDE, UNKNOWN_BATTERY, Fix, flag_words
from locations.models import UserLocation
from web.times import now_ms

NOT_KNOWN = "–"
# The statuses and reasons that are counted, and their meaning.
_BECAME = {
    "in.malformed": gettext_noop("not taken: not understood"),
    "in.malformed.no_place": gettext_noop("no place in it"),
    "in.malformed.no_time": gettext_noop("no time in it"),
    "in.encrypted": gettext_noop("not taken: encrypted by the app"),
    "in.too_large": gettext_noop("larger than 512 KB: its beginning was read"),
    "in.too_many": gettext_noop("not taken: more than 2,000 at once"),
    "in.unknown_token": gettext_noop("not taken: no device has such a token"),
    "accepted": gettext_noop("accepted: the newest believed position"),
    "duplicate": gettext_noop("duplicate: nothing new"),
    "duplicate.known": gettext_noop("a position of this time is known"),
    "held": gettext_noop("held: not shown until the next one confirms it"),
    "held.jump": gettext_noop("nobody moves like this"),
    "refused": gettext_noop("refused"),
    "refused.future": gettext_noop("more than five minutes ahead"),
    "refused.null_island": gettext_noop("0, 0: the phone knows nothing"),
    "refused.past": gettext_noop("older than history is kept"),
    "refused.range": gettext_noop("no place on Earth"),
    "refused.too_fast": gettext_noop("before the next one was due"),
    "spike": gettext_noop("held, and then contradicted by the next one"),
    "stale": gettext_noop("stale: kept in history only"),
    "stale.older": gettext_noop("older than the newest one"),
    "stale.ping": gettext_noop("an old position under the present time"),
}
KMH_PER_MPS = 3.6


def fix_of(row: UserLocation) -> Fix:
    """The stored fix of a row."""
    return Fix(**{name: getattr(row, name) for name in Fix.__struct_fields__})


def age(fix_ms: int) -> str:
    """How long ago: in seconds for two minutes, then in minutes, hours, days."""
    age_s = max(0, now_ms() - fix_ms) // 1000
    if age_s < 120:
        return _("%(seconds)s s") % {"seconds": age_s}
    return timesince(timezone.now() - timedelta(seconds=age_s), depth=1)


def flags(number: int) -> str:
    """The words of docs/locations.md, or “–”."""
    return " ".join(flag_words(number)) or NOT_KNOWN


def became(word: str) -> str:
    """The meaning of a counted status or reason; other posts of phones have none."""
    return _(_BECAME[word]) if word in _BECAME else NOT_KNOWN


def degrees(degrees_e7: int) -> str:
    """Degrees to about a decimetre."""
    return f"{degrees_e7 / 1e7:.6f}°"


def accuracy(fix: Fix) -> str:
    """Metres to a decimetre."""
    return NOT_KNOWN if fix.accuracy_m is None else f"{fix.accuracy_m:.1f} m"


def speed(fix: Fix) -> str:
    """Metres per second and km/h."""
    if fix.speed_mps is None:
        return NOT_KNOWN
    return f"{fix.speed_mps * KMH_PER_MPS:.1f} km/h · {fix.speed_mps:.1f} m/s"


def course(fix: Fix) -> str:
    """Whole degrees from north, clockwise."""
    return NOT_KNOWN if fix.course_deg is None else f"{fix.course_deg:.0f}°"


def altitude(fix: Fix) -> str:
    """Whole metres."""
    return NOT_KNOWN if fix.altitude_m == UNKNOWN_ALTITUDE else f"{fix.altitude_m} m"


def battery(fix: Fix) -> str:
    """Percent."""
    return NOT_KNOWN if fix.battery_pct == UNKNOWN_BATTERY else f"{fix.battery_pct} %"
