"""The calls about people, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Literal

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import (
    ActList,
    Line,
    Lines,
    MemberList,
    MemberShape,
    NewcomerList,
    PresenceAnswer,
)


class PeopleCalls(Calling):
    """The calls about people."""

    async def rooms_acts_list(self, code: str, *, before: int | UnsetType = UNSET) -> ActList:
        """The acts of a room, newest first; former names are among them.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "GET", "rooms/{}/acts/", code, answers=(ActList,), query={"before": before}
        )

    async def rooms_chat_list(self, code: str) -> Lines:
        """The last 100 lines, newest first; for members.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call("GET", "rooms/{}/chat/", code, answers=(Lines,))

    async def rooms_chat_post(self, code: str, *, text: str) -> Line:
        """Say something to everybody in the room, as far as the chat is on.

        Raises Refused: forbidden, not_member, muted, not_found, room_ended.
        """
        return await self.call("POST", "rooms/{}/chat/", code, answers=(Line,), body={"text": text})

    async def rooms_chat_delete(
        self, code: str, line_id: str, *, reason: str | UnsetType = UNSET
    ) -> None:
        """Delete a line from every page; the log keeps it with who and why. May be repeated.

        Raises Refused: forbidden, not_found.
        """
        await self.call("DELETE", "rooms/{}/chat/{}/", code, line_id, body={"reason": reason})

    async def rooms_members_list(
        self, code: str, *, before: int | UnsetType = UNSET, q: str | UnsetType = UNSET
    ) -> MemberList:
        """Members, newest first; above 200 of them for host and co-hosts only. `q` searches names.

        Users who may moderate see the removed and banned, too, and of each what was staked.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call(
            "GET",
            "rooms/{}/members/",
            code,
            answers=(MemberList,),
            query={"before": before, "q": q},
        )

    async def rooms_members_post(
        self,
        code: str,
        user_id: int,
        *,
        action: Literal[
            "ban",
            "make_cohost",
            "make_moderator",
            "make_player",
            "mute",
            "remove",
            "unban",
            "unmute",
        ],
        reason: str | UnsetType = UNSET,
        minutes: int | None | UnsetType = UNSET,
    ) -> MemberShape:
        """Mute, send away or promote a member of a lower role; repeating it changes nothing.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call(
            "POST",
            "rooms/{}/members/{}/",
            code,
            user_id,
            answers=(MemberShape,),
            body={"action": action, "reason": reason, "minutes": minutes},
        )

    async def rooms_newcomers_get(self, code: str) -> NewcomerList:
        """The last forty who entered and are in; for screens of the room and for its members.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call("GET", "rooms/{}/newcomers/", code, answers=(NewcomerList,))

    async def rooms_presence_get(self, code: str) -> PresenceAnswer:
        """Whether bets of this user are taken in the room now, and why not.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call("GET", "rooms/{}/presence/", code, answers=(PresenceAnswer,))

    async def rooms_presence_post(self, code: str, *, code_: str) -> PresenceAnswer:
        """Prove presence by the code on the screen; good for ten minutes.

        Raises Refused: forbidden, not_member, not_found, not_inside.
        """
        return await self.call(
            "POST", "rooms/{}/presence/", code, answers=(PresenceAnswer,), body={"code": code_}
        )
