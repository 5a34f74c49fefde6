"""The calls about programs, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Literal

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import (
    CodeAnswer,
    DeliveryList,
    KeyList,
    KeyOffer,
    ScreenList,
    ScreenOffer,
    WebhookList,
    WebhookOffer,
)


class ProgramsCalls(Calling):
    """The calls about programs."""

    async def rooms_keys_list(self, code: str) -> KeyList:
        """The keys that are not over, newest first, without their texts.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/keys/", code, answers=(KeyList,))

    async def rooms_keys_post(
        self,
        code: str,
        *,
        name: str,
        rights: list[Literal["ask", "chat", "figures", "lock", "read", "settle"]],
        days: int | UnsetType = UNSET,
    ) -> KeyOffer:
        """Make a key for this room, in one's own name.

        Raises Refused: forbidden, not_found, room_ended.
        """
        return await self.call(
            "POST",
            "rooms/{}/keys/",
            code,
            answers=(KeyOffer,),
            body={"name": name, "rights": rights, "days": days},
        )

    async def rooms_keys_delete(self, code: str, key_id: int) -> None:
        """End a key: it opens nothing at once, and its sockets close; again does nothing.

        Raises Refused: forbidden, not_found.
        """
        await self.call("DELETE", "rooms/{}/keys/{}/", code, key_id)

    async def rooms_screen_code_get(self, code: str) -> CodeAnswer:
        """The code that the screen of the place shows now.

        For those who run the room, and for screens that they gave a link.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/screen-code/", code, answers=(CodeAnswer,))

    async def rooms_screens_list(self, code: str) -> ScreenList:
        """The links that were not ended, newest first, without their codes.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/screens/", code, answers=(ScreenList,))

    async def rooms_screens_post(self, code: str) -> ScreenOffer:
        """Make a link: who has it reads the room as a screen, and counts as nobody.

        Raises Refused: forbidden, not_found, room_ended.
        """
        return await self.call("POST", "rooms/{}/screens/", code, answers=(ScreenOffer,))

    async def rooms_screens_delete(self, code: str, screen_id: int) -> None:
        """End a link: its screens close within a second or two; again does nothing.

        Raises Refused: forbidden, not_found.
        """
        await self.call("DELETE", "rooms/{}/screens/{}/", code, screen_id)

    async def rooms_webhooks_list(self, code: str) -> WebhookList:
        """The webhooks that were not ended, newest first, and how many deliveries wait.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/webhooks/", code, answers=(WebhookList,))

    async def rooms_webhooks_post(self, code: str, *, url: str) -> WebhookOffer:
        """Have a server told of what happens in this room from now on.

        Raises Refused: forbidden, not_found, room_ended.
        """
        return await self.call(
            "POST", "rooms/{}/webhooks/", code, answers=(WebhookOffer,), body={"url": url}
        )

    async def rooms_webhooks_delete(self, code: str, webhook_id: int) -> None:
        """End a webhook: nothing more is sent; again does nothing.

        Raises Refused: forbidden, not_found.
        """
        await self.call("DELETE", "rooms/{}/webhooks/{}/", code, webhook_id)

    async def rooms_webhooks_deliveries_list(self, code: str, webhook_id: int) -> DeliveryList:
        """The last twenty events for a webhook, newest first, and what became of each.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "GET", "rooms/{}/webhooks/{}/deliveries/", code, webhook_id, answers=(DeliveryList,)
        )

    async def rooms_webhooks_deliveries_repeat_post(
        self, code: str, delivery_id: int, webhook_id: int
    ) -> None:
        """Send an event once more, under the same id, also one that was taken.

        Raises Refused: forbidden, not_found.
        """
        await self.call(
            "POST", "rooms/{}/webhooks/{}/deliveries/{}/repeat/", code, delivery_id, webhook_id
        )

    async def rooms_webhooks_pause_post(self, code: str, webhook_id: int) -> None:
        """Send nothing until the webhook is resumed; what happens is kept. Again does nothing.

        Raises Refused: forbidden, not_found.
        """
        await self.call("POST", "rooms/{}/webhooks/{}/pause/", code, webhook_id)

    async def rooms_webhooks_resume_post(self, code: str, webhook_id: int) -> None:
        """Serve a paused webhook again, beginning with what waits; again does nothing more.

        Raises Refused: forbidden, not_found.
        """
        await self.call("POST", "rooms/{}/webhooks/{}/resume/", code, webhook_id)
