"""The beginning of a market: a draft, then open. Each step may be repeated.

Checks who may and tells the room; the bank decides every step. The end of a market is in
betting/actions/decisions.py.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.nicknames import looks
from betting import bank
from betting.bank import capacity
from betting.bank.refusals import ask, read, run
from betting.ledger.market_projection import project_hold
from betting.models import Market, Outcome
from betting.wire import boards, broadcast, sight
from betting.wire.requests import NewMarket
from rooms import access
from rooms.models import Room
from web import limits
from web.parsing import given, malformed, tidy
from web.refusals import Refused

DRAFTS_PER_ROOM_MAX = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Author:
    """The user who acts on a room's markets; an operator's own position binds nobody."""

    user: User
    is_operator: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a new market, tidied."""

    question: str
    labels: list[str]


def author(user: User, room: Room) -> Author:
    """The user as the author of acts on this room's markets. Raises Refused: forbidden."""
    if not _runs(user, room):
        raise Refused("forbidden")
    return Author(user, is_operator=user.is_staff and user.has_perm(sight.PERMISSION))


def _runs(user: User, room: Room) -> bool:
    return sight.runs_room(user, access.membership(room, user))


def find(market_id: int) -> Market:
    """A market by its number. Raises Refused: not_found."""
    found = boards.rows(pk=market_id)
    if not found:
        raise Refused("not_found")
    return found[0]


def place_of(market_id: int) -> tuple[int, int] | None:
    """The numbers of a market's room and club; None for no market."""
    found = Market.objects.filter(pk=market_id)
    return found.values_list("room_id", "room__club_id").first()


def texts(new: NewMarket) -> Texts:
    """The question and the labels as they are kept. Raises Refused: malformed."""
    told = Texts(question_of(new.question), labels_of(new.outcomes))
    require_order(new.min_stake, new.max_stake)
    return told


def question_of(text: str) -> str:
    """A question as it is kept. Raises Refused: malformed."""
    return tidy(text, "question", most=limits.QUESTION_CHARACTERS_MAX)


def labels_of(texts: list[str]) -> list[str]:
    """Answers as they are kept. Raises Refused: malformed, also where two look the same."""
    labels = [tidy(label, "outcomes", most=limits.LABEL_CHARACTERS_MAX) for label in texts]
    for one, other in combinations(map(looks, labels), 2):
        if not one.isdisjoint(other):
            raise malformed("outcomes", _("Two answers look the same."))
    return labels


def require_order(min_stake: int, max_stake: int | None) -> None:
    """Raises Refused: malformed, where nobody could bet both."""
    if max_stake is not None and max_stake < min_stake:
        raise malformed("max_stake", _("It is below the smallest bet."))


def create(user: User, room: Room, new: NewMarket, told: Texts, *, is_told: bool = True) -> Market:
    """Make a market, and open it unless it shall stay a draft.

    The same key again finds the first one, whatever else is said or has changed, and opens it if
    that was missed. `is_told`: a draft is told to the room at once. Raises Refused: room_ended,
    forbidden, too_many_markets, busy (the bank is nearly full).
    """
    market = _by_key(user, room, given(new.key))
    if market is None and not room.is_live:
        raise Refused("room_ended")
    if market is not None and not _runs(user, room) and not _is_draft(market):
        return market
    by = author(user, room)
    if market is None:
        capacity.require_space("market", room.club_id)
        market = _insert(user, room, new, told)
        if is_told and not new.open:
            broadcast.drafts_changed(room, market.changed_at_ms)
    if new.open and market.status == Market.Status.DRAFT:
        open_market(by, market)
    return market


def open_market(by: Author, market: Market) -> None:
    """Open a draft; its closing time counts from now.

    Raises Refused: not_found (removed meanwhile), room_ended, too_many_markets, busy (the bank is
    nearly full).
    """
    # Before the room's row is locked, so that a bank that is away holds up no other request.
    state_of(market)
    with transaction.atomic():
        # One at a time in a room, so that two openings cannot both be the third market.
        room = Room.objects.select_for_update().get(pk=market.room_id)
        _read_if_changed(market)
        states = _states_of(room)
        is_new = market.pk not in states and not market.is_final
        if is_new:
            _require_room_for_one_more(room, states.values())
            if market.stream_delay_s != room.stream_delay_s:
                market.stream_delay_s = room.stream_delay_s
                market.save(update_fields=["stream_delay_s"])
            outcomes = [outcome.pk for outcome in market.outcomes.all()]
            states[market.pk] = _open(room.club_id, market, outcomes, by.user.pk)
        # An opening whose answer was lost is counted when it is asked for again.
        access.set_open_markets(room.pk, len(states))
    if is_new:
        broadcast.market_changed(market, states[market.pk])
        if market.changed_at_ms:
            broadcast.drafts_changed(market.room, bank.ask_time_ms(), states)


def _open(club_id: int, market: Market, outcomes: list[int], by: int) -> bank.MarketState:
    opened = run(bank.open_market(club_id, market, outcomes, by))
    if isinstance(opened, bank.Denied):
        # Its number was given out before, and SQL has forgotten that market.
        log.critical("market %s is another one in the bank: %s", market.pk, opened.code)
        raise Refused("unavailable")
    return opened.state


def _read_if_changed(draft: Market) -> None:
    """What a draft says counts as it is under the room's lock."""
    changed_at_ms = Market.objects.filter(pk=draft.pk).values_list("changed_at_ms", flat=True)
    if not changed_at_ms:
        raise Refused("not_found")
    if changed_at_ms[0] != draft.changed_at_ms:
        draft.refresh_from_db()


def _states_of(room: Room) -> dict[int, bank.MarketState]:
    """The markets of a room that the bank holds and SQL does not know as final."""
    ids = Market.objects.filter(room=room).exclude(status__in=boards.FINAL)
    return read(room.club_id, list(ids.values_list("id", flat=True))).states


def _require_room_for_one_more(room: Room, states: Iterable[bank.MarketState]) -> None:
    if not room.is_live:
        raise Refused("room_ended")
    undecided = sum(state.status not in boards.FINAL for state in states)
    if undecided >= limits.OPEN_MARKETS_PER_ROOM_MAX:
        raise Refused("too_many_markets")
    capacity.require_space("market", room.club_id)


def freeze(market: Market, *, on: bool) -> bank.MarketState:
    """Put a market on hold, or let it go on: no bets and no payments meanwhile."""
    state = ask(bank.freeze(market.room.club_id, market.pk, on))
    project_hold(state)
    broadcast.market_changed(market, state)
    return state


def state_of(market: Market) -> bank.MarketState | None:
    """A market as the bank has it; None when it is a draft, or forgotten."""
    return read(market.room.club_id, [market.pk]).states.get(market.pk)


def _is_draft(market: Market) -> bool:
    """Whether it was never opened; SQL tells of an opening some moments late."""
    return market.status == Market.Status.DRAFT and state_of(market) is None


def _by_key(user: User, room: Room, key: UUID | None) -> Market | None:
    if key is None:
        return None
    found = Market.objects.filter(room=room, created_by=user, key=key)
    return found.select_related("room").prefetch_related("outcomes").first()


def _insert(user: User, room: Room, new: NewMarket, told: Texts) -> Market:
    require_room_for_drafts(room, 1)
    now_ms = bank.ask_time_ms()
    try:
        with transaction.atomic():
            if not new.open:
                # One at a time in a room, so that two alike are not prepared at once.
                Room.objects.select_for_update().get(pk=room.pk)
                if found := _by_key(user, room, given(new.key)):
                    return found
                require_new_question(room, told.question)
            market = Market.objects.create(
                room=room,
                question=told.question,
                created_by=user,
                created_at_ms=now_ms,
                changed_at_ms=0 if new.open else now_ms,
                key=given(new.key),
                blind=new.blind,
                position=_last_position(room) + 1,
                open_next_since_ms=now_ms if new.open_next and not new.open else None,
                closes_in_s=given(new.closes_in_s),
                min_stake_coins=new.min_stake,
                max_stake_coins=new.max_stake,
                min_bettors=new.min_bettors,
                takeout_bp=new.takeout_bp,
                hedging=new.hedging,
                unresolved_after_s=new.unresolved_after_s,
            )
            answers(market, told.labels)
    except IntegrityError:
        # The same key at the same moment: the other request made it.
        found = _by_key(user, room, given(new.key))
        if found is None:
            raise
        return found
    return market


def answers(market: Market, labels: list[str]) -> None:
    """Give a draft its answers."""
    Outcome.objects.bulk_create(
        Outcome(market=market, number=number, label=label)
        for number, label in enumerate(labels, start=1)
    )


def require_new_question(room: Room, question: str, *, of: int = 0) -> None:
    """Refuse a question that looks like another draft's, of the draft `of` if it has a number.

    The caller holds the room's row. Raises Refused: malformed.
    """
    own = looks(question)
    drafts = Market.objects.filter(room=room, status=Market.Status.DRAFT).exclude(pk=of)
    rows = drafts.values_list("pk", "question")
    alike = [market_id for market_id, text in rows if not own.isdisjoint(looks(text))]
    # One that the bank has opened is a draft in SQL for some moments more.
    if alike and set(alike) - read(room.club_id, alike).states.keys():
        raise malformed("question", _("Another prepared question looks the same."))


def require_room_for_drafts(room: Room, count: int) -> None:
    """Raises Refused: too_many_markets, where a room cannot hold so many more drafts."""
    drafts = Market.objects.filter(room=room, status=Market.Status.DRAFT).count()
    if drafts + count > DRAFTS_PER_ROOM_MAX:
        raise Refused("too_many_markets", _("There are too many drafts in this room."))


def _last_position(room: Room) -> int:
    drafts = Market.objects.filter(room=room, status=Market.Status.DRAFT)
    last: int | None = drafts.aggregate(last=Max("position"))["last"]
    return last or 0
