"""The leaderboard of a club: what its members won over all of its rooms, month by month."""

import msgspec
from django.core.cache import cache

from accounts.models import User
from betting.wire import history, sight
from betting.wire.answers import Rank, Ranked
from rooms.models import Club
from web.times import now_ms

COUNTED_MS = 30 * 24 * 3600 * 1000
KEPT_S = 60


def top(club: Club) -> list[Ranked]:
    """The largest winners of a club's questions of the last thirty days; at most a minute old."""
    name = f"club_standings:{club.pk}"
    kept = cache.get(name)
    if kept is None:
        rows = history.nets_in(sight.decided_in_club(club.pk, since_ms=now_ms() - COUNTED_MS))
        best = list(rows.order_by("-net", "user_id").values_list("user_id", "net"))
        best = best[: history.TOP_ROWS]
        people = User.objects.filter(pk__in=[user_id for user_id, _net in best])
        names = dict(people.values_list("pk", "nickname"))
        kept = msgspec.to_builtins(history.lines(best, names))
        cache.set(name, kept, KEPT_S)
    return msgspec.convert(kept, list[Ranked])


def place_of(club: Club, user_id: int) -> Rank | None:
    """The user's own rank and net in a club over the same days; None without a decided bet."""
    since_ms = now_ms() - COUNTED_MS
    return history.place_in(sight.decided_in_club(club.pk, since_ms=since_ms), user_id)
