"""The calls about drafts, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from ringside_client.calling import Calling
from ringside_client.shapes import Drafts


class DraftsCalls(Calling):
    """The calls about drafts."""

    async def rooms_drafts_get(self, code: str) -> Drafts:
        """What a room has prepared, for those who run it.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/drafts/", code, answers=(Drafts,))

    async def rooms_drafts_copy_post(self, code: str, *, room: str) -> Drafts:
        """Prepare all questions of another room that one runs, or hosted, also an ended one.

        Raises Refused: forbidden, not_found, room_ended, too_many_markets.
        """
        return await self.call(
            "POST", "rooms/{}/drafts/copy/", code, answers=(Drafts,), body={"room": room}
        )

    async def rooms_drafts_csv_get(self, code: str) -> str:
        """All questions of the room, asked ones and drafts, as a CSV file.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/drafts/csv/", code)

    async def rooms_drafts_csv_post(self, code: str, *, csv: str) -> Drafts:
        """Prepare the questions of a CSV file: all, or none where a line is wrong. Those that are
        prepared already are passed over.

        Raises Refused: forbidden, not_found, room_ended, too_many_markets.
        """
        return await self.call(
            "POST", "rooms/{}/drafts/csv/", code, answers=(Drafts,), body={"csv": csv}
        )

    async def rooms_drafts_order_post(self, code: str, *, markets: list[int]) -> Drafts:
        """Put the drafts into this order; those not named come behind, as they were.

        Raises Refused: forbidden, not_found, room_ended.
        """
        return await self.call(
            "POST", "rooms/{}/drafts/order/", code, answers=(Drafts,), body={"markets": markets}
        )
