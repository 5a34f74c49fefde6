"""Broadcasts pools, markets and wallets to rooms. The only module of betting that knows the hub.

Every frame is absolute and carries a version or seq, so that a lost one is made good by the next,
or by the catch-up every two seconds.
"""

import asyncio
from collections.abc import Collection

from accounts.sockets.frames import encode
from betting import bank
from betting.bank import capacity
from betting.bank.values import MarketState, Snapshot
from betting.models import Market
from betting.wire import boards
from betting.wire.messages import MarketBoard, MarketChanged, WalletChanged
from rooms.facts import RoomFacts
from rooms.fanout import hub
from rooms.fanout.conflation import Pools
from rooms.fanout.source import Frame, RoomFrame, Touch
from web.chunks import chunks
from web.threads import read_sql

USERS_PER_TOUCH = 500
MARKETS_PER_READ = 200
FINAL_IS_NEWS_MS = 60_000
# A client that missed events gets this reason: it is what most often changes coins unasked.
_WHY_UNKNOWN = "payout"
_STEPS_KEPT = 10_000
# Status, whether it is paying, whether it is on hold, and the unofficial result.
Step = tuple[str, bool, bool, str]


# --- From threads: requests, the clock, the admin. The telling never fails the act.


def market_changed(market: Market, state: MarketState | None) -> None:
    """Send the room a market whose status, paying or frozen changed.

    A payment that is not recorded yet is sent once it is, with its settlement.
    """
    if state is not None and state.status in boards.FINAL and not market.is_final:
        return
    board = boards.describe(market, state)
    slot = f"market:{market.pk}"
    hub.post_frame(market.room_id, _market_frame(board), slot=slot, version=board.version)


def bet_taken(room_id: int, state: MarketState, user_id: int) -> None:
    """Send the room the pools, and the bettor's other sockets their coins."""
    text = encode(boards.pools_of(state, bank.ask_time_ms()))
    hub.post_pools(room_id, state.id, state.version, text)
    wallets_changed(room_id, [user_id], "bet", state.id)


def wallets_changed(
    room_id: int | None, user_ids: list[int], why: str, market_id: int | None = None
) -> None:
    """Send these users their coins, in one room or wherever they are connected."""
    for some in chunks(user_ids, USERS_PER_TOUCH):
        hub.post_touched(room_id, Touch(some, why, market_id))


def _market_frame(board: MarketBoard) -> str:
    return encode(MarketChanged(market=board, now_ms=bank.ask_time_ms()))


# --- From the event loop of the sockets


_telling: set[asyncio.Task[None]] = set()


def batch_taken(_club_id: int, room_id: int, state: MarketState, user_ids: list[int]) -> None:
    """Send what one call to the bank changed; the bets' answers do not wait for it."""
    if not user_ids:
        return
    task = asyncio.get_running_loop().create_task(_tell_batch(room_id, state, user_ids))
    # Tasks are kept here, or the loop might drop them half way.
    _telling.add(task)
    task.add_done_callback(_telling.discard)


async def _tell_batch(room_id: int, state: MarketState, user_ids: list[int]) -> None:
    """Send the pools once, and the bettors' sockets their coins."""
    text = encode(boards.pools_of(state, bank.ask_time_ms()))
    await hub.get_hub().pools(room_id, state.id, state.version, text)
    await hub.get_hub().touched(room_id, Touch(user_ids, "bet", state.id))


class Source:
    """Answers the hub: coins of touched users, and the present state of markets."""

    def __init__(self) -> None:
        # Market → the step that was last found here.
        self._steps: dict[int, Step] = {}

    async def touched(self, room_id: int, touches: list[Touch]) -> dict[int, list[Frame]]:
        """Coins and positions of these users: one call to the bank, no SQL."""
        here = hub.get_hub().crowd.rooms.get(room_id)
        if here is None:
            return {}
        user_ids = sorted({user_id for touch in touches for user_id in touch.user_ids})
        market_ids = sorted({touch.market_id for touch in touches if touch.market_id})
        seen = await bank.arun(bank.read(here.facts.club_id, market_ids, user_ids))
        frames: dict[int, dict[str, Frame]] = {user_id: {} for user_id in user_ids}
        for touch in touches:
            for user_id in touch.user_ids:
                frame = _wallet_frame(here.facts.club, touch, user_id, seen)
                frames[user_id][str(frame.slot)] = frame
        return {user_id: list(own.values()) for user_id, own in frames.items()}

    async def news(self, rooms: dict[int, RoomFacts]) -> list[RoomFrame | Pools]:
        """Pools of every undecided market here, markets that took a step, and memory's notice."""
        await capacity.here.aprobe()
        found = await read_sql(_markets_of, list(rooms))
        states: dict[int, MarketState] = {}
        for club_id in {facts.club_id for facts in rooms.values()}:
            ids = [id_ for id_, room_id, _ in found if rooms[room_id].club_id == club_id]
            for some in chunks(ids, MARKETS_PER_READ):
                states |= (await bank.arun(bank.read(club_id, some, []))).states
        steps = {id_: _step(status, states.get(id_)) for id_, _, status in found}
        stepped = [id_ for id_, step in steps.items() if self._steps.get(id_) != step]
        frames = await read_sql(_step_frames, stepped, states) if stepped else []
        told = {frame.slot for frame in frames}
        self._note({id_: steps[id_] for id_ in stepped if f"market:{id_}" in told})
        now_ms = bank.ask_time_ms()
        pools = [_pools(state, now_ms) for state in states.values()]
        return [*_notices(rooms), *frames, *pools]

    def _note(self, steps: dict[int, Step]) -> None:
        if len(self._steps) > _STEPS_KEPT:
            self._steps.clear()
        self._steps |= steps


def _wallet_frame(club: str, touch: Touch, user_id: int, seen: Snapshot) -> Frame:
    why = touch.why if touch.why in _WHY else _WHY_UNKNOWN
    message = WalletChanged(
        club=club, coins=seen.coins[user_id], why=why, epoch=seen.epoch, seq=seen.seq
    )
    if touch.market_id and touch.market_id in seen.states:
        message.market = touch.market_id
        message.mine = boards.holdings(seen.positions.get((touch.market_id, user_id)))
    return Frame(encode(message), slot=f"wallet:{why}:{touch.market_id or 0}")


_WHY = frozenset({"bet", "payout", "refund", "grant", "burn"})


def _markets_of(room_ids: list[int]) -> list[tuple[int, int, str]]:
    """Markets of rooms that are not final, or have been for a minute only: (id, room, status)."""
    undecided = Market.objects.filter(room_id__in=room_ids).exclude(status__in=boards.FINAL)
    since_ms = bank.ask_time_ms() - FINAL_IS_NEWS_MS
    lately = Market.objects.filter(room_id__in=room_ids, settled_at_ms__gte=since_ms)
    fields = ("id", "room_id", "status")
    return [*undecided.values_list(*fields), *lately.values_list(*fields)]


def _step(status: str, state: MarketState | None) -> Step:
    if state is None or status in boards.FINAL:
        return (status, False, False, "")
    result = f"{state.result}@{state.official_at_ms}"
    return (state.status, bool(state.decision), state.frozen, result)


def _step_frames(market_ids: Collection[int], states: dict[int, MarketState]) -> list[RoomFrame]:
    """Whole markets; one that is paid in the bank and not yet recorded waits for the next time."""
    frames = []
    for market in boards.rows(id__in=list(market_ids)):
        state = states.get(market.pk)
        if state is not None and state.status in boards.FINAL and not market.is_final:
            continue
        board = boards.describe(market, state)
        frames.append(
            RoomFrame(
                room_id=market.room_id,
                text=_market_frame(board),
                slot=f"market:{market.pk}",
                # A draft has version 0, and the hub sends frames without a version again and again.
                version=max(board.version, 1),
                touches_all=market.is_final,
            )
        )
    return frames


def _notices(room_ids: Collection[int]) -> list[RoomFrame]:
    """The notice of how full the bank is; every process sends it to its own sockets."""
    news = capacity.here.news()
    if news is None:
        return []
    text, version = news
    return [RoomFrame(room_id, text, capacity.SLOT, version) for room_id in room_ids]


def _pools(state: MarketState, now_ms: int) -> Pools:
    text = encode(boards.pools_of(state, now_ms))
    return Pools(state.room_id, state.id, state.version, text)
