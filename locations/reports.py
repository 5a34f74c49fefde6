"""Takes reports: judges them, writes them to live, and returns a verdict on each fix.

An answer means that the fix is in the live Redis; the clock brings it to SQL.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings

from locations import live
from locations.circles import acircles_of, circles_of
from locations.fixes import geofence, grid
from locations.fixes.fix import Measured, Unusable
from locations.fixes.plausibility import Area, State, Verdict, admit, ahead_ms, judge, note_lag
from locations.live import functions
from locations.live.functions import Known, Moved, Taken
from rooms import inside
from rooms import live as rooms_live
from rooms.places import Place
from web import times
from web.refusals import Refused
from web.times import DAY_MS

NEXT_MS = 10_000
# Sooner in a room with a place, whose bets depend on it.
NEXT_NEAR_MS = 5_000
# Fewer while the page is hidden, or while the flusher falls behind.
NEXT_SLOW_MS = 30_000
CROWDED_FROM = functions.QUEUE_MAX // 2
# So often another process may be first; then the report is not taken.
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ReportResult:
    """The result of a report: a verdict on each fix in its order, and when the next is wanted."""

    verdicts: tuple[Verdict, ...]
    next_ms: int
    state: State


@dataclass(frozen=True, slots=True)
class Judged:
    """A report judged against the user's state: the call that writes it, and the state then."""

    call: functions.Call[Taken | Moved]
    after: Known
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class _Report:
    """One report of one user on its way into the live Redis."""

    user_id: int
    measured: Sequence[Measured]
    received_ms: int
    circles: Mapping[int, Place]

    def judged(self, before: Known) -> Judged:
        """Judge the report against the user's state, and make the call that writes it."""
        by_ms = ahead_ms(self.measured, self.received_ms)
        state = before.state
        verdicts: tuple[Verdict, ...] = ()
        for measured in self.measured:
            state, verdict = self._step(state, measured, by_ms)
            verdicts += (verdict,)
        if state.last is not before.state.last:
            state = note_lag(state)
        reasons = _reasons(verdicts)
        if state is before.state:
            return Judged(functions.count(reasons), before, verdicts)
        after = Known(max(before.version + 1, self.received_ms), state)
        kept = [fix for verdict in verdicts for fix in verdict.kept]
        call = functions.report(self.user_id, before, after, reasons=reasons, kept=kept)
        return Judged(call, after, verdicts)

    def _step(self, before: State, measured: Measured, by_ms: int) -> tuple[State, Verdict]:
        retention_ms = settings.LOCATION_RETENTION_DAYS * DAY_MS
        try:
            fix = admit(measured, self.received_ms, retention_ms, by_ms=by_ms)
        except Unusable as unusable:
            return before, Verdict("refused", unusable.reason)
        state, verdict = judge(before, fix)
        if state.last is not before.last:
            state = grid.follow(geofence.stand(state, self.circles), self.user_id)
        return state, verdict

    def result(self, judged: Judged, taken: Taken) -> ReportResult:
        """Remember the new state; returns the result for the user."""
        live.states.put(self.user_id, judged.after)
        is_slow = taken.waiting > CROWDED_FROM or not any(m.is_visible for m in self.measured)
        next_ms = NEXT_SLOW_MS if is_slow else NEXT_NEAR_MS if self.circles else NEXT_MS
        return ReportResult(judged.verdicts, next_ms, judged.after.state)

    def marks(self, before: State, after: State) -> list[rooms_live.Command]:
        """The marks for rooms with a place that a newer fix may concern.

        Marks of the other rooms are made when the user asks or bets there.
        """
        if after.last is None or after.last is before.last:
            return []
        told = geofence.near(after, self.circles) | (before.circles.keys() & self.circles.keys())
        return [
            command
            for room_id in told
            if (mark := geofence.found(after, room_id, self.circles[room_id]))
            for command in inside.note(room_id, self.user_id, mark)
        ]


def _reasons(verdicts: Sequence[Verdict]) -> list[str]:
    """The names to count: each status, and each reason under its status."""
    words: list[str] = [verdict.status for verdict in verdicts]
    words += [f"{v.status}.{v.reason}" for v in verdicts if v.reason]
    return words + [verdict.dropped for verdict in verdicts if verdict.dropped]


def _renewed(before: State, after: State) -> Area | None:
    """The cell that others see, when it was looked up anew; that is every five minutes."""
    return None if after.area == before.area else after.area


def record(user_id: int, measured: Sequence[Measured]) -> ReportResult:
    """Take a report of one user, from a thread.

    Raises Refused: busy (the way to SQL is full; nothing was taken), unavailable.
    """
    report = _Report(user_id, measured, times.now_ms(), circles_of(user_id))
    before = live.states.get(user_id)
    before = before if before.version else live.known(user_id)
    for _attempt in range(ATTEMPTS):
        judged = report.judged(before)
        reply = live.run(judged.call)
        if isinstance(reply, Taken):
            result = report.result(judged, reply)
            if marks := report.marks(before.state, judged.after.state):
                with suppress(rooms_live.LiveAway):
                    rooms_live.ask(marks)
            if area := _renewed(before.state, judged.after.state):
                live.keep_cell(user_id, area)
            return result
        before = reply.known if reply.known.version else live.known(user_id)
    raise Refused("busy", retry_after_s=1)


async def arecord(user_id: int, measured: Sequence[Measured]) -> ReportResult:
    """Take a report of one user from the running event loop; as `record`."""
    report = _Report(user_id, measured, times.now_ms(), await acircles_of(user_id))
    before = live.states.get(user_id)
    before = before if before.version else await live.aknown(user_id)
    for _attempt in range(ATTEMPTS):
        judged = report.judged(before)
        reply = await live.arun(judged.call)
        if isinstance(reply, Taken):
            result = report.result(judged, reply)
            if marks := report.marks(before.state, judged.after.state):
                with suppress(rooms_live.LiveAway):
                    await rooms_live.aask(marks)
            if area := _renewed(before.state, judged.after.state):
                await live.akeep_cell(user_id, area)
            return result
        before = reply.known if reply.known.version else await live.aknown(user_id)
    raise Refused("busy", retry_after_s=1)
