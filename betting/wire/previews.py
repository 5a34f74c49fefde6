"""Previews: the payouts of a decision that the host has not made yet."""

from collections.abc import Sequence

import msgspec

from betting.payouts import Settlement, Share
from betting.wire.messages import MarketBoard, MarketPreview, PayoutLine, WouldBe
from rooms.names import names_of

PAYOUTS_SHOWN = 20


def preview_of(room_id: int, board: MarketBoard, settlement: Settlement) -> MarketPreview:
    """A market with what this settlement would pay: its sums, and its largest payouts."""
    return MarketPreview(
        **msgspec.structs.asdict(board),
        payouts=_lines(room_id, settlement),
        would_be=would_be(settlement),
    )


def _lines(room_id: int, settlement: Settlement) -> list[PayoutLine]:
    """Payouts of the winners; refunds where nobody wins."""
    told = _won(settlement) if settlement.status == "settled" else settlement.items
    largest = sorted(told, key=lambda share: -share.coins)[:PAYOUTS_SHOWN]
    names = names_of(room_id, {share.user_id for share in largest})
    return [
        PayoutLine(
            user=share.user_id,
            nickname=names.get(share.user_id, ""),
            outcome=share.outcome_id,
            stake=share.stake_coins,
            payout=share.coins,
        )
        for share in largest
    ]


def would_be(settlement: Settlement) -> WouldBe:
    """The sums of a settlement that is not made."""
    won = _won(settlement)
    return WouldBe(
        status=settlement.status,
        reason=settlement.reason or None,
        people=len({share.user_id for share in won}),
        paid=sum(share.coins for share in won),
        refunded=sum(share.coins for share in settlement.items if share.kind == "refund"),
    )


def _won(settlement: Settlement) -> Sequence[Share]:
    return [share for share in settlement.items if share.kind == "payout"]
