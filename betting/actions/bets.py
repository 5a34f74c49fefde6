"""Placing a bet: the bettor is checked, then the bank decides. For the socket and for HTTP.

What forbids a bet in its room is found before the bank is asked and handed to it, so that a repeat
of an accepted bet still gets its first answer. A bet that the bank knows needs no SQL.
"""

from dataclasses import dataclass, replace

from django.db.models import F
from msgspec import UNSET

from betting import bank, ledger
from betting.bank import capacity, metrics
from betting.bank.refusals import away, refused
from betting.models import Market
from betting.wire.messages import Accepted, Order
from rooms import inside
from rooms.models import Membership, Room
from web.refusals import Refused
from web.threads import read_sql

EXPIRES_AFTER_MS = 5_000
EXPIRES_AFTER_MS_MAX = 15_000
# The time of a bet that shall not be taken: the bank knows repeats before it looks at the time.
NEVER_MS = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bettor:
    """A user who bets from a room, and the first reason that forbids it there ("" for none).

    `needs_presence`: the room takes bets only from people who are at its place; where nothing
    else forbids a bet, their place is asked for with each. `is_blind`: the market hides its
    figures; known of a request alone.
    """

    user_id: int
    club_id: int
    room_id: int
    refusal: str = ""
    needs_presence: bool = False
    why_outside: str = ""
    is_blind: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An accepted bet as it is answered; `is_repeat` when it had been accepted before."""

    answer: Accepted
    is_repeat: bool
    state: bank.MarketState | None


def objection(
    *, is_live: bool, is_sent_away: bool, is_member: bool, role: str, hosts_may_bet: bool
) -> str:
    """The first thing in the order of docs/protocol.md that forbids a bet, or nothing."""
    if not is_live:
        return "room_ended"
    if is_sent_away:
        return "forbidden"
    if not is_member:
        return "not_member"
    is_host = role == Membership.Role.HOST
    return "host_may_not_bet" if is_host and not hosts_may_bet else ""


def bettor_of(user_id: int, market_id: int) -> Bettor:
    """The bettor of a request, where nothing is known from a connection: one SQL read.

    Raises Refused: not_found, also for a stranger to an unlisted room.
    """
    found = (
        Membership.objects.filter(user_id=user_id, room__markets=market_id)
        .select_related("room")
        .annotate(is_blind=F("room__markets__blind"))
        .first()
    )
    if found is None:
        room = Room.objects.filter(markets=market_id).first()
        if room is None or room.visibility == Room.Visibility.UNLISTED:
            raise Refused("not_found")
        return _bettor(user_id, room, None)
    return replace(_bettor(user_id, found.room, found), is_blind=found.is_blind)


def _bettor(user_id: int, room: Room, membership: Membership | None) -> Bettor:
    state = membership.state if membership else Membership.State.LEFT
    refusal = objection(
        is_live=room.is_live,
        is_sent_away=state in (Membership.State.REMOVED, Membership.State.BANNED),
        is_member=state == Membership.State.IN,
        role=membership.role if membership else "",
        hosts_may_bet=room.hosts_may_bet,
    )
    return Bettor(
        user_id=user_id,
        club_id=room.club_id,
        room_id=room.pk,
        refusal=refusal,
        needs_presence=room.bets_need_presence,
    )


def _kept(
    bettor: Bettor, market_id: int, order: Order, found: inside.Decision
) -> inside.BetDecision:
    return inside.BetDecision(
        user_id=bettor.user_id,
        room_id=bettor.room_id,
        market_id=market_id,
        bet_id=str(order.bet_id),
        decision=found,
    )


def _placed_there(bettor: Bettor, found: inside.Decision) -> Bettor:
    if found.may_bet:
        return bettor
    return replace(bettor, refusal="not_inside", why_outside=found.why)


async def aplace_bet(bettor: Bettor, market_id: int, order: Order) -> Placed:
    """Stake coins on an outcome, or be refused and lose nothing. One call to the bank, no SQL;
    where presence is needed, one to the live instance.

    The same bet_id again takes nothing more and gets the first answer.
    Raises Refused: the codes of a bet in docs/protocol.md, unavailable (not known, ask again), busy
    (not taken: too many wait, or the bank's memory is full).
    """
    _refuse_nonsense(market_id)
    if bettor.needs_presence and not bettor.refusal:
        found = await inside.ainside(bettor.room_id, bettor.user_id)
        if found.may_bet and not await inside.akeep(_kept(bettor, market_id, order, found)):
            found = inside.unsure()
        bettor = _placed_there(bettor, found)
    bet = _bet(bettor, order)
    try:
        placed = bank.PlacedIn(bettor.room_id, market_id, bet)
        reply, state = await bank.batchers.place(bettor.club_id, placed)
    except (bank.BankAway, bank.BankFull) as error:
        raise away(error) from error
    if isinstance(reply, bank.Denied) and reply.code == "unknown":
        return await read_sql(_without_bank, bettor, market_id, order, bet)
    return _placed(market_id, order, _with_why(bettor, bet, reply), state)


def _refuse_nonsense(market_id: int) -> None:
    if market_id < 1:
        raise Refused("not_found")


def _with_why(
    bettor: Bettor, bet: bank.Bet, reply: bank.Accepted | bank.Denied
) -> bank.Accepted | bank.Denied:
    """Where the place was the reason, say what was missing; where it was the memory, say so."""
    if isinstance(reply, bank.Denied):
        if reply.code == "not_inside":
            raise Refused(reply.code, detail={"why": bettor.why_outside})
        if reply.code == "expired":
            raise _expired(bet)
    return reply


def _expired(bet: bank.Bet) -> Refused:
    return capacity.no_bets() if bet.expires_at_ms == NEVER_MS else Refused("expired")


def place_bet(bettor: Bettor, market_id: int, order: Order) -> Placed:
    """Place a bet from a thread, for HTTP; as `aplace_bet`."""
    if bettor.needs_presence and not bettor.refusal:
        found = inside.inside(bettor.room_id, bettor.user_id)
        if found.may_bet and not inside.keep(_kept(bettor, market_id, order, found)):
            found = inside.unsure()
        bettor = _placed_there(bettor, found)
    bet = _bet(bettor, order)
    call = bank.place_bets(bettor.club_id, bettor.room_id, market_id, [bet])
    try:
        with metrics.calls.time():
            batch = bank.run(call)
    except (bank.BankAway, bank.BankFull) as error:
        raise away(error) from error
    reply = batch.answers[0]
    if isinstance(reply, bank.Denied) and reply.code == "unknown":
        return _without_bank(bettor, market_id, order, bet)
    return _placed(market_id, order, _with_why(bettor, bet, reply), batch.state)


def _bet(bettor: Bettor, order: Order) -> bank.Bet:
    now_ms = bank.ask_time_ms(bettor.club_id)
    expires_at_ms = now_ms + EXPIRES_AFTER_MS
    if capacity.level(bettor.club_id) == capacity.Level.FULL:
        expires_at_ms = NEVER_MS
    elif order.expires_at_ms is not UNSET:
        expires_at_ms = max(min(order.expires_at_ms, now_ms + EXPIRES_AFTER_MS_MAX), NEVER_MS + 1)
    return bank.Bet(
        user_id=bettor.user_id,
        bet_id=str(order.bet_id),
        # No outcome has the number 0, so every nonsensical one is no_such_outcome in its turn.
        outcome_id=max(order.outcome, 0),
        stake_coins=order.stake,
        expires_at_ms=expires_at_ms,
        refusal=bettor.refusal,
    )


def _placed(
    market_id: int,
    order: Order,
    reply: bank.Accepted | bank.Denied,
    state: bank.MarketState | None,
) -> Placed:
    if isinstance(reply, bank.Denied):
        raise refused(reply)
    answer = Accepted(
        bet_id=str(order.bet_id),
        market=market_id,
        outcome=reply.outcome_id,
        stake=reply.stake_coins,
        coins=reply.coins,
        position=reply.position_coins,
        epoch=reply.epoch,
        seq=reply.seq,
        at_ms=reply.at_ms,
        chain=reply.chain,
    )
    return Placed(answer=answer, is_repeat=reply.is_repeat, state=state)


def _without_bank(bettor: Bettor, market_id: int, order: Order, bet: bank.Bet) -> Placed:
    """The answer for a market the bank does not hold: a draft, or one forgotten after its end."""
    market = Market.objects.filter(pk=market_id, room_id=bettor.room_id).first()
    if market is None:
        raise Refused("not_found")
    first = ledger.first_answer(user_id=bettor.user_id, market_id=market_id, bet_id=bet.bet_id)
    if first is not None:
        if (first.outcome_id, first.stake_coins) != (bet.outcome_id, bet.stake_coins):
            raise Refused("key_reused")
        return _placed(market_id, order, first, None)
    if bet.expires_at_ms <= bank.ask_time_ms(bettor.club_id):
        raise _expired(bet)
    if bettor.refusal in ("room_ended", "forbidden", "not_member"):
        raise Refused(bettor.refusal)
    is_draft = market.status == Market.Status.DRAFT
    raise Refused("market_not_open" if is_draft else "market_closed")
