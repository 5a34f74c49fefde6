"""The socket of a room with betting: markets and coins in `welcome`, and bets."""

from typing import Any, ClassVar

import msgspec

from accounts.sockets.connection import Connection
from accounts.sockets.frames import encode
from betting import bank
from betting.actions import bets
from betting.bank import capacity, metrics, pause
from betting.models import Market
from betting.wire import sight, snapshots
from betting.wire.messages import (
    BetAccepted,
    BetPlace,
    BetRefused,
    BettingEvent,
    BettingMessage,
    Welcome,
)
from rooms.consumers import RoomConsumer
from web import limits
from web.refusals import Refused


class BetConsumer(RoomConsumer):
    """A connection to a room that can bet. After `welcome` a bet needs no SQL."""

    inbound: ClassVar[Any] = BettingMessage
    outbound: ClassVar[Any] = BettingEvent

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._bets = limits.bucket("bets")

    async def welcome(self) -> Welcome:
        """The room's snapshot with its markets, and the reader's coins and positions."""
        room = await super().welcome()
        for state in (capacity.of(self.room.club_id), pause.of(self.room.club_id)):
            if not state.is_normal:
                self.send(state.notice(), slot=state.slot)
        shown = await snapshots.show(self.room, self.visitor.user_id)
        return Welcome(
            you=room.you,
            room=room.room,
            here=room.here,
            chat=room.chat,
            now_ms=bank.ask_time_ms(self.room.club_id),
            markets=sight.all_seen(shown.boards, runs_room=self.runs_room),
            mine=shown.mine,
            coming=any(board.status == Market.Status.DRAFT for board in shown.boards),
            coins=shown.coins,
            epoch=shown.epoch,
            seq=shown.seq,
        )

    async def heard(self, message: Any) -> None:
        """Place a bet, or leave the message to the room."""
        if not isinstance(message, BetPlace):
            await super().heard(message)
            return
        try:
            self.send(encode(await self._place(message)))
        except Refused as refused:
            metrics.refused(refused.code, message.bet_id, message.market)
            if refused.code == "unavailable":
                self.refuse(refused, str(message.bet_id))
            else:
                self.send(encode(_refusal(message, refused)))

    async def _place(self, message: BetPlace) -> BetAccepted:
        if wait_s := self._bets.take():
            raise Refused("too_fast", retry_after_s=wait_s)
        placed = await bets.aplace_bet(self._bettor(), message.market, message)
        metrics.accepted(is_repeat=placed.is_repeat)
        self.known_seq = max(self.known_seq, (placed.answer.epoch, placed.answer.seq))
        return BetAccepted(**msgspec.structs.asdict(placed.answer))

    def _bettor(self) -> bets.Bettor:
        objection = bets.objection(
            is_live=self.room.is_live,
            is_sent_away=False,  # The socket of a user who was sent away is closed.
            is_member=True,
            role=self.role,
            hosts_may_bet=self.room.hosts_may_bet,
        )
        return bets.Bettor(
            user_id=self.visitor.user_id,
            club_id=self.room.club_id,
            room_id=self.room.id,
            refusal=objection,
            needs_presence=self.room.bets_need_presence,
        )


def _refusal(message: BetPlace, refused: Refused) -> BetRefused:
    return BetRefused(
        bet_id=str(message.bet_id),
        market=message.market,
        code=refused.code,
        message=str(refused.message),
        detail=refused.detail,
    )
