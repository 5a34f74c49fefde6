"""The life of a market: draft, open, locked, then settled or void. Each step may be repeated.

The bank decides every step; here stands who may, and what follows from it. Paying out is in
betting/payments.py.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from betting import bank, ledger, payouts
from betting.actions import payments
from betting.bank import capacity
from betting.bank.refusals import ask, read
from betting.ledger.market_projection import project_hold
from betting.models import Market, Outcome
from betting.wire import boards, broadcast
from betting.wire.messages import CallOff, Decision, NewMarket
from rooms import access
from rooms.models import Membership, Room
from web import limits
from web.parsing import given, malformed, tidy
from web.refusals import Refused

PERMISSION = "betting.change_market"
DRAFTS_PER_ROOM_MAX = 50
RUNS_MARKETS = (Membership.Role.HOST, Membership.Role.COHOST)


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts on markets of a room, and whether as an operator, whom no position binds."""

    user: User
    is_operator: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """What a new market says, tidied."""

    question: str
    labels: list[str]


def author(user: User, room: Room) -> Author:
    """The user as somebody who may run markets here, or Refused `forbidden`."""
    if user.is_staff and user.has_perm(PERMISSION):
        return Author(user, is_operator=True)
    membership = access.membership(room, user)
    if membership is None or membership.role not in RUNS_MARKETS:
        raise Refused("forbidden")
    return Author(user, is_operator=False)


def find(market_id: int) -> Market:
    """A market by its number, or Refused `not_found`."""
    found = boards.rows(pk=market_id)
    if not found:
        raise Refused("not_found")
    return found[0]


def texts(new: NewMarket) -> Texts:
    """The question and the labels as they are kept. Refused: malformed."""
    question = tidy(new.question, "question", most=limits.QUESTION_CHARACTERS_MAX)
    labels = [tidy(label, "outcomes", most=limits.LABEL_CHARACTERS_MAX) for label in new.outcomes]
    if len({label.casefold() for label in labels}) != len(labels):
        raise malformed("outcomes", _("Two answers are the same."))
    if new.max_stake is not None and new.max_stake < new.min_stake:
        raise malformed("max_stake")
    return Texts(question, labels)


def reason(call_off: CallOff) -> str:
    """The host's words as they are kept. Refused: malformed."""
    return tidy(call_off.reason, "reason", most=limits.REASON_CHARACTERS_MAX)


def create(user: User, room: Room, new: NewMarket, told: Texts) -> Market:
    """Make a market, and open it unless it shall stay a draft.

    The same key again finds the first one, whatever else is said, and opens it if that was
    missed. Refused: room_ended, forbidden, too_many_markets, busy (the bank is nearly full).
    """
    market = _by_key(user, room, given(new.key))
    if market is None and not room.is_live:
        raise Refused("room_ended")
    by = author(user, room)
    if market is None:
        capacity.require_space("market")
        market = _insert(user, room, new, told)
    if new.open and market.status == Market.Status.DRAFT:
        open_market(by, market)
    else:
        broadcast.market_changed(market.pk)
    return market


def open_market(by: Author, market: Market) -> None:
    """Open a draft; its closing time counts from now.

    Refused: room_ended, too_many_markets, busy (the bank is nearly full).
    """
    # Asked first, so that a bank that is away holds up nobody who waits for the room's row.
    state_of(market)
    with transaction.atomic():
        # One at a time in a room, so that two openings cannot both be the third market.
        room = Room.objects.select_for_update().get(pk=market.room_id)
        states = payments.states_of(room)
        if market.pk not in states and not market.is_final:
            if not room.is_live:
                raise Refused("room_ended")
            undecided = payments.count_undecided(states)
            if undecided >= limits.OPEN_MARKETS_PER_ROOM_MAX:
                raise Refused("too_many_markets")
            capacity.require_space("market")
            outcomes = list(market.outcomes.values_list("id", flat=True))
            ask(bank.open_market(room.club_id, market, outcomes, by.user.pk))
            access.set_open_markets(room.pk, undecided + 1)
    broadcast.market_changed(market.pk)


def lock(by: Author | None, market: Market) -> None:
    """Take no more bets, and give everything back at once where rule 5 says so.

    Without an author it is the clock, and locks only what is due. Refused: market_not_open.
    """
    if market.is_final:
        return
    state = state_of(market)
    if state is None:
        raise Refused("market_not_open")
    if state.status == Market.Status.OPEN:
        author_id = by.user.pk if by else None
        state = ask(bank.lock(market.room.club_id, market.pk, author_id)).state
    judge(market.room.club_id, state)
    broadcast.market_changed(market.pk)


def judge(club_id: int, state: bank.MarketState) -> None:
    """Call a locked market off when too few have bet, or all on one side (rule 5)."""
    if state.decision or state.frozen or state.status != Market.Status.LOCKED:
        return
    reason = payouts.reason_to_refund(
        state.pools, bettors=state.bettors, min_bettors=state.min_bettors
    )
    if reason:
        ask(bank.decide(club_id, state.id, kind="void", command=reason, by=None))


def give_up(market: Market) -> None:
    """Call a market off that nobody settled in time. The house does it, so nobody is bound."""
    call = bank.decide(market.room.club_id, market.pk, kind="void", command="unresolved", by=None)
    ask(call)
    broadcast.market_changed(market.pk)


def settle(by: Author, market: Market, decision: Decision) -> None:
    """Name the winners, for good. The same again changes nothing.

    Refused: malformed (a winner twice, T0 outside opened…locked), no_such_outcome,
    holder_may_not_settle, market_not_open, market_not_locked, already_decided, frozen.
    """
    state = state_of(market)
    winners = _winners(market, decision)
    happened_at_ms = decision.happened_at_ms or 0
    if state is None:
        return _compare(market, "settle", winners, happened_at_ms)
    if not state.decision:
        state = _lock_if_due(market, state)
        _check_time(state, happened_at_ms)
        judge(market.room.club_id, state)
    command = f"{'.'.join(map(str, winners))}@{happened_at_ms}"
    _decide(by, market, "settle", command)
    return broadcast.market_changed(market.pk)


def preview(by: Author, market: Market, decision: Decision) -> payouts.Settlement:
    """What settling like this would pay; changes nothing but the lock of what is due.

    Refused as settle is.
    """
    state = state_of(market)
    winners = _winners(market, decision)
    if state is None:
        raise Refused("already_decided" if market.is_final else "market_not_open")
    if state.decision:
        raise Refused("already_decided")
    state = _lock_if_due(market, state)
    _check_time(state, decision.happened_at_ms or 0)
    if state.frozen:
        raise Refused("frozen")
    if not by.is_operator and holds(market, by.user.pk):
        raise Refused("holder_may_not_settle")
    ledger.wait_for(market.room.club_id, state.lock_seq)
    return payments.reckon(market, state, winners, decision.happened_at_ms)


def void(by: Author, market: Market, reason_text: str) -> None:
    """Call an open or locked market off: every stake goes back. The same again changes nothing.

    Refused: market_not_open (draft), holder_may_not_settle, already_decided, frozen.
    """
    if state_of(market) is None:
        return _compare(market, "void", [], 0)
    _decide(by, market, "void", "void")
    Market.objects.filter(pk=market.pk, reason_text="").update(reason_text=reason_text)
    return broadcast.market_changed(market.pk)


def freeze(market: Market, *, on: bool) -> None:
    """Put a market on hold, or let it go on: no bets and no payments meanwhile."""
    project_hold(ask(bank.freeze(market.room.club_id, market.pk, on)))
    broadcast.market_changed(market.pk)


def state_of(market: Market) -> bank.MarketState | None:
    """A market as the bank has it; None when it is a draft, or forgotten."""
    return read(market.room.club_id, [market.pk]).states.get(market.pk)


def holds(market: Market, user_id: int) -> bool:
    """Whether a user has coins on a market."""
    return (market.pk, user_id) in read(market.room.club_id, [market.pk], [user_id]).positions


def _decide(by: Author, market: Market, kind: Literal["settle", "void"], command: str) -> None:
    ask(
        bank.decide(
            market.room.club_id,
            market.pk,
            kind=kind,
            command=command,
            by=by.user.pk,
            is_operator=by.is_operator,
        )
    )


def _lock_if_due(market: Market, state: bank.MarketState) -> bank.MarketState:
    """A market past its deadline is locked, whether or not the clock has been there yet."""
    if state.status != Market.Status.OPEN:
        return state
    return ask(bank.lock(market.room.club_id, market.pk)).state


def _check_time(state: bank.MarketState, happened_at_ms: int) -> None:
    if happened_at_ms and not state.opened_at_ms <= happened_at_ms <= state.locked_at_ms:
        raise malformed("happened_at_ms", _("It lies outside the time the question was open."))


def _winners(market: Market, decision: Decision) -> list[int]:
    winners = sorted(decision.winners)
    if len(set(winners)) != len(winners):
        raise malformed("winners")
    if not set(winners) <= {outcome.pk for outcome in market.outcomes.all()}:
        raise Refused("no_such_outcome")
    return winners


def _compare(market: Market, kind: str, winners: list[int], happened_at_ms: int) -> None:
    """Answer a decision on a market that the bank does not hold (any more)."""
    if market.status == Market.Status.DRAFT:
        raise Refused("market_not_open")
    named = [outcome.pk for outcome in market.outcomes.all() if outcome.won]
    was_voided = market.reason == "void" and not named
    same_winners = named == winners and (market.happened_at_ms or 0) == happened_at_ms
    if not (was_voided if kind == "void" else same_winners):
        raise Refused("already_decided")


def _by_key(user: User, room: Room, key: UUID | None) -> Market | None:
    if key is None:
        return None
    found = Market.objects.filter(room=room, created_by=user, key=key)
    return found.select_related("room").prefetch_related("outcomes").first()


def _insert(user: User, room: Room, new: NewMarket, told: Texts) -> Market:
    drafts = Market.objects.filter(room=room, status=Market.Status.DRAFT).count()
    if drafts >= DRAFTS_PER_ROOM_MAX:
        raise Refused("too_many_markets", _("There are too many drafts in this room."))
    try:
        with transaction.atomic():
            market = Market.objects.create(
                room=room,
                question=told.question,
                created_by=user,
                created_at_ms=bank.now_ms(),
                key=given(new.key),
                closes_in_s=given(new.closes_in_s),
                min_stake_coins=new.min_stake,
                max_stake_coins=new.max_stake,
                min_bettors=new.min_bettors,
                takeout_bp=new.takeout_bp,
                hedging=new.hedging,
                unresolved_after_s=new.unresolved_after_s,
            )
            Outcome.objects.bulk_create(
                Outcome(market=market, number=number, label=label)
                for number, label in enumerate(told.labels, start=1)
            )
    except IntegrityError:
        # The same key at the same moment: the other request made it.
        found = _by_key(user, room, given(new.key))
        if found is None:
            raise
        return found
    return market
