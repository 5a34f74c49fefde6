"""Events for webhooks, noted in the transaction that records what they tell: both, or neither."""

import logging
from collections.abc import Iterable, Sequence

import msgspec

from betting.bank.values import Entry, read_decision, read_result
from betting.models import Delivery, Kind, Market, Outcome, Webhook
from rooms.models import Room
from web.times import now_ms

log = logging.getLogger(__name__)

Event = Delivery.Event
_OF_MARKS = {
    Kind.OPEN: Event.OPENED,
    Kind.LOCK: Event.LOCKED,
    Kind.RESULT: Event.UNOFFICIAL,
    Kind.WITHDRAW: Event.WITHDRAWN,
    Kind.DONE: Event.OFFICIAL,
}


class EventAnswer(msgspec.Struct, omit_defaults=True):
    """What a receiver is told. `winners` are outcomes, `reason` is why coins go back."""

    event: str
    room: str
    at_ms: int
    market: int | None = None
    question: str | None = None
    seq: int | None = None
    winners: list[int] | None = None
    official_at_ms: int | None = None
    reason: str | None = None


def note_entries(entries: Iterable[Entry]) -> None:
    """Note the marks among entries that were just projected, for the webhooks of their rooms."""
    marks = [entry for entry in entries if entry.kind in _OF_MARKS and entry.market_id]
    if not marks:
        return
    hooks = _hooks(Webhook.objects.filter(room__markets__in={mark.market_id for mark in marks}))
    if not hooks:
        return
    markets = Market.objects.select_related("room").in_bulk({mark.market_id for mark in marks})
    told: list[tuple[Webhook, int | None, EventAnswer]] = []
    for mark in marks:
        market = markets.get(mark.market_id or 0)
        try:
            event = _told(mark, market) if market and market.room_id in hooks else None
        except ValueError:
            # A mark that makes no sense holds up no coins.
            log.exception("No webhook hears of entry %s.", mark.seq)
            continue
        if event and market:
            told += [(hook, market.pk, event) for hook in hooks[market.room_id]]
    _note(told)


def note_room_ended(room: Room, at_ms: int) -> None:
    """Note that a room has ended, for its webhooks."""
    hooks = _hooks(Webhook.objects.filter(room=room)).get(room.pk, ())
    told = EventAnswer(event=Event.ROOM_ENDED, room=room.code, at_ms=at_ms)
    _note([(hook, None, told) for hook in hooks])


def _hooks(found: Iterable[Webhook]) -> dict[int, list[Webhook]]:
    by_room: dict[int, dict[int, Webhook]] = {}
    for hook in found:
        if hook.ended_at_ms is None:
            by_room.setdefault(hook.room_id, {})[hook.pk] = hook
    return {room_id: list(hooks.values()) for room_id, hooks in by_room.items()}


def _told(mark: Entry, market: Market) -> EventAnswer:
    told = EventAnswer(
        event=_OF_MARKS[Kind(mark.kind)], room=market.room.code, at_ms=mark.at_ms,
        market=market.pk, question=market.question, seq=mark.seq,
    )  # fmt: skip
    if mark.kind == Kind.RESULT:
        result, after_ms = read_result(mark.command)
        told.official_at_ms = mark.at_ms + after_ms
        kind, _, command = result.partition(":")
        if kind == "void":
            told.reason = command
        else:
            told.winners = sorted(read_decision(command)[0])
    elif mark.kind == Kind.DONE:
        status, _, reason = mark.command.partition(":")
        if status == Market.Status.VOID:
            told.event, told.reason = Event.VOID, reason
        else:
            won = Outcome.objects.filter(market=market, won=True).order_by("pk")
            told.winners = list(won.values_list("pk", flat=True))
    return told


def _note(told: Sequence[tuple[Webhook, int | None, EventAnswer]]) -> None:
    at_ms = now_ms()
    Delivery.objects.bulk_create(
        Delivery(
            webhook=hook, event=event.event, market_id=market_id,
            body=msgspec.json.encode(event).decode(), made_at_ms=at_ms, due_at_ms=at_ms,
        )
        for hook, market_id, event in told
    )  # fmt: skip
