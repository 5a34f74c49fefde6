"""Drafts: the questions that a room has prepared, seen by those who run it alone.

Each act holds the room's row, as opening does, so that a draft is either changed or opened; and it
tells the room what is prepared then.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import UNSET, UnsetType

from accounts.nicknames import looks
from betting import bank
from betting.actions import markets
from betting.actions.markets import Author
from betting.models import Market
from betting.wire import boards, broadcast
from betting.wire.requests import DraftChange, NewMarket
from rooms.models import Room
from web import limits
from web.parsing import malformed
from web.refusals import Refused

_COLUMNS = {
    "closes_in_s": "closes_in_s",
    "min_stake": "min_stake_coins",
    "max_stake": "max_stake_coins",
    "min_bettors": "min_bettors",
    "takeout_bp": "takeout_bp",
    "hedging": "hedging",
    "unresolved_after_s": "unresolved_after_s",
    "blind": "blind",
}


def change(market: Market, asked: DraftChange) -> Market:
    """Change the fields of a draft that are given; the others stay.

    Raises Refused: malformed, not_found (removed meanwhile), room_ended, market_closed (opened).
    """
    question = None if asked.question is UNSET else markets.question_of(asked.question)
    labels = None if isinstance(asked.outcomes, UnsetType) else markets.labels_of(asked.outcomes)
    with _held(market) as (draft, now_ms):
        if not draft.room.is_live:
            raise Refused("room_ended")
        if question and question != draft.question:
            markets.require_new_question(draft.room, question, of=draft.pk)
            draft.question = question
        for field, column in _COLUMNS.items():
            if (value := getattr(asked, field)) is not UNSET:
                setattr(draft, column, value)
        markets.require_order(draft.min_stake_coins, draft.max_stake_coins)
        if asked.open_next is not UNSET and asked.open_next != _opens_by_itself(draft):
            draft.open_next_since_ms = now_ms if asked.open_next else None
        draft.changed_at_ms = now_ms
        draft.save()
        if labels is not None:
            draft.outcomes.all().delete()
            markets.answers(draft, labels)
    broadcast.drafts_changed(draft.room, now_ms)
    return markets.find(draft.pk)


def remove(market: Market) -> None:
    """Remove a draft for good, also in a room that has ended.

    A draft behind it that opens by itself follows the market before it from now on.
    Raises Refused: not_found (removed already), market_closed (opened).
    """
    with _held(market) as (draft, now_ms):
        draft.delete()
        _first_waits_anew(draft.room, None, now_ms)
    broadcast.drafts_changed(market.room, now_ms)


def order(room: Room, ids: list[int]) -> None:
    """Put drafts into an order; those not named come behind, as they were.

    A number that is no draft here, or no more, is passed over: somebody else may just have opened
    or removed it. Raises Refused: malformed (a number twice), room_ended.
    """
    if len(set(ids)) != len(ids):
        raise malformed("markets")
    with transaction.atomic():
        held = Room.objects.select_for_update().get(pk=room.pk)
        if not held.is_live:
            raise Refused("room_ended")
        now_ms = bank.ask_time_ms()
        drafts = boards.drafts_of(room.pk)
        first = drafts[0].pk if drafts else None
        places = {market_id: place for place, market_id in enumerate(ids)}
        drafts.sort(key=lambda draft: places.get(draft.pk, len(ids)))
        for position, draft in enumerate(drafts, start=1):
            if draft.position != position:
                draft.position, draft.changed_at_ms = position, now_ms
        Market.objects.bulk_update(drafts, ["position", "changed_at_ms"])
        _first_waits_anew(held, first, now_ms)
    broadcast.drafts_changed(room, now_ms)


def duplicate(by: Author, market: Market, key: UUID | UnsetType) -> Market:
    """Prepare a question like another one, a draft or not, behind all others.

    Raises Refused: room_ended, too_many_markets, busy.
    """
    taken = _taken(market.room)
    new = as_new(market, _free_question(market.question, taken), key)
    return markets.create(by.user, market.room, new, markets.texts(new))


def prepare(by: Author, room: Room, questions: Iterable[NewMarket]) -> int:
    """Prepare many questions, all or none; those that are prepared already are passed over.

    Returns how many were new. Raises Refused: room_ended, too_many_markets, busy.
    """
    taken = _taken(room)
    wanted: list[NewMarket] = []
    for question in questions:
        if taken.isdisjoint(own := looks(question.question)):
            wanted.append(question)
            taken |= own
    if not wanted:
        return 0
    with transaction.atomic():
        held = Room.objects.select_for_update().get(pk=room.pk)
        markets.require_room_for_drafts(held, len(wanted))
        for new in wanted:
            markets.create(by.user, held, new, markets.texts(new), is_told=False)
    broadcast.drafts_changed(room, bank.ask_time_ms())
    return len(wanted)


def questions_of(room: Room) -> list[NewMarket]:
    """All questions of a room as they could be prepared anew: those played, then its drafts."""
    played = boards.rows(room_id=room.pk, opened_at_ms__isnull=False)
    played.sort(key=lambda market: (market.opened_at_ms or 0, market.pk))
    return [as_new(market) for market in [*played, *boards.drafts_of(room.pk)]]


def as_new(market: Market, question: str = "", key: UUID | UnsetType = UNSET) -> NewMarket:
    """A market as the request that would prepare it, open_next left out."""
    return NewMarket(
        question=question or market.question,
        outcomes=[outcome.label for outcome in market.outcomes.all()],
        closes_in_s=market.closes_in_s or UNSET,
        min_stake=market.min_stake_coins,
        max_stake=market.max_stake_coins,
        min_bettors=market.min_bettors,
        takeout_bp=market.takeout_bp,
        hedging=market.hedging,
        unresolved_after_s=market.unresolved_after_s,
        blind=market.blind,
        open=False,
        key=key,
    )


def open_due() -> None:
    """Open the first draft of each room where it follows a market that became final.

    The clock's act. What cannot be opened now, because three run already, is tried again.
    """
    waiting = Market.objects.filter(
        status=Market.Status.DRAFT, open_next_since_ms__isnull=False, room__status=Room.Status.LIVE
    )
    failed: Refused | None = None
    for room_id in waiting.order_by().values_list("room_id", flat=True).distinct():
        draft = boards.drafts_of(room_id)[0]
        if _is_due(draft):
            try:
                markets.open_market(Author(draft.created_by, is_operator=False), draft)
            except Refused as refused:
                # Rooms whose bank answers go on.
                if refused.code in ("unavailable", "busy"):
                    failed = failed or refused
    if failed:
        raise failed


def _is_due(draft: Market) -> bool:
    """Whether the market before became final since this draft was told to follow it."""
    if draft.open_next_since_ms is None:
        return False
    begun = Market.objects.filter(room_id=draft.room_id).exclude(status=Market.Status.DRAFT)
    before = begun.order_by("-opened_at_ms", "-id").first()
    if before is None or not before.is_final:
        return False
    return (before.settled_at_ms or 0) >= draft.open_next_since_ms


@contextmanager
def _held(market: Market) -> Iterator[tuple[Market, int]]:
    """A draft under its room's lock, and the time."""
    # Before the room's row is locked, so that a bank that is away holds up no other request.
    markets.state_of(market)
    with transaction.atomic():
        Room.objects.select_for_update().get(pk=market.room_id)
        draft = markets.find(market.pk)
        if draft.status != Market.Status.DRAFT or markets.state_of(draft):
            raise Refused("market_closed", _("It was opened. Only a draft can be changed."))
        yield draft, bank.ask_time_ms()


def _first_waits_anew(room: Room, first_before: int | None, now_ms: int) -> None:
    """Let a draft that has become the first open by itself only after a market that ends later."""
    for draft in boards.drafts_of(room.pk)[:1]:
        if _opens_by_itself(draft) and draft.pk != first_before:
            since = {"open_next_since_ms": now_ms, "changed_at_ms": now_ms}
            Market.objects.filter(pk=draft.pk).update(**since)


def _opens_by_itself(draft: Market) -> bool:
    return draft.open_next_since_ms is not None


def _taken(room: Room) -> set[str]:
    """How the drafts of a room look, as `looks` tells it."""
    return {look for draft in boards.drafts_of(room.pk) for look in looks(draft.question)}


def _free_question(question: str, taken: set[str]) -> str:
    """A question like no draft of the room: with a number behind it where it is taken."""
    if taken.isdisjoint(looks(question)):
        return question
    for number in count(2):
        end = f" ({number})"
        numbered = question[: limits.QUESTION_CHARACTERS_MAX - len(end)] + end
        if taken.isdisjoint(looks(numbered)):
            return numbered
    raise AssertionError
