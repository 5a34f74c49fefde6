"""The end of a market: locked, then decided. Checks who may; the bank decides every step.

Each step may be repeated, tells the room what it changed, and returns the market as the bank had it
then. Paying it out is a step of its own: betting/actions/payments.py.
"""

from django.utils.translation import gettext as _

from betting import bank, ledger, payouts
from betting.actions import payments
from betting.actions.markets import Author, state_of
from betting.bank.refusals import NOT_DUE, ask, read
from betting.models import Market
from betting.wire import broadcast
from betting.wire.requests import CallOff, Decision
from web import limits
from web.parsing import malformed, tidy
from web.refusals import Refused


def lock(by: Author | None, market: Market) -> bank.MarketState | None:
    """Take no more bets, and call the market off at once where rule 5 says so.

    Without an author it is the clock, and locks only what is due. Returns None when the market is
    final. Raises Refused: market_not_open.
    """
    if market.is_final:
        return None
    state = state_of(market)
    if state is None:
        raise Refused("market_not_open")
    if state.decision:
        return state
    if state.status == Market.Status.OPEN:
        author_id = by.user.pk if by else None
        state = ask(bank.lock(market.room.club_id, market.pk, author_id)).state
    state = _judge(market, state)
    broadcast.market_changed(market, state)
    return state


def lock_unattended(market: Market) -> None:
    """Take no more bets on a question that nobody looks after (rule 5); the clock's act."""
    call = bank.lock(market.room.club_id, market.pk, reason="unattended")
    broadcast.market_changed(market, _judge(market, ask(call).state))


def give_up(market: Market) -> None:
    """Call a market off that nobody settled in time, unless a result stands; the clock's act."""
    marked = _call_off(market, "unresolved")
    if marked:
        _told(market, marked)


def make_official(market: Market) -> bank.MarketState | None:
    """Decide a market by the result that stands, once its time is over; the clock's act.

    Returns None while it is too early, by the bank's time.
    """
    try:
        marked = ask(bank.make_official(market.room.club_id, market.pk))
    except Refused as refused:
        if refused.code != NOT_DUE:
            raise
        return None
    return _told(market, marked)


def settle(by: Author, market: Market, decision: Decision) -> bank.MarketState | None:
    """Name the winners: for good, or unofficially first, as the room says.

    The same again changes nothing; others replace an unofficial result, and its time begins anew.
    Returns None when the bank has forgotten the market. Raises Refused: malformed (a winner twice,
    T0 outside opened…locked), no_such_outcome, holder_may_not_settle, market_not_open,
    market_not_locked, already_decided (also: changed too often), frozen.
    """
    state = state_of(market)
    winners = _winners(market, decision)
    if state is None:
        t0_ms = _past_post_from_ms(market, market.opened_at_ms or 0, decision)
        _compare(market, "settle", winners, t0_ms)
        return None
    if not state.decision:
        state = _lock_if_due(market, state)
    t0_ms = _past_post_from_ms(market, state.opened_at_ms, decision)
    if not state.decision:
        _check_time(state, t0_ms)
        _judge(market, state)
    marked = _announce(by, market, f"settle:{'.'.join(map(str, winners))}@{t0_ms}")
    _keep_reason(market, marked, "")
    return _told(market, marked)


def void(by: Author, market: Market, reason_text: str) -> bank.MarketState | None:
    """Call an open or locked market off: every stake goes back. It is announced as a result is.

    The same again changes nothing.

    Returns None when the bank has forgotten the market. Raises Refused: market_not_open (draft),
    holder_may_not_settle, already_decided, frozen.
    """
    if state_of(market) is None:
        _compare(market, "void", [], 0)
        return None
    marked = _announce(by, market, "void:void")
    _keep_reason(market, marked, reason_text)
    return _told(market, marked)


def withdraw(by: Author, market: Market) -> bank.MarketState:
    """Take an unofficial result back; the market stays locked. Repeating it changes nothing.

    Raises Refused: market_not_open (draft), market_not_locked, holder_may_not_settle,
    already_decided.
    """
    if state_of(market) is None:
        raise Refused("already_decided" if market.is_final else "market_not_open")
    call = bank.withdraw(market.room.club_id, market.pk, by.user.pk, by.is_operator)
    marked = ask(call)
    _keep_reason(market, marked, "")
    return _told(market, marked)


def preview(by: Author, market: Market, decision: Decision) -> payouts.Settlement:
    """What settling like this would pay; changes nothing but the lock of what is due.

    Raises Refused as settle does.
    """
    state = state_of(market)
    winners = _winners(market, decision)
    if state is None:
        raise Refused("already_decided" if market.is_final else "market_not_open")
    if state.decision:
        raise Refused("already_decided")
    state = _lock_if_due(market, state)
    t0_ms = _past_post_from_ms(market, state.opened_at_ms, decision)
    _check_time(state, t0_ms)
    if state.frozen:
        raise Refused("frozen")
    if not by.is_operator and _holds(market, by.user.pk):
        raise Refused("holder_may_not_settle")
    ledger.wait_for(market.room.club_id, state.lock_seq)
    stakes = ledger.stakes(market.pk, before_ms=t0_ms or None)
    return payments.reckon(state, stakes, winners)


def reason(call_off: CallOff) -> str:
    """The host's reason as it is kept. Raises Refused: malformed."""
    return tidy(call_off.reason, "reason", most=limits.REASON_CHARACTERS_MAX)


def _judge(market: Market, state: bank.MarketState) -> bank.MarketState:
    """Call a locked market off when too few have bet, or all on one side (rule 5)."""
    if state.decision or state.result or state.frozen or state.status != Market.Status.LOCKED:
        return state
    reason = payouts.reason_to_refund(
        state.pools, bettors=state.bettors, min_bettors=state.min_bettors
    )
    if not reason:
        return state
    marked = _call_off(market, reason)
    return marked.state if marked else state


def _call_off(market: Market, reason: str) -> bank.Marked | None:
    """Call a market off without an author; None when a result stands on it."""
    call = bank.decide(market.room.club_id, market.pk, kind="void", command=reason, by=None)
    try:
        return ask(call)
    except Refused as refused:
        if refused.code != NOT_DUE:
            raise
        return None


def _keep_reason(market: Market, marked: bank.Marked, reason_text: str) -> None:
    """Keep the reason of a decision; a repeat sets it only if it is missing."""
    if marked.is_repeat and (market.reason_text or not reason_text):
        return
    if market.reason_text != reason_text:
        Market.objects.filter(pk=market.pk).update(reason_text=reason_text)
        market.reason_text = reason_text


def _announce(by: Author, market: Market, result: str) -> bank.Marked:
    return ask(
        bank.announce(
            market.room.club_id,
            market.pk,
            result=result,
            by=by.user.pk,
            is_operator=by.is_operator,
            after_ms=1000 * market.room.official_after_s,
        )
    )


def _told(market: Market, marked: bank.Marked) -> bank.MarketState:
    if not marked.is_repeat:
        broadcast.market_changed(market, marked.state)
    return marked.state


def _lock_if_due(market: Market, state: bank.MarketState) -> bank.MarketState:
    """Lock a market that is past its deadline, in case the clock has not done so yet."""
    if state.status != Market.Status.OPEN:
        return state
    return ask(bank.lock(market.room.club_id, market.pk)).state


def _holds(market: Market, user_id: int) -> bool:
    return (market.pk, user_id) in read(market.room.club_id, [market.pk], [user_id]).positions


def _past_post_from_ms(market: Market, opened_at_ms: int, decision: Decision) -> int:
    """Rule 7's T0, from when on bets are given back; 0 for none.

    A host who watches a stream names a moment that is as late as the stream, while others bet on
    what they saw there. T0 is therefore earlier by the stream's delay, but not before the opening,
    and the moment named may lie as long after the lock.
    """
    happened_at_ms = decision.happened_at_ms or 0
    if happened_at_ms <= opened_at_ms:
        return happened_at_ms
    return max(happened_at_ms - 1000 * market.stream_delay_s, opened_at_ms)


def _check_time(state: bank.MarketState, t0_ms: int) -> None:
    if t0_ms and not state.opened_at_ms <= t0_ms <= state.locked_at_ms:
        raise malformed("happened_at_ms", _("It lies outside the time the question was open."))


def _winners(market: Market, decision: Decision) -> list[int]:
    winners = sorted(decision.winners)
    if len(set(winners)) != len(winners):
        raise malformed("winners")
    if not set(winners) <= {outcome.pk for outcome in market.outcomes.all()}:
        raise Refused("no_such_outcome")
    return winners


def _compare(market: Market, kind: str, winners: list[int], happened_at_ms: int) -> None:
    """Judge a decision on a market that the bank does not hold (any more)."""
    if market.status == Market.Status.DRAFT:
        raise Refused("market_not_open")
    named = [outcome.pk for outcome in market.outcomes.all() if outcome.won]
    was_voided = market.reason == "void" and not named
    same_winners = named == winners and (market.happened_at_ms or 0) == happened_at_ms
    if not (was_voided if kind == "void" else same_winners):
        raise Refused("already_decided")
