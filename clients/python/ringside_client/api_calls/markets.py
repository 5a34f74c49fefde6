"""The calls about markets, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import Accepted, MarketBoard, MarketPreview, OddsAnswer, ResultAnswer


class MarketsCalls(Calling):
    """The calls about markets."""

    async def markets_get(self, market_id: int) -> MarketBoard:
        """The market now, with `mine` for members; a draft for those who run its room alone.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "markets/{}/", market_id, answers=(MarketBoard,))

    async def markets_patch(
        self,
        market_id: int,
        *,
        question: str | UnsetType = UNSET,
        outcomes: list[str] | UnsetType = UNSET,
        closes_in_s: int | None | UnsetType = UNSET,
        min_stake: int | UnsetType = UNSET,
        max_stake: int | None | UnsetType = UNSET,
        min_bettors: int | UnsetType = UNSET,
        takeout_bp: int | UnsetType = UNSET,
        hedging: bool | UnsetType = UNSET,
        unresolved_after_s: int | UnsetType = UNSET,
        blind: bool | UnsetType = UNSET,
        open_next: bool | UnsetType = UNSET,
    ) -> MarketBoard:
        """Change fields of a draft; those left out stay.

        Raises Refused: forbidden, not_found, room_ended, market_closed.
        """
        return await self.call(
            "PATCH",
            "markets/{}/",
            market_id,
            answers=(MarketBoard,),
            body={
                "question": question,
                "outcomes": outcomes,
                "closes_in_s": closes_in_s,
                "min_stake": min_stake,
                "max_stake": max_stake,
                "min_bettors": min_bettors,
                "takeout_bp": takeout_bp,
                "hedging": hedging,
                "unresolved_after_s": unresolved_after_s,
                "blind": blind,
                "open_next": open_next,
            },
        )

    async def markets_delete(self, market_id: int) -> None:
        """Remove a draft.

        Raises Refused: forbidden, not_found, market_closed.
        """
        await self.call("DELETE", "markets/{}/", market_id)

    async def markets_bets_post(
        self,
        market_id: int,
        *,
        outcome: int,
        stake: int,
        bet_id: str | UnsetType = UNSET,
        expires_at_ms: int | UnsetType = UNSET,
    ) -> Accepted:
        """Stake coins: 201 when taken, 200 with the same body when it had been taken before.

        Raises Refused: forbidden, not_member, host_may_not_bet, not_found, room_ended, market_not_open, market_closed, no_such_outcome, other_outcome_taken, stake_below_minimum, stake_above_maximum, not_enough_coins, key_reused, expired, not_inside, frozen.
        """
        return await self.call(
            "POST",
            "markets/{}/bets/",
            market_id,
            answers=(Accepted,),
            body={
                "bet_id": bet_id,
                "outcome": outcome,
                "stake": stake,
                "expires_at_ms": expires_at_ms,
            },
            idempotency_key="bet_id",
        )

    async def markets_duplicate_post(
        self, market_id: int, *, key: str | UnsetType = UNSET
    ) -> MarketBoard:
        """Prepare the same question once more; the same key again finds the same draft.

        Raises Refused: forbidden, not_found, room_ended, too_many_markets.
        """
        return await self.call(
            "POST",
            "markets/{}/duplicate/",
            market_id,
            answers=(MarketBoard,),
            body={"key": key},
            idempotency_key="key",
        )

    async def markets_lock_post(self, market_id: int) -> MarketBoard:
        """Do the step; repeating it returns the same.

        Raises Refused: forbidden, not_found, market_not_open.
        """
        return await self.call("POST", "markets/{}/lock/", market_id, answers=(MarketBoard,))

    async def markets_odds_get(self, market_id: int) -> OddsAnswer:
        """How the shares moved; empty for a blind market until its lock. At most five seconds old
        while the market runs.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "markets/{}/odds/", market_id, answers=(OddsAnswer,))

    async def markets_open_post(self, market_id: int) -> MarketBoard:
        """Do the step; repeating it returns the same.

        Raises Refused: forbidden, not_found, room_ended, too_many_markets.
        """
        return await self.call("POST", "markets/{}/open/", market_id, answers=(MarketBoard,))

    async def markets_result_get(self, market_id: int) -> ResultAnswer:
        """The largest winners of a market and what it paid; not_found while it is undecided.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "markets/{}/result/", market_id, answers=(ResultAnswer,))

    async def markets_settle_post(
        self,
        market_id: int,
        *,
        winners: list[int],
        happened_at_ms: int | None | UnsetType = UNSET,
        preview: bool | UnsetType = UNSET,
    ) -> MarketBoard | MarketPreview:
        """Name the winners: 202 with `official` while it is unofficial, or while the clock pays.

        200 when it is paid.

        Raises Refused: forbidden, holder_may_not_settle, not_found, market_not_open, market_not_locked, already_decided, no_such_outcome, frozen.
        """
        return await self.call(
            "POST",
            "markets/{}/settle/",
            market_id,
            answers=(
                MarketPreview,
                MarketBoard,
            ),
            body={"winners": winners, "happened_at_ms": happened_at_ms, "preview": preview},
        )

    async def markets_void_post(self, market_id: int, *, reason: str) -> MarketBoard:
        """Call the market off and give every stake back; 200 and 202 as for settling.

        Raises Refused: forbidden, holder_may_not_settle, not_found, market_not_open, already_decided, frozen.
        """
        return await self.call(
            "POST", "markets/{}/void/", market_id, answers=(MarketBoard,), body={"reason": reason}
        )

    async def markets_withdraw_post(self, market_id: int) -> MarketBoard:
        """Do the step; repeating it returns the same.

        Raises Refused: forbidden, holder_may_not_settle, not_found, market_not_open, market_not_locked, already_decided.
        """
        return await self.call("POST", "markets/{}/withdraw/", market_id, answers=(MarketBoard,))
