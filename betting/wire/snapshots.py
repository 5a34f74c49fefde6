"""What a room shows to those who come in: read once for all who come in at the same time."""

import asyncio
from dataclasses import dataclass

import msgspec

from betting import bank
from betting.bank.refusals import away
from betting.bank.values import Snapshot
from betting.models import Market
from betting.wire import boards
from betting.wire.messages import MarketBoard, MarketHolding, Mine
from rooms.facts import RoomFacts
from web.gathering import Gathering
from web.rows.chunks import chunks
from web.threads import read_sql

# The bank reads so many wallets with their positions in one call.
POSITIONS_PER_READ = 5_000
USERS_PER_READ = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """The questions of a room, and what one user has; all of one moment."""

    boards: list[MarketBoard]
    mine: list[MarketHolding]
    coins: int
    epoch: int
    seq: int


async def show(room: RoomFacts, user_id: int) -> Shown:
    """Read a room for a user who comes in. Raises Refused: busy, unavailable."""
    return await _shown.ask((room, user_id))


async def _show_all(asked: list[tuple[RoomFacts, int]]) -> list[Shown | Exception]:
    rooms = {room.id: room for room, _ in asked}
    users: dict[int, list[int]] = {room_id: [] for room_id in rooms}
    for room, user_id in asked:
        users[room.id].append(user_id)
    shows = (_show(room, list(dict.fromkeys(users[room_id]))) for room_id, room in rooms.items())
    shown = dict(zip(rooms, await asyncio.gather(*shows, return_exceptions=True), strict=True))
    return [_of_user(shown[room.id], user_id) for room, user_id in asked]


def _of_user(shown: dict[int, Shown] | BaseException, user_id: int) -> Shown | Exception:
    if isinstance(shown, Exception):
        return shown
    if isinstance(shown, BaseException):
        raise shown
    return shown[user_id]


_shown = Gathering(_show_all, at_most=USERS_PER_READ)


async def _show(room: RoomFacts, user_ids: list[int]) -> dict[int, Shown]:
    """Read a room for some users at once."""
    markets = await read_sql(boards.of_room, room.id)
    at_once = POSITIONS_PER_READ // max(len(markets), 1)
    shown: dict[int, Shown] = {}
    for some in chunks(user_ids, at_once):
        try:
            held = await bank.arun(bank.read(room.club_id, boards.in_bank(markets), some))
        except (bank.BankAway, bank.BankFull) as error:
            raise away(error) from error
        if boards.are_behind(markets, held.states):
            markets = await read_sql(boards.refresh, markets, held.states)
        shown |= await read_sql(_shown_to, some, markets, held)
    return shown


def _shown_to(user_ids: list[int], markets: list[Market], held: Snapshot) -> dict[int, Shown]:
    described = [boards.describe(market, held.states.get(market.pk)) for market in markets]
    ended = boards.final_mine(markets, user_ids)
    return {
        user_id: Shown(
            boards=_with_mine(described, ended.get(user_id, {})),
            mine=_holdings(markets, held, user_id),
            coins=held.coins[user_id],
            epoch=held.epoch,
            seq=held.seq,
        )
        for user_id in user_ids
    }


def _with_mine(described: list[MarketBoard], ended: dict[int, Mine]) -> list[MarketBoard]:
    if not ended:
        return described
    return [
        msgspec.structs.replace(board, mine=ended[board.id]) if board.id in ended else board
        for board in described
    ]


def _holdings(markets: list[Market], held: Snapshot, user_id: int) -> list[MarketHolding]:
    return [
        MarketHolding(market=market.pk, outcome=each.outcome, coins=each.coins)
        for market in markets
        for each in boards.holdings(held.positions.get((market.pk, user_id)))
    ]
