"""The calls about rooms, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Literal

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import (
    Entered,
    EveningAnswer,
    LeaderboardAnswer,
    MapAnswer,
    MarketBoard,
    MarketList,
    PlaceAsk,
    RoomList,
    RoomShape,
    SeatOffer,
)


class RoomsCalls(Calling):
    """The calls about rooms."""

    async def rooms_list(
        self,
        *,
        before: int | UnsetType = UNSET,
        lat: float | UnsetType = UNSET,
        lon: float | UnsetType = UNSET,
        radius_m: float | UnsetType = UNSET,
        q: str | UnsetType = UNSET,
        club: str | UnsetType = UNSET,
    ) -> RoomList:
        """Public live rooms, newest first; `lat`, `lon`, `radius_m` and `q` narrow them.

        Raises Refused: forbidden.
        """
        return await self.call(
            "GET",
            "rooms/",
            answers=(RoomList,),
            query={
                "before": before,
                "lat": lat,
                "lon": lon,
                "radius_m": radius_m,
                "q": q,
                "club": club,
            },
        )

    async def rooms_post(
        self,
        *,
        title: str,
        visibility: Literal["public", "unlisted"],
        capacity: int | UnsetType = UNSET,
        hosts_may_bet: bool | UnsetType = UNSET,
        official_after_s: Literal[0, 15, 30, 60, 120] | UnsetType = UNSET,
        unattended_after_s: int | UnsetType = UNSET,
        open_at_most_s: int | UnsetType = UNSET,
        stream_delay_s: int | UnsetType = UNSET,
        chat_mode: Literal["off", "on", "reactions", "slow"] | UnsetType = UNSET,
        evening_public: bool | UnsetType = UNSET,
        place: PlaceAsk | None | UnsetType = UNSET,
        club: str | UnsetType = UNSET,
        key: str | UnsetType = UNSET,
    ) -> RoomShape:
        """Open a room and host it; guests may. The same `key` again is the same room.

        `club` is a club in which one may open rooms.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "POST",
            "rooms/",
            answers=(RoomShape,),
            body={
                "title": title,
                "visibility": visibility,
                "capacity": capacity,
                "hosts_may_bet": hosts_may_bet,
                "official_after_s": official_after_s,
                "unattended_after_s": unattended_after_s,
                "open_at_most_s": open_at_most_s,
                "stream_delay_s": stream_delay_s,
                "chat_mode": chat_mode,
                "evening_public": evening_public,
                "place": place,
                "club": club,
                "key": key,
            },
            idempotency_key="key",
        )

    async def rooms_get(self, code: str) -> RoomShape:
        """A room; an unlisted one is shown to everybody who knows its code.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/", code, answers=(RoomShape,))

    async def rooms_patch(
        self,
        code: str,
        *,
        title: str | UnsetType = UNSET,
        visibility: Literal["public", "unlisted"] | UnsetType = UNSET,
        capacity: int | UnsetType = UNSET,
        hosts_may_bet: bool | UnsetType = UNSET,
        official_after_s: Literal[0, 15, 30, 60, 120] | UnsetType = UNSET,
        unattended_after_s: int | UnsetType = UNSET,
        open_at_most_s: int | UnsetType = UNSET,
        stream_delay_s: int | UnsetType = UNSET,
        chat_mode: Literal["off", "on", "reactions", "slow"] | UnsetType = UNSET,
        evening_public: bool | UnsetType = UNSET,
        place: PlaceAsk | None | UnsetType = UNSET,
    ) -> RoomShape:
        """Change a room; host and co-hosts may. Its sockets are told.

        Raises Refused: forbidden, not_found, room_ended.
        """
        return await self.call(
            "PATCH",
            "rooms/{}/",
            code,
            answers=(RoomShape,),
            body={
                "title": title,
                "visibility": visibility,
                "capacity": capacity,
                "hosts_may_bet": hosts_may_bet,
                "official_after_s": official_after_s,
                "unattended_after_s": unattended_after_s,
                "open_at_most_s": open_at_most_s,
                "stream_delay_s": stream_delay_s,
                "chat_mode": chat_mode,
                "evening_public": evening_public,
                "place": place,
            },
        )

    async def rooms_end_post(self, code: str) -> RoomShape:
        """End a room for good, once every question in it is decided.

        Raises Refused: forbidden, not_found, market_undecided.
        """
        return await self.call("POST", "rooms/{}/end/", code, answers=(RoomShape,))

    async def rooms_enter_post(self, code: str) -> Entered:
        """Become a member; repeating it changes nothing.

        Raises Refused: forbidden, not_found, room_full, room_ended.
        """
        return await self.call("POST", "rooms/{}/enter/", code, answers=(Entered,))

    async def rooms_evening_get(
        self, code: str, *, format: Literal["csv", "json"] | UnsetType = UNSET
    ) -> EveningAnswer | str:
        """Standings, podium and rounds; `format` is json (the default) or csv.

        At most five seconds old, a minute where the room has ended.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call(
            "GET", "rooms/{}/evening/", code, answers=(EveningAnswer,), query={"format": format}
        )

    async def rooms_leaderboard_get(self, code: str) -> LeaderboardAnswer:
        """The largest winners of a room, and the own rank; at most five seconds old.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("GET", "rooms/{}/leaderboard/", code, answers=(LeaderboardAnswer,))

    async def rooms_leave_post(self, code: str) -> RoomShape:
        """End the own membership; coins and positions stay. Repeating it changes nothing.

        Raises Refused: forbidden, not_found.
        """
        return await self.call("POST", "rooms/{}/leave/", code, answers=(RoomShape,))

    async def rooms_map_get(self, code: str) -> MapAnswer:
        """The map of a room: its place, and people as far as they show themselves.

        Raises Refused: forbidden, not_member, not_found.
        """
        return await self.call("GET", "rooms/{}/map/", code, answers=(MapAnswer,))

    async def rooms_markets_list(
        self,
        code: str,
        *,
        before: int | UnsetType = UNSET,
        status: Literal["locked", "open", "running", "settled", "void"] | UnsetType = UNSET,
    ) -> MarketList:
        """The questions of a room, newest first; those that run unless `status` says otherwise.

        Raises Refused: forbidden, not_found.
        """
        return await self.call(
            "GET",
            "rooms/{}/markets/",
            code,
            answers=(MarketList,),
            query={"before": before, "status": status},
        )

    async def rooms_markets_post(
        self,
        code: str,
        *,
        question: str,
        outcomes: list[str],
        closes_in_s: int | UnsetType = UNSET,
        min_stake: int | UnsetType = UNSET,
        max_stake: int | None | UnsetType = UNSET,
        min_bettors: int | UnsetType = UNSET,
        takeout_bp: int | UnsetType = UNSET,
        hedging: bool | UnsetType = UNSET,
        unresolved_after_s: int | UnsetType = UNSET,
        blind: bool | UnsetType = UNSET,
        open_next: bool | UnsetType = UNSET,
        open: bool | UnsetType = UNSET,
        key: str | UnsetType = UNSET,
    ) -> MarketBoard:
        """Make a market, open unless said otherwise; the same key again finds the same one.

        Raises Refused: forbidden, not_found, room_ended, too_many_markets.
        """
        return await self.call(
            "POST",
            "rooms/{}/markets/",
            code,
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
                "open": open,
                "key": key,
            },
            idempotency_key="key",
        )

    async def rooms_seats_post(self, code: str, *, role: Literal["cohost"]) -> SeatOffer:
        """Offer a seat: the first user who opens its link is co-host. Only the host may.

        Raises Refused: forbidden, not_found, room_ended.
        """
        return await self.call(
            "POST", "rooms/{}/seats/", code, answers=(SeatOffer,), body={"role": role}
        )

    async def seats_post(self, *, seat: str) -> Entered:
        """Take a seat; the same user may ask again until it expires.

        Raises Refused: forbidden, not_found, room_full, room_ended, expired.
        """
        return await self.call("POST", "seats/", answers=(Entered,), body={"seat": seat})
