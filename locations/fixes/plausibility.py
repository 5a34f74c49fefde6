"""Judges which fixes are believed. Pure: a state and a fix give a verdict and the next state.

An implausible fix is not refused at once, because alone it cannot be told from that of a train that
left a tunnel: it is held, and the next fix decides.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from locations.fixes.fix import Fix, Flag, Measured, Unusable, to_fix
from rooms.places import distance_m
from web.times import HOUR_MS

LIVE_FOR_MS = 90_000
EARLY_MS = 5_000
FUTURE_MS = 5 * 60_000
# GPS counts weeks to 1,024 and begins again; receivers that miss it are that far in the past.
ROLLOVER_MS = 1_024 * 7 * 86_400_000

# Faster than 252 km/h is held whatever came before.
SPEED_MAX_MPS = 70.0
# Below 126 km/h, and over less than 100 m, noise looks like speed; it is left alone.
JUMP_FROM_MPS = 35.0
JUMP_FROM_M = 100.0
# After a minute without fixes nothing is known about how the speed grew.
GAP_S = 60.0
SPEED_NOISE_MPS = 8.0
ACCELERATION_MPS2 = 2.0
SPEED_GAIN_MAX_MPS = 20.0
IMPOSSIBLE_MPS = 340.0
JUMP_BLOCK_MS = 10 * 60_000
# Steps of a millisecond count as a second each; anchors this far apart leave nothing to gain.
ANCHOR_MS = 10_000

# Phones tell whole seconds, and networks are slower at times.
LAG_NOISE_MS = 5_000
LAG_STEADY_AFTER_MS = 20_000

RECENT_MAX = 100

Status = Literal["accepted", "duplicate", "stale", "held", "refused"]


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """One user and one circle: within it, and how many fixes in a row said otherwise."""

    is_inside: bool = False
    out: int = 0


class Area(msgspec.Struct, frozen=True, array_like=True):
    """The middle of the cell that others may see, and the five minutes it was looked up in."""

    lat_e7: int
    lon_e7: int
    period: int


class Lag(msgspec.Struct, frozen=True, array_like=True):
    """How late the newest fix came, and since which arrival all came about as late."""

    lag_ms: int
    since_ms: int


class State(msgspec.Struct, frozen=True, array_like=True):
    """The state of one user between two fixes.

    `last` is the newest believed fix, `speed_mps` how fast the user went then; `held` waits for
    the next fix; fixes before `jumped_until_ms` follow an impossible jump from an `anchor`;
    `recent` are the times of the latest fixes, to know a repeated one; `circles` are the user's
    standings towards rooms with a place, `area` is what people see with whom an area is shared.
    """

    last: Fix | None = None
    speed_mps: float | None = None
    held: Fix | None = None
    jumped_until_ms: int = 0
    recent: list[int] = []
    circles: dict[int, Standing] = {}
    area: Area | None = None
    anchor: Fix | None = None
    lag: Lag | None = None


class Verdict(msgspec.Struct, frozen=True):
    """The verdict on one fix: its status, and the rows of history it leads to.

    `kept` goes to history: the fix itself, and a held one that it confirmed. `reason` is told
    and counted; `dropped` is the reason counted for a held fix that it contradicted.
    """

    status: Status
    reason: str | None = None
    kept: tuple[Fix, ...] = ()
    dropped: str | None = None


def ahead_ms(report: Sequence[Measured], received_ms: int) -> int:
    """The least time by which the clock that stamped a report is ahead: 0, or 5 s to 5 min."""
    leads = [fix.fix_ms - received_ms for fix in report if fix.fix_ms is not None]
    lead_ms = max((lead for lead in leads if lead <= FUTURE_MS), default=0)
    return lead_ms if lead_ms > EARLY_MS else 0


def admit(measured: Measured, received_ms: int, retention_ms: int, *, by_ms: int = 0) -> Fix:
    """Correct the time and turn a measured position into a fix.

    Up to 5 s ahead is let through; up to 5 min ahead becomes the time of arrival (flag CLOCK), and
    of a report whose clock is ahead by `by_ms` every time is put back so far. Raises Unusable:
    future (further ahead), past (history would not keep it), and as `to_fix`.
    """
    fix_ms = received_ms if measured.fix_ms is None else measured.fix_ms
    flag = Flag(0)
    if fix_ms < received_ms - retention_ms <= fix_ms + ROLLOVER_MS <= received_ms + FUTURE_MS:
        fix_ms += ROLLOVER_MS
        flag = Flag.CLOCK
    if fix_ms > received_ms + FUTURE_MS:
        raise Unusable("future")
    if fix_ms < received_ms - retention_ms:
        raise Unusable("past")
    if fix_ms > received_ms + EARLY_MS:
        by_ms = max(by_ms, fix_ms - received_ms)
    if by_ms and measured.fix_ms is not None:
        fix_ms -= by_ms
        flag = Flag.CLOCK
    fix = to_fix(measured, fix_ms, received_ms)
    return fix.flagged(flag) if flag else fix


def judge(state: State, fix: Fix) -> tuple[State, Verdict]:
    """Take one more fix into account.

    accepted: the newest believed position. duplicate: this time is known already. stale: older
    than the newest, kept in history only. held: not believed until the next fix confirms it.
    A ping is stale and kept nowhere, unless nothing better is known. What is known from an hour
    and more after the fix's arrival was stamped by a wrong clock of ours, and is forgotten.
    """
    known_ms = max((known.fix_ms for known in (state.last, state.held) if known), default=0)
    if known_ms > fix.received_ms + HOUR_MS:
        state, known_ms = State(), 0
    if fix.fix_ms in state.recent:
        return state, Verdict("duplicate", "known")
    last, held = state.last, state.held
    if last and fix.flags & Flag.PING:
        return state, Verdict("stale", "ping")
    recent = [*state.recent[-(RECENT_MAX - 1) :], fix.fix_ms]
    state = msgspec.structs.replace(state, recent=recent)
    if fix.fix_ms <= known_ms:
        return state, Verdict("stale", "older", kept=(fix,))
    if last is None or last.flags & Flag.PING:
        return _believe(state, (fix,), None)
    if is_plausible(last, fix, state.speed_mps):
        return _believe(state, (fix,), leg(last, fix)[0], dropped="spike" if held else None)
    if held and leg(held, fix)[0] <= SPEED_MAX_MPS:
        return _believe(state, (held, fix), leg(held, fix)[0])
    state = msgspec.structs.replace(state, held=fix)
    dropped = "spike" if held else None
    return state, Verdict("held", "jump", kept=(fix.flagged(Flag.HELD),), dropped=dropped)


def is_live(fix: Fix, at_ms: int | None = None) -> bool:
    """Whether a fix tells the position at a moment, that of its arrival if none is named.

    It must be young enough; a ping never does.
    """
    at_ms = fix.received_ms if at_ms is None else at_ms
    return at_ms - fix.fix_ms <= LIVE_FOR_MS and not fix.flags & Flag.PING


def note_lag(state: State) -> State:
    """Note how late the newest believed fix came; once for each report."""
    if state.last is None:
        return state
    lag_ms = state.last.received_ms - state.last.fix_ms
    if state.lag and abs(lag_ms - state.lag.lag_ms) <= LAG_NOISE_MS:
        return state
    return msgspec.structs.replace(state, lag=Lag(lag_ms, state.last.received_ms))


def steady_lag_ms(state: State) -> int:
    """By how much all fixes of late came late, or 0 when that varies.

    Fixes that a phone kept while offline come less and less late; those that always come as late
    are of a wrong clock, or of a queue that never empties: that cannot be told apart here, so no
    time is corrected by it.
    """
    if state.last is None or state.lag is None:
        return 0
    is_steady = state.last.received_ms - state.lag.since_ms >= LAG_STEADY_AFTER_MS
    return state.lag.lag_ms if is_steady else 0


def _believe(
    state: State, kept: tuple[Fix, ...], speed_mps: float | None, dropped: str | None = None
) -> tuple[State, Verdict]:
    """Make the last of these fixes the newest believed one; an impossible jump marks them.

    `speed_mps` is that of the way there, None where nothing is known of it. What the phone says
    of its speed counts when it is more: some say 0 whatever they do.
    """
    until_ms, anchor = _suspect(state, kept[-1])
    if speed_mps is not None:
        speed_mps = max(speed_mps, kept[-1].speed_mps or 0.0)
    if kept[-1].fix_ms < until_ms:
        kept = tuple(fix.flagged(Flag.JUMP) for fix in kept)
    state = msgspec.structs.replace(
        state,
        last=kept[-1],
        speed_mps=speed_mps,
        held=None,
        jumped_until_ms=until_ms,
        anchor=anchor,
    )
    return state, Verdict("accepted", kept=kept, dropped=dropped)


def _suspect(state: State, fix: Fix) -> tuple[int, Fix | None]:
    """Until when a user is suspected after one more believed fix, and the anchor from then on.

    Measured in the phone's time, so that an old jump in a flushed buffer costs nothing today.
    Only fixes of known accuracy count: those of networks leap by kilometres in honest phones.
    """
    until_ms, anchor = state.jumped_until_ms, state.anchor
    if fix.accuracy_m is None or fix.flags & (Flag.COARSE | Flag.PING):
        return until_ms, anchor
    if anchor and leg(anchor, fix)[0] > IMPOSSIBLE_MPS:
        until_ms = fix.fix_ms + JUMP_BLOCK_MS
    is_old = anchor is None or fix.fix_ms - anchor.fix_ms >= ANCHOR_MS
    return until_ms, fix if is_old else anchor


def is_plausible(before: Fix, after: Fix, speed_mps: float | None) -> bool:
    """Whether a user who went at `speed_mps` can be there, with the benefit of the doubt."""
    needed_mps, gap_s, least_m = leg(before, after)
    if needed_mps > SPEED_MAX_MPS:
        return False
    if speed_mps is None or needed_mps <= JUMP_FROM_MPS:
        return True
    if least_m <= JUMP_FROM_M or gap_s > GAP_S:
        return True
    gain_mps = min(ACCELERATION_MPS2 * gap_s, SPEED_GAIN_MAX_MPS)
    return needed_mps <= speed_mps + SPEED_NOISE_MPS + gain_mps


def leg(before: Fix, after: Fix) -> tuple[float, float, float]:
    """From one fix to a later one: the least speed in m/s, the gap in s, the least distance in m.

    Both accuracies are taken off the distance, and the gap counts as a second at least.
    """
    apart_m = distance_m(before.lat, before.lon, after.lat, after.lon)
    least_m = max(0.0, apart_m - (before.accuracy_m or 0) - (after.accuracy_m or 0))
    gap_s = max(1.0, (after.fix_ms - before.fix_ms) / 1000)
    return least_m / gap_s, gap_s, least_m
