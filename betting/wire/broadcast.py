"""Broadcasts pools, markets and wallets to rooms. The only module of betting that knows the hub.

Every frame is absolute and carries a version or seq, so that a lost one is made good by the next,
or by the catch-up every two seconds.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple

from django.conf import settings
from django.db import Error

from accounts.sockets.frames import encode
from betting import bank
from betting.bank import capacity, pause
from betting.bank.refusals import read
from betting.bank.values import MarketState, Snapshot
from betting.models import Market
from betting.wire import board_reads, boards, sight
from betting.wire.messages import Coming, DraftsChanged, WalletChanged
from rooms.facts import RoomFacts
from rooms.fanout import hub
from rooms.fanout.conflation import Pools
from rooms.fanout.source import Frame, RoomFrame, Touch
from rooms.models import Room
from web.refusals import Refused
from web.rows.chunks import chunks
from web.threads import read_sql

USERS_PER_TOUCH = 500
MARKETS_PER_READ = 200
FINAL_IS_NEWS_MS = 60_000
# A client that missed events gets this reason: it is what most often changes coins unasked.
_WHY_UNKNOWN = "payout"
_STEPS_KEPT = 10_000
# Status, whether it is paying, whether it is on hold, and the unofficial result.
Step = tuple[str, bool, bool, str]

# The drafts of a room in short: (number, last change).
_DraftList = list[tuple[int, int]]


class _Row(NamedTuple):
    """A market as the catch-up reads it."""

    id: int
    room_id: int
    status: str
    blind: bool
    changed_at_ms: int


# --- From threads: requests, the clock, the admin. The telling never fails the act.


def market_changed(market: Market, state: MarketState | None) -> None:
    """Send the room a market whose status, paying or frozen changed.

    A payment that is not recorded yet is sent once it is, with its settlement.
    """
    if state is not None and state.status in boards.FINAL and not market.is_final:
        return
    board = boards.describe(market, state)
    slot = f"market:{market.pk}"
    text, hosts_text = sight.frames(board, bank.ask_time_ms())
    hub.post_frame(market.room_id, text, slot, board.version, hosts_text=hosts_text)


def drafts_changed(room: Room, now_ms: int, opened: Collection[int] | None = None) -> None:
    """Send those who run a room its drafts, and the others whether there are any.

    `now_ms` is when they changed: the newest frame counts. `opened` are the markets of the room
    that the bank has, where the caller knows.
    """
    ids = boards.draft_ids(room.pk)
    if opened is None:
        opened = read(room.club_id, ids).states if ids else []
    frame = _drafts_frame(room.pk, [pk for pk in ids if pk not in opened], now_ms)
    hub.post_frame(room.pk, frame.text, frame.slot, now_ms, hosts_text=frame.hosts_text)


def bet_taken(room_id: int, state: MarketState, user_id: int, *, is_blind: bool) -> None:
    """Send the room the pools, and the bettor's other sockets their coins."""
    hub.post_pools(_pools(room_id, state, is_blind=is_blind))
    wallets_changed(room_id, [user_id], "bet", state.id)


def wallets_changed(
    room_id: int | None, user_ids: list[int], why: str, market_id: int | None = None
) -> None:
    """Send these users their coins, in one room or wherever they are connected."""
    for some in chunks(user_ids, USERS_PER_TOUCH):
        hub.post_touched(room_id, Touch(some, why, market_id))


def _drafts_frame(room_id: int, ids: list[int], now_ms: int) -> RoomFrame:
    drafts = boards.in_order(boards.rows(pk__in=ids)) if ids else []
    boards_ = [boards.describe(market, None) for market in drafts]
    return RoomFrame(
        room_id=room_id,
        text=encode(Coming(coming=bool(ids), now_ms=now_ms)),
        slot="drafts",
        version=now_ms,
        hosts_text=encode(DraftsChanged(markets=boards_, now_ms=now_ms)),
    )


# --- From the event loop of the sockets


_telling: set[asyncio.Task[None]] = set()


def batch_taken(
    _club_id: int, room_id: int, state: MarketState, seqs: list[tuple[int, tuple[int, int]]]
) -> None:
    """Send what one call to the bank changed on a market: the pools, and the bettors' coins.

    Coins go to the bettors' sockets that have no answer. Nothing here waits.
    """
    if not seqs:
        return
    here = hub.get_hub()
    touch = Touch([user_id for user_id, _ in seqs], "bet", state.id, [seq for _, seq in seqs])
    here.touched(room_id, touch)
    if (is_blind := sight.known_blind(state.id, state.opened_at_ms)) is not None:
        here.pools(_pools(room_id, state, is_blind=is_blind))
        return
    task = asyncio.get_running_loop().create_task(_tell_first(room_id, state))
    # Tasks are kept here, or the loop might drop them half way.
    _telling.add(task)
    task.add_done_callback(_telling.discard)


async def _tell_first(room_id: int, state: MarketState) -> None:
    """Send the first pools of a market in this process, which has to ask whether it is blind."""
    # Not known is not told: the catch-up makes figures good that SQL held up here.
    with suppress(Refused, Error):
        is_blind = await sight.is_blind(state.id, state.opened_at_ms)
        hub.get_hub().pools(_pools(room_id, state, is_blind=is_blind))


class Source:
    """Answers the hub: coins of touched users, and the present state of markets."""

    def __init__(self) -> None:
        # Market → the step that was last found here.
        self._steps: dict[int, Step] = {}
        # Room → its drafts (number, last change) as they were last found here.
        self._drafts: dict[int, _DraftList] = {}

    async def touched(self, room_id: int, touches: list[Touch]) -> dict[int, list[Frame]]:
        """Coins and positions of these users: one call to the bank, no SQL."""
        here = hub.get_hub().crowd.rooms.get(room_id)
        if here is None:
            return {}
        user_ids = sorted({user_id for touch in touches for user_id in touch.user_ids})
        market_ids = sorted({touch.market_id for touch in touches if touch.market_id})
        seen = await board_reads.read(here.facts.club_id, market_ids, user_ids)
        frames: dict[int, dict[str, Frame]] = {user_id: {} for user_id in user_ids}
        for touch in touches:
            for user_id in touch.user_ids:
                frame = _wallet_frame(here.facts.club, touch, user_id, seen)
                frames[user_id][str(frame.slot)] = frame
        return {user_id: list(own.values()) for user_id, own in frames.items()}

    async def news(self, rooms: dict[int, RoomFacts]) -> list[RoomFrame | Pools]:
        """Pools of every undecided market here, markets that took a step, and the bank's notices.

        Of a club whose primary is away the notices come alone.
        """
        club_ids = {facts.club_id for facts in rooms.values()}
        states = {state for id_ in club_ids for state in (capacity.of(id_), pause.of(id_))}
        await asyncio.gather(*(state.aprobe() for state in states))
        return [*_notices(rooms), *await self._figures(rooms)]

    async def _figures(self, rooms: dict[int, RoomFacts]) -> list[RoomFrame | Pools]:
        now_ms = bank.ask_time_ms()
        everywhere = await read_sql(_markets_of, list(rooms))
        club_ids = {facts.club_id for facts in rooms.values()}
        ids: dict[int, list[int]] = {club_id: [] for club_id in club_ids}
        for row in everywhere:
            ids[rooms[row.room_id].club_id].append(row.id)
        answers = await asyncio.gather(*(_read_states(club_id, ids[club_id]) for club_id in ids))
        # What is not known of a club, because its primary is away, is nothing that changed.
        known = {club_id: states for club_id, states in zip(ids, answers, strict=True)
                 if states is not None}  # fmt: skip
        # Rooms that nobody here is in any more are forgotten; of those whose club is away is kept
        # what they were told last.
        self._drafts = {id_: list_ for id_, list_ in self._drafts.items() if id_ in rooms and list_}
        rooms = {room_id: facts for room_id, facts in rooms.items() if facts.club_id in known}
        found = [row for row in everywhere if row.room_id in rooms]
        states = {id_: state for some in known.values() for id_, state in some.items()}
        drafts = await self._draft_frames(list(rooms), found, states, now_ms)
        begun = [row for row in found if row.id in states or row.status != Market.Status.DRAFT]
        steps = {row.id: _step(row.status, states.get(row.id)) for row in begun}
        stepped = [id_ for id_, step in steps.items() if self._steps.get(id_) != step]
        frames = await read_sql(_step_frames, stepped, states) if stepped else []
        told = {frame.slot for frame in frames}
        self._note({id_: steps[id_] for id_ in stepped if f"market:{id_}" in told})
        blind = {row.id: row.blind for row in found}
        pools = [
            _pools(state.room_id, state, is_blind=blind[state.id]) for state in states.values()
        ]
        return [*drafts, *frames, *pools]

    async def _draft_frames(
        self, room_ids: list[int], found: list[_Row], states: dict[int, MarketState], now_ms: int
    ) -> list[RoomFrame]:
        """The drafts of rooms where they are not those that were last found here."""
        lists: dict[int, _DraftList] = {room_id: [] for room_id in room_ids}
        for row in found:
            if row.status == Market.Status.DRAFT and row.id not in states:
                lists[row.room_id].append((row.id, row.changed_at_ms))
        changed = {id_: list_ for id_, list_ in lists.items() if self._drafts.get(id_, []) != list_}
        frames = await read_sql(_changed_drafts, changed, now_ms) if changed else []
        self._drafts |= lists
        return frames

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


def _changed_drafts(lists: dict[int, _DraftList], now_ms: int) -> list[RoomFrame]:
    return [
        _drafts_frame(room_id, [market_id for market_id, _changed in list_], now_ms)
        for room_id, list_ in lists.items()
    ]


def _markets_of(room_ids: list[int]) -> list[_Row]:
    """Markets of rooms that are not final, or have been for a minute only."""
    undecided = Market.objects.filter(room_id__in=room_ids).exclude(status__in=boards.FINAL)
    since_ms = bank.ask_time_ms() - FINAL_IS_NEWS_MS
    lately = Market.objects.filter(room_id__in=room_ids, settled_at_ms__gte=since_ms)
    rows = [*undecided.values_list(*_Row._fields), *lately.values_list(*_Row._fields)]
    return [_Row(*row) for row in rows]


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
        text, hosts_text = sight.frames(board, bank.ask_time_ms())
        frames.append(
            RoomFrame(
                room_id=market.room_id,
                text=text,
                slot=f"market:{market.pk}",
                version=board.version,
                touches_all=market.is_final,
                hosts_text=hosts_text,
            )
        )
    return frames


async def _read_states(club_id: int, market_ids: list[int]) -> dict[int, MarketState] | None:
    """Markets of a club as the bank has them; None while its primary is away."""
    states: dict[int, MarketState] = {}
    try:
        for some in chunks(market_ids, MARKETS_PER_READ):
            states |= (await board_reads.read(club_id, some, [])).states
    except (bank.BankAway, bank.BankFull):
        # Away, or on its way to another primary.
        return None
    return states


def _notices(rooms: dict[int, RoomFacts]) -> list[RoomFrame | Pools]:
    """How full the primary of each room is, and whether bets are paused there."""
    frames: list[RoomFrame | Pools] = []
    for club_id in {facts.club_id for facts in rooms.values()}:
        for state in (capacity.of(club_id), pause.of(club_id)):
            if (told := state.announcement()) is not None:
                text = told.texts[settings.LANGUAGE_CODE]
                frames += [
                    RoomFrame(id_, text, state.slot, told.version, translations=told.texts)
                    for id_, facts in rooms.items()
                    if facts.club_id == club_id
                ]
    return frames


def _pools(room_id: int, state: MarketState, *, is_blind: bool) -> Pools:
    def encode() -> tuple[str, str | None]:
        pools = boards.pools_of(state, bank.ask_time_ms())
        return sight.pools_frames(pools, state.status, is_blind=is_blind)

    return Pools(room_id, state.id, state.version, encode=encode)
