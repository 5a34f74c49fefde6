"""The calls about clubs, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Literal

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import ClubMember, ClubMembers, ClubShape, LeaderboardAnswer, OwnClubs


class ClubsCalls(Calling):
    """The calls about clubs."""

    async def clubs_list(self, *, before: int | UnsetType = UNSET) -> OwnClubs:
        """The clubs that the user belongs to, the newest membership first; the main one is none.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "clubs/", answers=(OwnClubs,), query={"before": before})

    async def clubs_post(self, *, title: str, key: str | UnsetType = UNSET) -> ClubShape:
        """Make a club with coins of its own, where operators let one; a `key` makes one club.

        Raises Refused: forbidden.
        """
        return await self.call(
            "POST",
            "clubs/",
            answers=(ClubShape,),
            body={"title": title, "key": key},
            idempotency_key="key",
        )

    async def clubs_get(self, slug: str) -> ClubShape:
        """A club; everybody may see it. Its public rooms are in the list of rooms by `club`.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "clubs/{}/", slug, answers=(ClubShape,))

    async def clubs_patch(
        self,
        slug: str,
        *,
        title: str | UnsetType = UNSET,
        members_may_open_rooms: bool | UnsetType = UNSET,
    ) -> ClubShape:
        """Change a club; its owner may.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "PATCH",
            "clubs/{}/",
            slug,
            answers=(ClubShape,),
            body={"title": title, "members_may_open_rooms": members_may_open_rooms},
        )

    async def clubs_leaderboard_get(self, slug: str) -> LeaderboardAnswer:
        """The largest winners of a club's last thirty days, and the own rank; for its members.

        At most a minute old. The main club has none.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call("GET", "clubs/{}/leaderboard/", slug, answers=(LeaderboardAnswer,))

    async def clubs_leave_post(self, slug: str) -> ClubShape:
        """End the own membership; coins stay. Repeating it changes nothing; an owner cannot.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("POST", "clubs/{}/leave/", slug, answers=(ClubShape,))

    async def clubs_members_list(
        self, slug: str, *, before: int | UnsetType = UNSET
    ) -> ClubMembers:
        """The members of a club, newest first, for those who run or moderate it.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "GET", "clubs/{}/members/", slug, answers=(ClubMembers,), query={"before": before}
        )

    async def clubs_members_post(
        self, slug: str, user_id: int, *, role: Literal["member", "moderator"]
    ) -> ClubMember:
        """Make a member moderator or member again; it counts in the club's live rooms at once.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "POST",
            "clubs/{}/members/{}/",
            slug,
            user_id,
            answers=(ClubMember,),
            body={"role": role},
        )
