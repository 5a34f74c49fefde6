"""The code on the big screen: a second proof of presence, for phones without a position.

Six digits that change every ten seconds; the one before is still taken, because reading takes
time. Nothing is stored: the code follows from the room and the time.
"""

from django.utils.crypto import constant_time_compare, salted_hmac

STEP_MS = 10_000
DIGITS = 6


def code(room_id: int, at_ms: int) -> str:
    """The code of a room at a time."""
    mac = salted_hmac("locations.screen_code", f"{room_id}:{at_ms // STEP_MS}", algorithm="sha256")
    return f"{int.from_bytes(mac.digest()[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def is_right(room_id: int, given: str, at_ms: int) -> bool:
    """Whether this code is or was just on the screen."""
    is_now = constant_time_compare(given, code(room_id, at_ms))
    return constant_time_compare(given, code(room_id, at_ms - STEP_MS)) or is_now


def changes_in_ms(at_ms: int) -> int:
    return STEP_MS - at_ms % STEP_MS
