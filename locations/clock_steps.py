"""The clock's steps for positions. Every step may run in several processes and be repeated."""

from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from locations import live
from locations.fixes.fix import Fix
from locations.fixes.plausibility import FUTURE_MS, LIVE_FOR_MS
from locations.history import partitions as days
from locations.history import storage
from locations.models import BetDecision, Device, UserLocation
from rooms import inside
from rooms import live as rooms_live
from web import times
from web.rows import clocks
from web.rows.halving import halved
from web.times import DAY_MS, HOUR_MS

BATCH = 1_000
ORPHANS_PER_STEP = 200


def flush() -> int:
    """Bring waiting fixes from live to SQL, batch by batch until none waits; returns how many.

    A fix leaves live only after its commit: a killed clock repeats a batch, which changes nothing.
    """
    done = 0
    while entries := live.waiting(BATCH):
        erased = live.erased()
        fixes = [(u, fix) for _id, u, fix in entries if fix.received_ms > erased.get(u, 0)]
        halved(fixes, storage.write, set_aside=_set_aside)
        _erase_again(erased, {user_id for _id, user_id, _fix in entries})
        live.written(entries[-1][0])
        done += len(entries)
        if len(entries) < BATCH:
            break
    return done


def _erase_again(before: dict[int, int], user_ids: set[int]) -> None:
    """Erase again the positions of users who were erased while a batch was written."""
    for user_id, at_ms in live.erased().items():
        if user_id in user_ids and before.get(user_id) != at_ms:
            storage.erase(user_id, at_ms)


def _set_aside(entry: tuple[int, Fix], error: Exception) -> None:
    live.set_fix_aside(*entry, error)


def reap() -> int:
    """Take users off the map who were not seen for 90 seconds; returns how many.

    Users seen at a time ahead of now, by a clock that was wrong, are taken off, too.
    """
    gone = live.reap_ahead(times.now_ms() + FUTURE_MS)
    while some := live.reap(times.now_ms() - LIVE_FOR_MS):
        gone += some
    return gone


def forget_orphans() -> int:
    """Erase the positions of accounts that are gone, 200 at a time; returns how many users.

    Positions have no foreign key, so the database does not do it.
    """
    is_user = Exists(User.objects.filter(pk=OuterRef("pk")))
    orphans = UserLocation.objects.filter(~is_user).values_list("pk", flat=True)
    gone = list(orphans[:ORPHANS_PER_STEP])
    for user_id in gone:
        live.erase(user_id)
        storage.erase(user_id, times.now_ms())
    return len(gone)


def forget_old() -> int:
    """Forget newest positions that are too old to keep, in live and SQL; returns how many.

    Takes 500 users at a time; a user who reports meanwhile is written anew. The earliest of all
    clocks counts. What a wrong clock stamped ahead is taken back once all clocks agree. Raises
    LiveAway, BankAway.
    """
    clock = clocks.read()
    before_ms = clock.earliest_ms - settings.LOCATION_RETENTION_DAYS * DAY_MS
    gone = _take_back(clock.earliest_ms) if clock.do_agree else 0
    after_id = 0
    while some := storage.older(before_ms, after_id):
        live.forget_older(some, before_ms)
        gone += storage.forget_older(some, before_ms)
        after_id = some[-1]
    return gone


def _take_back(now_ms: int) -> int:
    """Remove what is stamped ahead of now; the next fixes of these users count again."""
    live.forget_erased_ahead(now_ms + HOUR_MS)
    return storage.forget_ahead(now_ms + HOUR_MS)


def heard_from(user_ids: Collection[int], since_ms: int) -> set[int]:
    """The users of these with a position, or a call of their phone, since a time."""
    positions = UserLocation.objects.filter(pk__in=user_ids, received_ms__gte=since_ms)
    devices = Device.objects.filter(user__in=user_ids, seen_at_ms__gte=since_ms)
    return {*positions.values_list("pk", flat=True), *devices.values_list("user", flat=True)}


def record_decisions() -> int:
    """Bring decisions about bets from live to SQL; returns how many, with repeated ones.

    One that cannot be read or written is set aside.
    """
    done = 0
    while kept := inside.kept_decisions(BATCH):
        readable = [each for _entry, each in kept if each]
        halved(readable, _write_decisions, set_aside=inside.set_decision_aside)
        rooms_live.forget_decisions([entry for entry, _each in kept])
        done += len(kept)
    return done


def _write_decisions(kept: Sequence[inside.BetDecision]) -> None:
    with transaction.atomic():
        BetDecision.objects.bulk_create(map(_decision_row, kept), ignore_conflicts=True)


def _decision_row(kept: inside.BetDecision) -> BetDecision:
    found = kept.decision
    return BetDecision(
        bet_id=kept.bet_id,
        user_id=kept.user_id,
        room_id=kept.room_id,
        market_id=kept.market_id,
        at_ms=found.at_ms,
        proof=found.proof or "",
        where=found.where,
        accuracy_m=found.accuracy_m,
        away_m=found.away_m,
        age_ms=None if found.age_ms is None else max(0, found.age_ms),
        rule=found.rule,
    )


def partitions() -> list[str]:
    """Make partitions for the coming days, drop those past retention; returns what it did."""
    return days.keep()
