"""The tables of the front page: what waits for an operator, busy rooms, operators' latest acts."""

import contextlib
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from betting.bank.refusals import read
from betting.models import Correction, Market, Watermark
from betting.wire import boards
from rooms import live
from rooms.models import Room
from web.admin_site.admin_pages import Verdict
from web.live.live_redis import LiveAway
from web.refusals import Refused
from web.rows import set_aside
from web.times import now_ms

ROWS = 8
UNPAID_AFTER_MS = 30_000
# Without an answer of the bank for so long, a grant or burn is shown as waiting.
UNANSWERED_AFTER_MS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A question or a correction that waits for an operator."""

    url: str
    what: str
    where: str
    state: str
    coins: int
    why: str
    is_bad: bool

    @property
    def told_coins(self) -> str:
        return f"{self.coins:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lively:
    """A room: people here, undecided questions, coins in their pools; None: not known."""

    url: str
    room: Room
    here: int | None
    coins: int | None
    verdict: Verdict

    @property
    def told_coins(self) -> str:
        return "–" if self.coins is None else f"{self.coins:,}"


def troubles() -> list[Trouble]:
    """Questions on hold, unpaid or about to refund themselves; corrections without an answer."""
    at_ms = now_ms()
    held = Market.objects.exclude(status__in=boards.FINAL).filter(
        Q(frozen=True) | Q(status=Market.Status.LOCKED)
    )
    found = [_trouble(market, at_ms) for market in held.select_related("room")[: 20 * ROWS]]
    lost = Correction.objects.filter(seq=None, at_ms__lt=at_ms - UNANSWERED_AFTER_MS)
    told = [each for each in found if each] + [
        Trouble(
            url=reverse("admin:betting_correction_change", args=[each.pk]),
            what=str(each),
            where=str(each.user),
            state=each.get_kind_display(),
            coins=each.coins,
            why=_("The bank has not answered; the clock asks again."),
            is_bad=False,
        )
        for each in lost.select_related("user")[:ROWS]
    ]
    return sorted([*told, *_set_aside()], key=lambda each: not each.is_bad)[:ROWS]


def _set_aside() -> list[Trouble]:
    """Rows that could not be taken, by what they are and why."""
    with contextlib.suppress(LiveAway):
        counts = Counter((row.what, row.why) for row in set_aside.rows())
        return [
            Trouble(
                url=reverse("admin:index"),
                what=_("Set aside: %(count)s × %(what)s") % {"count": count, "what": what},
                where="manage.py set_aside",
                state=why,
                coins=0,
                why=_("It was refused and the rest went on; it is kept for a week."),
                is_bad=False,
            )
            for (what, why), count in sorted(counts.items())
        ]
    return []


def _trouble(market: Market, at_ms: int) -> Trouble | None:
    why, is_bad = "", False
    if market.frozen:
        why, is_bad = _("On hold: no bets, no payments"), True
    elif market.is_paying and at_ms - (market.locked_at_ms or at_ms) > UNPAID_AFTER_MS:
        why = _("Decided, not paid yet")
    elif not market.is_paying and market.locked_at_ms:
        ends_ms = market.locked_at_ms + 1000 * market.unresolved_after_s
        if 2 * (ends_ms - at_ms) < 1000 * market.unresolved_after_s:
            why = _("Refunds itself in %d min") % max(0, (ends_ms - at_ms) // 60_000)
    if not why:
        return None
    return Trouble(
        url=reverse("admin:betting_market_change", args=[market.pk]),
        what=market.question,
        where=market.room.code,
        state=market.get_status_display(),
        coins=market.coins,
        why=why,
        is_bad=is_bad,
    )


def lively_rooms(*, with_bank: bool) -> list[Lively]:
    """The live rooms with most open questions, the newest first among equals.

    A bank that is known to be away is not asked for each of them.
    """
    rooms = list(
        Room.objects.filter(status=Room.Status.LIVE).order_by("-open_markets", "-pk")[:ROWS]
    )
    # Before anything of SQL or the bank is read: what was recorded since explains a difference.
    marks = dict(Watermark.objects.values_list("pk", "seq")) if with_bank else {}
    here: dict[int, int | None] = dict.fromkeys((room.pk for room in rooms), None)
    try:
        numbers = live.ask(live.count_here(list(here), time.time())) if rooms else []
        here.update(zip(here, numbers, strict=True))
    except live.LiveAway:
        pass
    return [
        _lively(room, here[room.pk], marks.get(room.club_id, 0) if with_bank else None)
        for room in rooms
    ]


def _lively(room: Room, here: int | None, recorded_seq: int | None) -> Lively:
    """A room, with its coins in bank and SQL unless `recorded_seq` is None: the bank is away."""
    rows = Market.objects.filter(room=room).exclude(status__in=boards.FINAL)
    in_sql = dict(rows.values_list("pk", "coins"))
    coins = None
    verdict: Verdict = "away"
    if recorded_seq is not None:
        with contextlib.suppress(Refused):
            held = read(room.club_id, list(in_sql))
            coins = sum(sum(state.pools.values()) for state in held.states.values())
            verdict = "same"
            if coins != sum(in_sql.values()):
                verdict = "behind" if held.seq > recorded_seq else "differs"
    url = reverse("admin:rooms_room_change", args=[room.pk])
    return Lively(url=url, room=room, here=here, coins=coins, verdict=verdict)


def recent_acts(request: HttpRequest) -> list[dict[str, Any]]:
    """The latest acts of operators, with reasons; only the own ones without a right to the log."""
    found = LogEntry.objects.select_related("user", "content_type").order_by("-pk")
    if not request.user.has_perm("admin.view_logentry"):
        found = found.filter(user_id=request.user.pk or 0)
    return [
        {
            "entry": entry,
            "at": entry.action_time,
            "told": entry.get_change_message() or entry.get_action_flag_display(),
        }
        for entry in found[:ROWS]
    ]
