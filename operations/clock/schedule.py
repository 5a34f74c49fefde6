"""The clock: everything that must happen without a request.

Each step may be repeated and may run in several processes at once. The bank refuses late bets by
itself, so a clock that stands still delays announcements and never changes a result.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from django.core.cache import cache
from django.db import Error, connection
from django.db.models import Count, F, Q, QuerySet

from accounts.auth import tokens
from betting import bank
from betting.actions import decisions, drafts, payments, wallets
from betting.audit.comparisons.bank_memory import FORGET_AFTER_MS
from betting.models import Market
from betting.receipts import anchors
from locations import clock_steps
from operations import gate_watch
from operations.clock import club_steps, user_cleanup
from operations.clock.club_steps import each as _each
from operations.clock.club_steps import here
from operations.clock.engine_steps import LiveMemory, Rewriter
from operations.clock.guest_cleanup import GuestForgetter
from rooms import chat, live
from rooms.people import attendance
from web.live import live_redis
from web.refusals import Refused
from web.rows import clocks
from web.rows.read_only import READ_ONLY, is_read_only

TICK_S = 0.1
# After work a step rests ten times as long, up to its `busy_every_s`: it then does more at once.
RESTS = 10
MARKETS_PER_STEP = 100
BEAT = "clock:beat"
BEAT_TTL_S = 600
_UNDECIDED = Q(status=Market.Status.LOCKED, decide_seq=None, frozen=False)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Step:
    """Something the clock does again and again."""

    name: str
    every_s: float
    run: Callable[[], object]
    next_s: float = 0.0
    busy_every_s: float = 0.0
    failures: int = 0
    is_failing: bool = False


@dataclass(slots=True)
class Clock:
    """The steps and when each is due; `stop` ends `run` after the step under way."""

    steps: list[Step] = field(default_factory=lambda: all_steps())
    # No event with a lock: a second signal while the first is being heard would wait for ever.
    is_stopped: bool = False
    # Told after each step that ended well: its name and its seconds.
    timed: Callable[[str, float], object] = lambda _name, _seconds: None
    # Told the name of each step that failed.
    failed: Callable[[str], object] = lambda _name: None

    def run(self) -> None:
        """Tick until stopped."""
        while not self.is_stopped:
            began_s = time.monotonic()
            self.tick(began_s)
            time.sleep(max(0.0, TICK_S - (time.monotonic() - began_s)))

    def tick(self, now_s: float) -> None:
        """Take every step that is due; a step that fails is logged, whatever it raised."""
        for step in self.steps:
            if self.is_stopped or now_s < step.next_s:
                continue
            step.next_s = now_s + step.every_s
            began_s, worked_s = time.perf_counter(), time.thread_time()
            try:
                step.run()
                rest_s = RESTS * (time.thread_time() - worked_s)
                step.next_s = max(step.next_s, now_s + min(rest_s, step.busy_every_s))
                step.is_failing = False
                self.timed(step.name, time.perf_counter() - began_s)
            except Exception as error:  # noqa: BLE001 - one step must not stop the others.
                _note_failure(step, error)
                self.failed(step.name)
                _let_go_of_broken(error)

    def stop(self) -> None:
        """Let `run` return soon; a signal handler may call it at any moment."""
        self.is_stopped = True

    def beat(self) -> None:
        """Note in the live instance that the clock runs."""
        cache.set(BEAT, {"at_ms": bank.ask_time_ms()}, BEAT_TTL_S)


def _let_go_of_broken(error: Exception) -> None:
    # A connection that failed may be dead; the next statement opens a new one.
    if isinstance(error, Error) and not connection.in_atomic_block:
        connection.close()


def _note_failure(step: Step, error: Exception) -> None:
    step.failures += 1
    is_known = isinstance(error, (bank.BankAway, bank.BankFull, live_redis.LiveAway, Refused))
    if step.is_failing:
        return
    # Logged once until it works again: an engine that is away would fill the log.
    step.is_failing = True
    if is_read_only(error):
        log.error("clock: %s fails: %s", step.name, READ_ONLY)
        return
    log.error("clock: %s fails: %r", step.name, error, exc_info=None if is_known else error)


def all_steps() -> list[Step]:
    """What the clock does, and how often, in seconds."""
    forgetter, rewriter = Forgetter(), Rewriter()
    return [
        Step("share", 1, here.renew),
        Step("gate", 1, open_gate),
        Step("record", TICK_S, record, busy_every_s=0.5),
        Step("decide", TICK_S, decide_due),
        Step("unresolved", 1, give_up_unresolved),
        # After a start people come back first.
        Step("unattended", 10, lock_unattended, next_s=time.monotonic() + live.HERE_S),
        Step("pay", 0.5, pay),
        Step("open next", 0.5, drafts.open_due),
        Step("corrections", 1, wallets.carry_out_left_over),
        Step("welcome coins", 5, wallets.welcome_left_over),
        Step("forget", 1, forgetter.step),
        Step("memory", 1, LiveMemory().step),
        Step("anchors", 10, anchors.publish_due),
        Step("guests", 2, GuestForgetter().step),
        Step("chat", 0.5, copy_chat),
        Step("positions", 0.5, clock_steps.flush),
        Step("decisions", 0.5, clock_steps.record_decisions),
        Step("positions reaped", 5, clock_steps.reap),
        Step("positions by the day", 600, clock_steps.partitions),
        Step("positions past retention", 600, clock_steps.forget_old),
        Step("positions of nobody", 600, clock_steps.forget_orphans),
        Step("tokens", 10, forget_tokens),
        Step("people forgotten", 1, user_cleanup.forget_users),
        Step("origins of sign-ins", 10, user_cleanup.OriginForgetter().step),
        Step("rewrite", 5, rewriter.step),
    ]


# --- Money


def open_gate() -> None:
    """Check a bank that is shut, and let it decide again; shut an open one that is not right.

    New clubs get their head.
    """
    gate_watch.inspect()


def record() -> None:
    """Record this clock's clubs; as club_steps.record."""
    club_steps.record()


def decide_due() -> None:
    """Lock, call off and make official what is due; one query tells that nothing is.

    Each is tried whatever becomes of the others, unless an engine that all need is away. Raises
    the first error.
    """
    is_late = Q(status=Market.Status.OPEN, closes_at_ms__lte=bank.ask_time_ms())
    if Market.objects.filter(is_late | _UNDECIDED).exists():
        _each([lock_due, call_off_lopsided, make_official], lambda step: step())


def lock_due() -> None:
    """Lock markets that are past their deadline; the first late bet may have done it."""
    due = Market.objects.filter(status=Market.Status.OPEN, closes_at_ms__lte=bank.ask_time_ms())
    _each(_first(due), partial(decisions.lock, None), _club_of)


def _first(markets: QuerySet[Market]) -> Iterable[Market]:
    """The first of some markets with their rooms; that there is none, as most often, costs less."""
    ours = here.rows(markets, "room__club")
    return ours.select_related("room")[:MARKETS_PER_STEP] if ours.exists() else ()


def _club_of(market: Market) -> int:
    return market.room.club_id


def _unnamed() -> QuerySet[Market]:
    return Market.objects.filter(_UNDECIDED, official_at_ms=None)


def lock_unattended() -> None:
    """Lock questions without a deadline that are open too long, or whose room nobody runs.

    The earliest of all clocks counts. Raises LiveAway: it is not known who is there.
    """
    open_ended = Market.objects.filter(status=Market.Status.OPEN, closes_at_ms=None, frozen=False)
    markets = list(open_ended.select_related("room"))
    at_ms = clocks.read().earliest_ms
    attended = attendance.last_attended({market.room for market in markets}, at_ms)
    _each(
        [market for market in markets if _is_unattended(market, attended[market.room_id], at_ms)],
        decisions.lock_unattended,
        _club_of,
    )


def _is_unattended(market: Market, attended_at_ms: int, at_ms: int) -> bool:
    room, opened_at_ms = market.room, market.opened_at_ms or at_ms
    away_ms = at_ms - max(attended_at_ms, opened_at_ms)
    return away_ms >= 1000 * room.unattended_after_s or (
        at_ms - opened_at_ms >= 1000 * room.open_at_most_s
    )


def call_off_lopsided() -> None:
    """Refund markets on which too few have bet, or all on one side."""
    if (unnamed := _unnamed()).exists():
        backed = unnamed.annotate(backed=Count("outcomes", filter=Q(outcomes__coins__gt=0)))
        lopsided = backed.filter(Q(bettors__lt=F("min_bettors")) | Q(backed__lte=1))
        some = here.rows(lopsided, "room__club").select_related("room")[:MARKETS_PER_STEP]
        _each(some, partial(decisions.lock, None), _club_of)


def give_up_unresolved() -> None:
    """Refund markets that nobody decided in time."""
    due = _unnamed().filter(locked_at_ms__lte=bank.ask_time_ms() - 1000 * F("unresolved_after_s"))
    _each(_first(due), decisions.give_up, _club_of)


def make_official() -> None:
    """Decide and pay markets whose result was unofficial for its time; `pay` does what is left."""
    due = Market.objects.filter(_UNDECIDED, official_at_ms__lte=bank.ask_time_ms())
    _each(
        _first(due),
        lambda market: payments.pay_soon(market, decisions.make_official(market)),
        _club_of,
    )


def pay() -> None:
    """Go on with every payment that is under way or was left behind."""
    begun = Market.objects.filter(status__in=(Market.Status.OPEN, Market.Status.LOCKED))
    decided = begun.exclude(decide_seq=None)
    ours = here.rows(decided.filter(frozen=False), "room__club")
    _each(
        ours.values_list("pk", "room__club_id"),
        lambda market: payments.finish(market[0], within_s=payments.PATIENCE_S),
        lambda market: market[1],
    )


class Forgetter:
    """Removes markets from the bank ten minutes after they were paid and recorded.

    Goes through all final markets once after a start, because it does not know what an earlier
    clock has left behind.
    """

    def __init__(self) -> None:
        self._after = (0, 0)
        # Those that were not forgotten yet: a club may be away.
        self._missed: dict[tuple[int, int], None] = {}

    def step(self) -> None:
        """Forget the next hundred."""
        self._missed |= dict.fromkeys(self._next())
        _each(list(self._missed), self._forget, lambda market: market[1])

    def _next(self) -> list[tuple[int, int]]:
        at_ms, pk = self._after
        later = Q(settled_at_ms__gt=at_ms) | Q(settled_at_ms=at_ms, pk__gt=pk)
        until_ms = bank.ask_time_ms() - FORGET_AFTER_MS
        # A range, which is read from an index; final markets alone have such a time.
        ripe = Market.objects.filter(later, settled_at_ms__range=(at_ms, until_ms))
        rows = ripe.order_by("settled_at_ms", "pk").values_list(
            "settled_at_ms", "pk", "room__club_id"
        )
        some = list(rows[:MARKETS_PER_STEP])
        if some:
            self._after = (some[-1][0] or 0, some[-1][1])
        return [(market_id, club_id) for _at_ms, market_id, club_id in some]

    def _forget(self, market: tuple[int, int]) -> None:
        market_id, club_id = market
        bank.run(bank.forget(club_id, market_id))
        del self._missed[market]


def forget_tokens() -> None:
    """Remove refresh tokens that expired by all clocks: without one a guest is lost for good."""
    tokens.forget_expired(clocks.read().earliest_ms)


# --- Talk


def copy_chat() -> None:
    """Copy chat lines into SQL."""
    while chat.copy_chat():
        pass
