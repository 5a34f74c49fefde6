"""The evening of a room so far: who won how much, the podium, and the rounds."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Prefetch, Q, Sum
from msgspec import Struct, convert, to_builtins

from betting.models import Kind, LedgerEntry, Market, Outcome
from betting.wire import sight
from betting.wire.answers import Ranked
from betting.wire.past.history import NET, moved, nets, ranked
from rooms.models import Room
from rooms.names import names_of
from web.negotiation import to_spreadsheet
from web.rows import replica

STANDINGS_MAX = 500
ROUNDS_MAX = 200
PODIUM_ROWS = 3
LIVE_TTL_S = 5
# Nothing of an ended room changes but the names of its people.
ENDED_TTL_S = 60
_PAID = Sum("coins", filter=Q(kind=Kind.PAYOUT), default=0)
_LATE = Sum("coins", filter=Q(kind=Kind.REFUND), default=0)
COLUMNS = ["part", "rank", "name", "net", "question", "answers", "odds", "coins", "people"]


class OneRound(Struct):
    """What one person won or lost on one question: all coins back less all that were staked."""

    user: int
    nickname: str
    market: int
    question: str
    net: int


class LongShot(Struct):
    """The winning answer with the highest odds, and who had most on it."""

    user: int
    nickname: str
    market: int
    question: str
    answer: str
    odds: float


class Podium(Struct):
    """The best of the evening; null where nobody won, or lost."""

    first: list[Ranked]
    biggest_win: OneRound | None
    longest_odds: LongShot | None
    unluckiest: OneRound | None


class Round(Struct):
    """A decided question; without winners its stakes were given back."""

    market: int
    question: str
    status: str
    winners: list[str]
    coins: int
    people: int
    decided_at_ms: int | None


class EveningAnswer(Struct):
    """At most 500 people, the best first, of `people`; at most 200 rounds, the newest first."""

    code: str
    title: str
    status: str
    people: int
    standings: list[Ranked]
    podium: Podium
    rounds: list[Round]


def kept_evening(room: Room) -> EveningAnswer:
    """As `evening_of`, at most five seconds old, a minute where the room has ended."""
    name = f"evening:{room.pk}:{room.status}"
    told = cache.get(name)
    if told is None:
        # Plain values: processes of two versions may share them.
        told = to_builtins(evening_of(room) if room.is_live else replica.read(evening_of, room))
        cache.set(name, told, LIVE_TTL_S if room.is_live else ENDED_TTL_S)
    return convert(told, EveningAnswer)


def evening_of(room: Room) -> EveningAnswer:
    """The evening as the ledger has it; of questions that are not decided nothing is told."""
    everybody = nets(room.pk)
    standings = ranked(room.pk, list(everybody[:STANDINGS_MAX]))
    return EveningAnswer(
        code=room.code,
        title=room.title,
        status=room.status,
        people=len(standings) if len(standings) < STANDINGS_MAX else everybody.count(),
        standings=standings,
        podium=_podium(room.pk, standings),
        rounds=_rounds(room.pk),
    )


def _podium(room_id: int, standings: list[Ranked]) -> Podium:
    by_round = moved(room_id).values("user_id", "market_id").annotate(net=NET)
    rows = by_round.values_list("user_id", "market_id", "net")
    return Podium(
        first=[line for line in standings[:PODIUM_ROWS] if line.net > 0],
        biggest_win=_one_round(room_id, rows.filter(net__gt=0).order_by("-net", "market_id")),
        longest_odds=_long_shot(room_id),
        unluckiest=_one_round(room_id, rows.filter(net__lt=0).order_by("net", "market_id")),
    )


def _one_round(room_id: int, rows: Any) -> OneRound | None:
    for user_id, market_id, net in rows[:1]:
        market = Market.objects.get(pk=market_id)
        name = names_of(room_id, [user_id]).get(user_id, "")
        return OneRound(user_id, name, market.pk, market.question, int(net))
    return None


def _long_shot(room_id: int) -> LongShot | None:
    """Odds hold for the stakes that counted, as in a result."""
    kinds = [Kind.PAYOUT, Kind.REFUND]
    sums = moved(room_id).filter(kind__in=kinds).values("outcome_id")
    sums = sums.annotate(paid=_PAID, late=_LATE).filter(paid__gt=0)
    paid = {row["outcome_id"] or 0: row for row in sums}
    best, best_odds = None, 0
    winners = Outcome.objects.filter(pk__in=list(paid)).select_related("market")
    for outcome in winners.order_by("pk"):
        row = paid[outcome.pk]
        odds = 100 * int(row["paid"]) // (outcome.coins - int(row["late"]))
        if odds > best_odds:
            best, best_odds = outcome, odds
    return _shot(room_id, best, best_odds / 100) if best else None


def _shot(room_id: int, outcome: Outcome, odds: float) -> LongShot | None:
    payouts = LedgerEntry.objects.filter(
        market_id=outcome.market_id, kind=Kind.PAYOUT, outcome_id=outcome.pk
    )
    most = payouts.order_by("-coins", "seq").first()
    if most is None or most.user_id is None:
        return None
    name = names_of(room_id, [most.user_id]).get(most.user_id, "")
    market = outcome.market
    return LongShot(most.user_id, name, market.pk, market.question, outcome.label, odds)


def _rounds(room_id: int) -> list[Round]:
    won = Prefetch("outcomes", Outcome.objects.filter(won=True), to_attr="winners")
    markets: Any = sight.decided(room_id).order_by("-settled_at_ms", "-pk").prefetch_related(won)
    return [
        Round(
            market=market.pk,
            question=market.question,
            status=market.status,
            winners=_winners(market),
            coins=market.coins,
            people=market.bettors,
            decided_at_ms=market.settled_at_ms,
        )
        for market in markets[:ROUNDS_MAX]
    ]


def _winners(market: Any) -> list[str]:
    is_paid = market.status == Market.Status.SETTLED
    return [outcome.label for outcome in market.winners] if is_paid else []


def write_csv(evening: EveningAnswer) -> str:
    """The evening as a file, a line each; `part` says what a line is about."""
    out = io.StringIO()
    out.write("\ufeff")
    lines = csv.DictWriter(out, COLUMNS)
    lines.writeheader()
    for line in _lines(evening):
        lines.writerow(
            {
                name: to_spreadsheet(cell) if isinstance(cell, str) else cell
                for name, cell in line.items()
            }
        )
    return out.getvalue()


def _lines(evening: EveningAnswer) -> Iterable[dict[str, Any]]:
    for line in evening.standings:
        yield {"part": "standing", "rank": line.rank, "name": line.nickname, "net": line.net}
    podium = evening.podium
    for part in ("biggest_win", "unluckiest"):
        if one := getattr(podium, part):
            yield {"part": part, "name": one.nickname, "net": one.net, "question": one.question}
    if shot := podium.longest_odds:
        yield {
            "part": "longest_odds", "name": shot.nickname, "question": shot.question,
            "answers": shot.answer, "odds": shot.odds,
        }  # fmt: skip
    for round_ in evening.rounds:
        yield {
            "part": "round", "question": round_.question, "answers": " · ".join(round_.winners),
            "coins": round_.coins, "people": round_.people,
        }  # fmt: skip
