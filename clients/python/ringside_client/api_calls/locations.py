"""The calls about locations, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import (
    DevicesAnswer,
    ErasedAnswer,
    MyLocation,
    PairedAnswer,
    ReportAnswer,
    ReportedFix,
    SharingAnswer,
)


class LocationsCalls(Calling):
    """The calls about locations."""

    async def locations_post(self, *, fixes: list[ReportedFix]) -> ReportAnswer:
        """Report up to a hundred fixes; they are judged in the order they stand in.

        Raises Refused: forbidden.
        """
        return await self.call("POST", "locations/", answers=(ReportAnswer,), body={"fixes": fixes})

    async def locations_devices_list(self) -> DevicesAnswer:
        """The own devices, newest first, without their tokens.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "locations/devices/", answers=(DevicesAnswer,))

    async def locations_devices_post(self, *, name: str | UnsetType = UNSET) -> PairedAnswer:
        """Pair a phone app; its token is returned this once.

        Raises Refused: forbidden.
        """
        return await self.call(
            "POST", "locations/devices/", answers=(PairedAnswer,), body={"name": name}
        )

    async def locations_devices_delete(self, device_id: int) -> None:
        """End a device; its token is invalid from now on.

        Raises Refused: forbidden, not_found.
        """
        await self.call("DELETE", "locations/devices/{}/", device_id)

    async def locations_export_get(
        self, *, format: Literal["gpx", "json"] | UnsetType = UNSET
    ) -> Any:
        """The own history as a file; `format` is json (the default) or gpx.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "locations/export/", answers=(Any,), query={"format": format})

    async def locations_me_get(self) -> MyLocation:
        """Everything that is known about the own positions.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "locations/me/", answers=(MyLocation,))

    async def locations_me_delete(self) -> ErasedAnswer:
        """Forget all of the user: live, waiting and past positions, devices and sharing.

        Raises Refused: forbidden.
        """
        return await self.call("DELETE", "locations/me/", answers=(ErasedAnswer,))

    async def locations_sharing_put(
        self,
        *,
        level: Literal["area", "exact", "off", "presence"],
        room: str | UnsetType = UNSET,
        minutes: int | UnsetType = UNSET,
    ) -> SharingAnswer:
        """Share a level with a room for some minutes, or stop.

        Raises Refused: forbidden, not_member, not_found, room_ended.
        """
        return await self.call(
            "PUT",
            "locations/sharing/",
            answers=(SharingAnswer,),
            body={"level": level, "room": room, "minutes": minutes},
        )
