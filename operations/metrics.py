"""Figures for Prometheus, read from the stores when they are asked for.

So every web process tells the same. Only what SQL had recorded is remembered, for the time when
SQL is away and the bank alone tells how much waits.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import get_args

from django.core.cache import cache
from django.db import Error
from django.db.models import Min
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from betting import bank
from betting.audit import verdicts
from betting.models import Delivery, Market, Watermark, Webhook
from betting.webhooks import sending
from locations import live as positions
from operations import gate_sentences
from operations.clock.schedule import BEAT
from rooms.models import Club
from web.live import live_redis
from web.live.live_redis import LiveAway
from web.refusals import Refused
from web.rows import set_aside
from web.times import now_ms


class Installation(Collector):
    """Coins by place, how far SQL is behind, books, markets, webhooks, positions, memory, clock."""

    def __init__(self) -> None:
        # Slug and recorded entries of each club, as SQL last told them.
        self._recorded: dict[int, tuple[str, int]] = {}

    def collect(self) -> Iterator[Metric]:
        """Read everything once; an engine that is away leaves its figures out."""
        yield from self._database()
        yield from _bank()
        yield from _money(self._recorded)
        yield from _positions()
        yield _set_aside()
        yield from _memory()
        yield _live()
        yield _clock()

    def _database(self) -> list[Metric]:
        """What SQL is needed for, and whether it answers."""
        is_up = GaugeMetricFamily("ringside_database_up", "Whether the database answers")
        try:
            marks = dict(Watermark.objects.values_list("pk", "seq"))
            clubs = Club.objects.order_by("pk").values_list("pk", "slug")
            self._recorded = {number: (slug, marks.get(number, 0)) for number, slug in clubs}
            found = [*_markets(), _books(), *_webhooks()]
            is_up.add_metric([], 1)
        except Error:
            found = []
            is_up.add_metric([], 0)
        return [*found, is_up]


def _bank() -> Iterator[Metric]:
    is_up = GaugeMetricFamily("ringside_bank_up", "Whether the bank decides, at least in part")
    each_up = GaugeMetricFamily(
        "ringside_bank_primary_up", "Whether it answers and its gate is open", labels=["primary"]
    )
    shut = GaugeMetricFamily("ringside_gate_shut", "Shut for this reason", labels=["reason"])
    states: list[bank.State] = []
    with suppress(bank.BankAway):
        states = bank.states()
    is_up.add_metric([], int(any(state.is_open for state in states)))
    for state in states:
        each_up.add_metric([state.primary.name], int(state.is_open))
    # No figure while no gate was shut.
    for reason in sorted({gate_sentences.read(each.shut_reason) for each in states} - {""}):
        shut.add_metric([reason], 1)
    yield from (is_up, each_up, shut)


def _money(recorded: dict[int, tuple[str, int]]) -> Iterator[Metric]:
    """What the bank tells of each club; how far SQL is behind, also while SQL is away."""
    coins = GaugeMetricFamily("ringside_coins", "Coins by place", labels=["club", "place"])
    seqs = CounterMetricFamily("ringside_journal_entries", "Decisions", labels=["club"])
    behind = GaugeMetricFamily(
        "ringside_journal_behind", "Decisions that SQL does not have yet", labels=["club"]
    )
    for club_id, (slug, recorded_seq) in recorded.items():
        with suppress(bank.BankAway):
            head = bank.find_head(club_id)
            if head is None:
                continue
            for place in ("issued", "burned", "in_wallets", "in_pools", "house"):
                coins.add_metric([slug, place], getattr(head, place))
            seqs.add_metric([slug], head.seq)
            behind.add_metric([slug], head.seq - recorded_seq)
    yield from (coins, seqs, behind)


def _markets() -> Iterator[Metric]:
    counted = GaugeMetricFamily("ringside_markets", "Markets by status", labels=["status"])
    for status in (Market.Status.OPEN, Market.Status.LOCKED):
        counted.add_metric([status], Market.objects.filter(status=status).count())
    held = GaugeMetricFamily("ringside_markets_frozen", "Markets on hold, as where books differ")
    held.add_metric([], Market.objects.filter(frozen=True).count())
    yield from (counted, held)


def _webhooks() -> Iterator[Metric]:
    """Webhooks that did not end; events that wait for them, and how long the oldest does."""
    hooks = GaugeMetricFamily("ringside_webhooks", "Webhooks that did not end", labels=["state"])
    standing = Webhook.objects.filter(ended_at_ms=None)
    for state, is_served in (("served", True), ("paused", False)):
        hooks.add_metric([state], standing.filter(paused_at_ms__isnull=is_served).count())
    waiting = GaugeMetricFamily("ringside_webhook_events_waiting", "Events that nobody took yet")
    oldest = GaugeMetricFamily(
        "ringside_webhook_wait_seconds", "Since the oldest event for a webhook that is not paused"
    )
    overdue = GaugeMetricFamily(
        "ringside_webhook_overdue_seconds", "Since the oldest try that should have been made"
    )
    untaken = Delivery.objects.filter(due_at_ms__isnull=False, webhook__ended_at_ms=None)
    waiting.add_metric([], untaken.count())
    first = untaken.filter(webhook__paused_at_ms=None).aggregate(at_ms=Min("made_at_ms"))["at_ms"]
    oldest.add_metric([], _seconds_since(first))
    due = sending.due(now_ms()).aggregate(at_ms=Min("due_at_ms"))["at_ms"]
    overdue.add_metric([], _seconds_since(due))
    yield from (hooks, waiting, oldest, overdue)


def _seconds_since(at_ms: int | None) -> float:
    return max(0, now_ms() - at_ms) / 1000 if at_ms else 0


def _books() -> Metric:
    """What the last comparisons of each club found; nothing of those that nobody made yet."""
    found = GaugeMetricFamily(
        "ringside_books_differences", "Found by the last comparison", labels=["club", "kind"]
    )
    slugs = dict(Club.objects.values_list("pk", "slug"))
    with suppress(LiveAway):
        for kind in get_args(verdicts.Kind):
            for club_id, verdict in verdicts.last(list(slugs), kind).items():
                found.add_metric([slugs[club_id], kind], verdict.count)
    return found


def _positions() -> Iterator[Metric]:
    """Reported positions by what became of them, with the reasons of docs/locations.md."""
    fixes = CounterMetricFamily("ringside_fixes", "Reported positions", labels=["status", "reason"])
    waiting = GaugeMetricFamily("ringside_fixes_waiting", "Positions that SQL does not have yet")
    try:
        for name, count in sorted(positions.counts().items()):
            status, _, reason = name.partition(".")
            fixes.add_metric([status, reason], count)
        waiting.add_metric([], positions.waiting_count())
    except Refused:
        pass
    yield from (fixes, waiting)


def _set_aside() -> Metric:
    """Rows that could not be taken, by what they are: `manage.py set_aside` lists them."""
    found = GaugeMetricFamily("ringside_rows_set_aside", "Rows not taken", labels=["what"])
    with suppress(LiveAway):
        for what, count in sorted(Counter(row.what for row in set_aside.rows()).items()):
            found.add_metric([what], count)
    return found


def _memory() -> Iterator[Metric]:
    """What the bank's levels are read from; they begin at 0.7, 0.85 and 0.95."""
    full = GaugeMetricFamily(
        "ringside_memory_fullness", "Part of maxmemory in use", labels=["role"]
    )
    each_full = GaugeMetricFamily(
        "ringside_bank_primary_fullness", "Part of its maxmemory in use", labels=["primary"]
    )
    shares: list[float] = []
    with suppress(bank.BankAway):
        for primary in bank.primaries():
            with suppress(bank.BankAway):
                shares.append(bank.fullness(primary))
                each_full.add_metric([primary.name], shares[-1])
    if shares:
        full.add_metric(["bank"], max(shares))
    with suppress(LiveAway):
        full.add_metric(["live"], live_redis.fullness())
    yield from (full, each_full)


def _live() -> Metric:
    is_up = GaugeMetricFamily("ringside_live_up", "Whether the live instance answers")
    try:
        live_redis.ask([("PING",)])
        is_up.add_metric([], 1)
    except LiveAway:
        is_up.add_metric([], 0)
    return is_up


def _clock() -> Metric:
    """The age of any clock's last beat; none while the live instance, which keeps it, is away."""
    age = GaugeMetricFamily("ringside_clock_age_seconds", "Since the clock's last sign of life")
    beat = cache.get(BEAT)
    if beat:
        age.add_metric([], max(0, bank.ask_time_ms() - beat["at_ms"]) / 1000)
    return age


registry = CollectorRegistry()
registry.register(Installation())
