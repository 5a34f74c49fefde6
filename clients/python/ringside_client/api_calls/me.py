"""The calls about me, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Any

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import (
    KeptAnchor,
    MyBetsPage,
    MyLedgerPage,
    MyRooms,
    Receipt,
    RefillAnswer,
    SignedReceipt,
    VerifyAnswer,
)


class MeCalls(Calling):
    """The calls about me."""

    async def me_bets_list(self, *, before: int | UnsetType = UNSET) -> MyBetsPage:
        """The own bets, with what each brought; newest first.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "me/bets/", answers=(MyBetsPage,), query={"before": before})

    async def me_export_get(self) -> Any:
        """Everything that is kept of the user, as a file of JSON.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "me/export/", answers=(Any,))

    async def me_ledger_list(self, *, before: int | UnsetType = UNSET) -> MyLedgerPage:
        """Every movement of the own coins, newest first.

        Raises Refused: forbidden.
        """
        return await self.call(
            "GET", "me/ledger/", answers=(MyLedgerPage,), query={"before": before}
        )

    async def me_receipts_get(self, seq: int, *, club: str | UnsetType = UNSET) -> SignedReceipt:
        """The signed receipt of an own bet, in the main club or that of `?club=`.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "GET", "me/receipts/{}/", seq, answers=(SignedReceipt,), query={"club": club}
        )

    async def me_refill_post(self, *, club: str | UnsetType = UNSET) -> RefillAnswer:
        """Take coins when next to none are left and none are at stake.

        Raises Refused: forbidden, not_found, stake_above_maximum, not_broke.
        """
        return await self.call("POST", "me/refill/", answers=(RefillAnswer,), body={"club": club})

    async def me_rooms_list(self, *, before: int | UnsetType = UNSET) -> MyRooms:
        """The rooms that the user hosts or is in, unlisted and ended ones too; the latest first.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "me/rooms/", answers=(MyRooms,), query={"before": before})

    async def verify_post(
        self,
        *,
        receipts: list[Receipt] | UnsetType = UNSET,
        anchors: list[KeptAnchor] | UnsetType = UNSET,
    ) -> VerifyAnswer:
        """Whether the ledger still holds these receipts and anchors: a sentence and a code each.

        Raises Refused: forbidden.
        """
        return await self.call(
            "POST",
            "verify/",
            answers=(VerifyAnswer,),
            body={"receipts": receipts, "anchors": anchors},
        )
