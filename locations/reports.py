"""Take reports: judge them, make them live, and say what became of each fix.

An answer means that the fix is in the live Redis; the clock brings it to SQL.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings

from locations import live
from locations.circles import acircles_of, circles_of
from locations.fixes import geofence, grid
from locations.fixes.fix import Fix, Measured, Unusable
from locations.fixes.plausibility import State, Verdict, admit, ahead_ms, is_live, judge, note_lag
from locations.live import calls
from locations.live.calls import Known, Moved, Taken
from rooms import inside
from rooms import live as rooms_live
from rooms.places import Place
from web.refusals import Refused

NEXT_MS = 10_000
# Bets in a room with a place want to know sooner who left.
NEXT_NEAR_MS = 5_000
# Nobody looks at this page now, or the flusher falls behind: fewer reports will do.
NEXT_SLOW_MS = 30_000
CROWDED_FROM = calls.QUEUE_MAX // 2
# As often as this another process may be first; then the report is not taken.
ATTEMPTS = 5
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What became of a report: a verdict for each fix in its order, and when to come again."""

    verdicts: tuple[Verdict, ...]
    next_ms: int
    state: State


@dataclass(slots=True)
class _Report:
    """One report of one user on its way into the live Redis."""

    user_id: int
    measured: Sequence[Measured]
    received_ms: int
    circles: Mapping[int, Place]
    before: Known = field(init=False)
    after: Known = field(init=False)
    verdicts: list[Verdict] = field(init=False)

    def __post_init__(self) -> None:
        self.before = live.states.get(self.user_id)

    def call(self) -> calls.Call[Taken | Moved]:
        """Judge everything against what is known, and make the call that writes it."""
        retention_ms = settings.LOCATION_RETENTION_DAYS * DAY_MS
        by_ms = ahead_ms(self.measured, self.received_ms)
        state = self.before.state
        self.verdicts = []
        for measured in self.measured:
            try:
                fix = admit(measured, self.received_ms, retention_ms, by_ms=by_ms)
            except Unusable as unusable:
                self.verdicts.append(Verdict("refused", unusable.reason))
                continue
            before, (state, verdict) = state, judge(state, fix)
            self.verdicts.append(verdict)
            if state.last is not before.last:
                state = grid.follow(geofence.stand(state, self.circles), self.user_id)
        if state.last is not self.before.state.last:
            state = note_lag(state)
        if state is self.before.state:
            self.after = self.before
            return calls.count(self.reasons())
        self.after = Known(max(self.before.version + 1, self.received_ms), state)
        kept: list[Fix] = [fix for verdict in self.verdicts for fix in verdict.kept]
        return calls.report(
            self.user_id, self.before, self.after, reasons=self.reasons(), kept=kept
        )

    def reasons(self) -> list[str]:
        """What is counted: each status, and each reason under its status."""
        words: list[str] = [verdict.status for verdict in self.verdicts]
        words += [f"{v.status}.{v.reason}" for v in self.verdicts if v.reason]
        return words + [verdict.dropped for verdict in self.verdicts if verdict.dropped]

    def took(self, reply: Taken | Moved) -> ReportResult | None:
        """The outcome, or None when somebody else wrote first and it must be judged again."""
        if isinstance(reply, Moved):
            self.before = reply.known
            return None
        live.states.put(self.user_id, self.after)
        is_slow = reply.waiting > CROWDED_FROM or not any(m.is_visible for m in self.measured)
        next_ms = NEXT_SLOW_MS if is_slow else NEXT_NEAR_MS if self.circles else NEXT_MS
        return ReportResult(tuple(self.verdicts), next_ms, self.after.state)

    def marks(self) -> list[rooms_live.Command]:
        """What the rooms with a place are told, when there is a newer live fix.

        Of one that is not live they hear only that the phone's clock is why.
        """
        last, state = self.after.state.last, self.after.state
        if last is None or last is self.before.state.last:
            return []
        if not is_live(last) and not geofence.is_clock_wrong(state):
            return []
        found = [
            (room_id, geofence.mark(state.circles[room_id], place, last, state))
            for room_id, place in self.circles.items()
        ]
        return [
            command
            for room_id, mark in found
            for command in inside.note(room_id, self.user_id, mark)
        ]


def record(user_id: int, measured: Sequence[Measured]) -> ReportResult:
    """Take a report of one user, from a thread.

    Raises Refused: busy (the way to SQL is full; nothing was taken), unavailable.
    """
    report = _Report(user_id, measured, live.now_ms(), circles_of(user_id))
    for _attempt in range(ATTEMPTS):
        if outcome := report.took(live.run(report.call())):
            if marks := report.marks():
                with suppress(rooms_live.LiveAway):
                    rooms_live.ask(marks)
            return outcome
    raise Refused("busy", retry_after_s=1)


async def arecord(user_id: int, measured: Sequence[Measured]) -> ReportResult:
    """The same in a loop."""
    report = _Report(user_id, measured, live.now_ms(), await acircles_of(user_id))
    for _attempt in range(ATTEMPTS):
        if outcome := report.took(await live.arun(report.call())):
            if marks := report.marks():
                with suppress(rooms_live.LiveAway):
                    await rooms_live.aask(marks)
            return outcome
    raise Refused("busy", retry_after_s=1)
