"""The leaderboard of a club: what its members won over all of its rooms in thirty days."""

from django.core.cache import cache

from accounts.models import User
from betting.wire import sight
from betting.wire.answers import LeaderboardAnswer, Rank
from betting.wire.past import history
from rooms.models import Club
from web.times import DAY_MS, now_ms

COUNTED_MS = 30 * DAY_MS
KEPT_S = 60


def leaderboard(club: Club, user_id: int) -> LeaderboardAnswer:
    """The largest winners of a club, and a user's own rank; at most a minute old."""
    nets = _nets(club.pk)
    best = nets[: history.TOP_ROWS]
    people = User.objects.filter(pk__in=[user_id for user_id, _net in best])
    names = dict(people.values_list("pk", "nickname"))
    return LeaderboardAnswer(history.lines(best, names), _rank(nets, user_id))


def _nets(club_id: int) -> list[tuple[int, int]]:
    """(user, net) of all who bet on questions decided in these days, largest net first."""
    name = f"club_standings:{club_id}"
    nets: list[tuple[int, int]] | None = cache.get(name)
    if nets is None:
        rows = history.nets_in(sight.decided_in_club(club_id, since_ms=now_ms() - COUNTED_MS))
        nets = list(rows.order_by("-net", "user_id").values_list("user_id", "net"))
        cache.set(name, nets, KEPT_S)
    return nets


def _rank(nets: list[tuple[int, int]], user_id: int) -> Rank | None:
    own = dict(nets).get(user_id)
    if own is None:
        return None
    return Rank(1 + sum(net > own for _user_id, net in nets), int(own))
