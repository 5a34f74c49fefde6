"""Bets of a club that wait at the same moment become one call to the bank.

Natural batching: nothing waits for a timer. Bets that are heard in one turn of the loop go out
together; while a call is under way the next ones gather, and a second call starts only when a full
one waits already. Bets are decided in the order in which they came, whatever their markets.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakKeyDictionary

from betting.bank import metrics
from betting.bank.calls import Call, Reply
from betting.bank.keys import Keys
from betting.bank.replies import read_answer, read_state
from betting.bank.values import Accepted, Batch, Bet, BetAnswer, MarketState, PlacedIn
from web.refusals import Refused

BETS_PER_CALL_MAX = 32
# Of one market.
WAITING_MAX = 1000
CALLS_MAX = 2

Ask = Callable[[Call[list[BetAnswer]]], Awaitable[list[BetAnswer]]]
# Called once for each market of a call: club, room, the market after it, and of each bet that it
# took the user with epoch and seq of its entry.
Listener = Callable[[int, int, MarketState, list[tuple[int, tuple[int, int]]]], None]

_Waiting = tuple[PlacedIn, asyncio.Future[BetAnswer]]


def place_bets(club_id: int, room_id: int, market_id: int, bets: Sequence[Bet]) -> Call[Batch]:
    """Decide up to 32 bets on one market; as `place_bets_of_club`."""
    call = place_bets_of_club(club_id, [PlacedIn(room_id, market_id, bet) for bet in bets])

    def parse(reply: Reply) -> Batch:
        answers = call.read(reply)
        return Batch(answers=[answer for answer, _state in answers], state=answers[0][1])

    return Call(call.function, call.keys, call.args, parse)


def place_bets_of_club(club_id: int, bets: Sequence[PlacedIn]) -> Call[list[BetAnswer]]:
    """Decide up to 32 bets in one step, in order; later bets see the earlier ones.

    Nothing is taken for a denied bet. A bet_id that the user sent before gets its first answer for
    ever; with other content Denied: key_reused. Denied: unknown, when the market is not in the
    bank, not_found, when it is of another room, and unavailable, when it holds rubbish.
    """
    assert 0 < len(bets) <= BETS_PER_CALL_MAX
    keys, numbers = Keys(club_id), dict[int, int]()
    names, words = [keys.head, keys.wallets, keys.journal], list[str | int]()
    for room_id, market_id, bet in bets:
        if (number := numbers.get(market_id)) is None:
            number = numbers[market_id] = len(numbers) + 1
            names += [keys.market(market_id), keys.positions(market_id), keys.bets(market_id)]
        words += [
            number, room_id, bet.user_id, bet.bet_id, bet.outcome_id, bet.stake_coins,
            bet.expires_at_ms, bet.refusal,
        ]  # fmt: skip

    def parse(reply: Reply) -> list[BetAnswer]:
        states = {id_: read_state(id_, flat) for id_, flat in zip(numbers, reply[3], strict=True)}
        return [
            (read_answer(line), states[bet.market_id])
            for bet, line in zip(bets, reply[2], strict=True)
        ]

    return Call("place_bets_v5", tuple(names), (*numbers, *words), parse)


class Batchers:
    """One batcher for each club that is bet in, in each event loop."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.on_batch: list[Listener] = []
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, _Batcher]]
        self._by_loop = WeakKeyDictionary()

    async def place(self, club_id: int, placed: PlacedIn) -> BetAnswer:
        """Have a bet decided; returns its answer, and the market as it stood after the same call.

        Raises Refused: busy, when 1,000 wait for its market; and BankAway or BankFull, as the call
        did. A caller that gives up does not take the bet back.
        """
        batchers = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        batcher = batchers.get(club_id)
        if batcher is None:
            batcher = batchers[club_id] = _Batcher(
                self, club_id, forget=lambda: batchers.pop(club_id, None)
            )
        return await batcher.place(placed)


class _Batcher:
    def __init__(self, batchers: Batchers, club_id: int, forget: Callable[[], object]) -> None:
        self._batchers = batchers
        self._club_id = club_id
        self._forget = forget
        self._waiting: deque[_Waiting] = deque()
        # How many of them each market has.
        self._of_market: Counter[int] = Counter()
        # Tasks are kept here, or the loop might drop them half way.
        self._calls: set[asyncio.Task[None]] = set()

    async def place(self, placed: PlacedIn) -> BetAnswer:
        if self._of_market[placed.market_id] >= WAITING_MAX:
            raise Refused("busy")
        answer: asyncio.Future[BetAnswer] = asyncio.get_running_loop().create_future()
        self._waiting.append((placed, answer))
        self._of_market[placed.market_id] += 1
        if len(self._waiting) in (1, BETS_PER_CALL_MAX):
            asyncio.get_running_loop().call_soon(self._start_what_may)
        return await answer

    def _start_what_may(self) -> None:
        while self._waiting and len(self._calls) < CALLS_MAX:
            if self._calls and len(self._waiting) < BETS_PER_CALL_MAX:
                return
            call = asyncio.get_running_loop().create_task(self._decide(self._next()))
            self._calls.add(call)
            call.add_done_callback(self._end)

    def _next(self) -> list[_Waiting]:
        size = min(len(self._waiting), BETS_PER_CALL_MAX)
        some = [self._waiting.popleft() for _ in range(size)]
        self._of_market.subtract(placed.market_id for placed, _future in some)
        if not self._waiting:
            self._of_market.clear()
        return some

    def _end(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._start_what_may()
        if not self._calls:
            self._forget()

    async def _decide(self, batch: list[_Waiting]) -> None:
        bets = [placed for placed, _future in batch]
        began_s = time.perf_counter()
        try:
            answers = await self._batchers.ask(place_bets_of_club(self._club_id, bets))
        except BaseException as error:
            # The others that wait would only fail one time-out after the other.
            self._fail([*batch, *self._waiting], error)
            self._waiting.clear()
            self._of_market.clear()
            if not isinstance(error, Exception):
                raise
            return
        finally:
            metrics.calls.observe(time.perf_counter() - began_s)
        for (_placed, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
        self._tell(bets, answers)

    def _fail(self, waiting: list[_Waiting], error: BaseException) -> None:
        for _placed, future in waiting:
            if not future.done():
                future.set_exception(error)

    def _tell(self, bets: list[PlacedIn], answers: list[BetAnswer]) -> None:
        """Tell each market of the call, with those that it newly took."""
        taken: dict[int, tuple[MarketState, list[tuple[int, tuple[int, int]]]]] = {}
        for placed, (answer, state) in zip(bets, answers, strict=True):
            if state is None:
                continue
            takers = taken.setdefault(state.id, (state, []))[1]
            if isinstance(answer, Accepted) and not answer.is_repeat:
                takers.append((placed.bet.user_id, (answer.epoch, answer.seq)))
        for state, takers in taken.values():
            for listener in self._batchers.on_batch:
                listener(self._club_id, state.room_id, state, takers)
