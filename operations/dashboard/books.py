"""Whether the books balance, by the last comparisons; and an indicator for each engine."""

from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from betting.audit import verdicts
from betting.audit.wording import worded
from operations import gate_sentences
from operations.dashboard.readings import Reading
from rooms.models import Club
from web.live.live_redis import LiveAway
from web.refusals import Words
from web.times import shown

STALE_MS = 10 * 60_000
CLOCK_WARN_MS, CLOCK_BAD_MS = 5_000, 30_000

Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Books:
    """A word, what stands behind it, and where to look closer."""

    level: Level
    word: str
    sentence: Words
    links: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One engine or process in a few words."""

    level: Level
    text: str


def books(now: Reading) -> Books:
    """The verdict on all clubs together."""
    clubs = list(Club.objects.order_by("pk"))
    ids = [club.pk for club in clubs]
    links = [(reverse("admin:rooms_club_change", args=[club.pk]), club.title) for club in clubs]
    try:
        quick, deep = verdicts.last(ids, "quick"), verdicts.last(ids, "deep")
    except LiveAway:
        why = _("The live instance, which keeps the result of the last comparison, is away.")
        return Books("warn", _("Not known whether books balance"), why, links)
    found = [*quick.values(), *deep.values()]
    wrong = [verdict for verdict in found if not verdict.is_green]
    if wrong or now.is_even is False:
        return Books("bad", _("Books differ"), _wrong(wrong), links)
    if not quick:
        why = _("The clock compares totals every minute.")
        return Books("warn", _("Books not compared yet"), why, links)
    compared_ms = min(verdict.at_ms for verdict in quick.values())
    deep_ms = min((verdict.at_ms for verdict in deep.values()), default=None)
    sentence = _agreeing(list(quick.values()), compared_ms, deep_ms)
    if now.is_open is None or now.at_ms - compared_ms > STALE_MS:
        return Books("warn", _("Books balanced when last compared"), sentence, links)
    return Books("ok", _("Books balance"), sentence, links)


def _agreeing(found: list[verdicts.Verdict], compared_ms: int, deep_ms: int | None) -> SafeString:
    told = _(
        "Bank and ledger agree to the coin: {given} given out = {wallets} in wallets + {pools} in"
        " pools + {house} kept by the house. Totals compared {quick}; everything compared {deep}."
    )
    sums = {
        name: sum(getattr(verdict, name) for verdict in found)
        for name in ("issued", "burned", "in_wallets", "in_pools", "house")
    }
    return format_html(
        told,
        given=f"{sums['issued'] - sums['burned']:,}",
        wallets=f"{sums['in_wallets']:,}",
        pools=f"{sums['in_pools']:,}",
        house=f"{sums['house']:,}",
        quick=shown(compared_ms),
        deep=_("not yet") if deep_ms is None else shown(deep_ms),
    )


def _wrong(wrong: list[verdicts.Verdict]) -> Words:
    if not wrong:
        return _("The bank's own totals do not add up.")
    count = sum(verdict.count for verdict in wrong)
    first = wrong[0].differences[0]
    told = _("{count} found {at}. The first: {what} is {found}, by the ledger {ledger}.")
    return format_html(
        told,
        count=count,
        at=shown(wrong[0].at_ms),
        what=worded(first.what),
        found=worded(first.found),
        ledger=worded(first.ledger),
    )


def indicators(now: Reading) -> list[Indicator]:
    """Gate, clock and the engines."""
    found = []
    if now.is_open is None:
        found.append(Indicator("bad", _("The bank does not answer")))
    elif now.is_open:
        found.append(Indicator("ok", _("Gate open")))
        found.append(Indicator("ok", _("epoch %d") % (now.epoch or 0)))
    else:
        found.append(_not_open(now))
        if now.shut_reason:
            found.append(Indicator("bad", gate_sentences.read(now.shut_reason)))
    if now.live_bytes is None:
        found.append(Indicator("bad", _("The live instance does not answer")))
    if now.database_ms is None:
        found.append(Indicator("bad", _("The database does not answer")))
    return [*found, _clock(now)]


def _not_open(now: Reading) -> Indicator:
    if not now.primaries_open:
        return Indicator("bad", _("Gate shut: no bets are decided"))
    told = _("{open} of {all} servers of the bank decide")
    return Indicator("bad", told.format(open=now.primaries_open, all=now.primaries))


def _clock(now: Reading) -> Indicator:
    if now.clock_age_ms is None:
        return Indicator("bad" if now.live_bytes is not None else "warn", _("No sign of the clock"))
    seconds = now.clock_age_ms / 1000
    level: Level = "ok"
    if now.clock_age_ms >= CLOCK_WARN_MS:
        level = "bad" if now.clock_age_ms >= CLOCK_BAD_MS else "warn"
    return Indicator(level, _("clock ran %.1f s ago") % seconds)
