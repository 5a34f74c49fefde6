"""Every call of the API, as a method by the name of its operation.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from ringside_client.shapes import (
    Accepted,
    ActList,
    ClubMember,
    ClubMembers,
    ClubShape,
    CodeAnswer,
    CsrfAnswer,
    DeliveryList,
    DevicesAnswer,
    Drafts,
    EmailAnswer,
    EndedAnswer,
    Entered,
    ErasedAnswer,
    EveningAnswer,
    ForgettingAnswer,
    KeptAnchor,
    KeyList,
    KeyOffer,
    LeaderboardAnswer,
    Line,
    Lines,
    MapAnswer,
    MarketBoard,
    MarketList,
    MarketPreview,
    MeAnswer,
    MemberList,
    MemberShape,
    MyBetsPage,
    MyLedgerPage,
    MyLocation,
    MyRooms,
    NewcomerList,
    NicknameAnswer,
    OddsAnswer,
    OwnClubs,
    PairedAnswer,
    PlaceAsk,
    PresenceAnswer,
    Receipt,
    RefillAnswer,
    RefreshedAnswer,
    ReportAnswer,
    ReportedFix,
    ResetAnswer,
    ResultAnswer,
    RoomList,
    RoomShape,
    ScreenList,
    ScreenOffer,
    SeatOffer,
    SharingAnswer,
    SignedReceipt,
    SignInsAnswer,
    TicketAnswer,
    TokenAnswer,
    UserAnswer,
    VerifyAnswer,
    WebhookList,
    WebhookOffer,
)


class Calls:
    """The calls; a class that extends this one sends them."""

    async def call(
        self,
        method: str,
        path: str,
        *values: str | int,
        answers: tuple[Any, ...] = (),
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Any:
        """Send a call; returns its answer. Raises Refused."""
        raise NotImplementedError

    async def auth_csrf_get(self) -> CsrfAnswer:
        """The token for X-CSRFToken; sets the cookie it is compared with.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "auth/csrf/", answers=(CsrfAnswer,))

    async def auth_email_get(self) -> EmailAnswer:
        """The own e-mail, and whether it is verified.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "auth/email/", answers=(EmailAnswer,))

    async def auth_email_post(self) -> None:
        """Have the link sent again that verifies the own e-mail.

        Raises Refused: forbidden.
        """
        await self.call("POST", "auth/email/")

    async def auth_email_verify_post(self, *, link: str) -> None:
        """Verify an e-mail by a link, also signed out or as somebody else; it may be repeated.

        Raises Refused: forbidden, not_found.
        """
        await self.call("POST", "auth/email/verify/", body={"link": link})

    async def auth_forget_get(self) -> ForgettingAnswer:
        """Whether the user asked to be forgotten, and when.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "auth/forget/", answers=(ForgettingAnswer,))

    async def auth_forget_post(self) -> ForgettingAnswer:
        """Ask to be forgotten; it happens once the last open bet is paid. Again: the same.

        Raises Refused: forbidden.
        """
        return await self.call("POST", "auth/forget/", answers=(ForgettingAnswer,))

    async def auth_guest_post(self, *, nickname: str | UnsetType = UNSET) -> UserAnswer:
        """Become a guest; a user who is signed in already stays who they are (200).

        Raises Refused: nickname_refused, forbidden.
        """
        return await self.call(
            "POST", "auth/guest/", answers=(UserAnswer,), body={"nickname": nickname}
        )

    async def auth_login_post(self, *, email: str, password: str) -> UserAnswer:
        """Sign in with e-mail and password; a guest signed in here is left behind.

        Raises Refused: wrong_credentials, forbidden.
        """
        return await self.call(
            "POST",
            "auth/login/",
            answers=(UserAnswer,),
            body={"email": email, "password": password},
        )

    async def auth_logout_post(self) -> None:
        """End this sign-in and its sockets; repeating it returns the same.

        Raises Refused: forbidden.
        """
        await self.call("POST", "auth/logout/")

    async def auth_me_get(self) -> MeAnswer:
        """The own account, and its coins in each club.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "auth/me/", answers=(MeAnswer,))

    async def auth_me_patch(self, *, nickname: str) -> UserAnswer:
        """Take another name; it is sent to everybody in the rooms where the user is.

        Raises Refused: nickname_refused, forbidden.
        """
        return await self.call(
            "PATCH", "auth/me/", answers=(UserAnswer,), body={"nickname": nickname}
        )

    async def auth_nickname_get(self) -> NicknameAnswer:
        """A suggestion for the name of a newcomer, in the reader's language.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "auth/nickname/", answers=(NicknameAnswer,))

    async def auth_password_post(self, *, current: str, new: str) -> UserAnswer:
        """Change the password; every sign-in ends but the new one this answer brings.

        Raises Refused: weak_password, wrong_credentials, forbidden.
        """
        return await self.call(
            "POST", "auth/password/", answers=(UserAnswer,), body={"current": current, "new": new}
        )

    async def auth_refresh_post(self) -> RefreshedAnswer:
        """Renew the cookies; 401 takes them away where they are good for nothing.

        Raises Refused: forbidden.
        """
        return await self.call("POST", "auth/refresh/", answers=(RefreshedAnswer,))

    async def auth_register_post(self, *, email: str, nickname: str, password: str) -> UserAnswer:
        """Make an account; a signed-in guest becomes it, with id, coins and positions.

        Raises Refused: nickname_refused, weak_password, forbidden, email_taken.
        """
        return await self.call(
            "POST",
            "auth/register/",
            answers=(UserAnswer,),
            body={"email": email, "nickname": nickname, "password": password},
        )

    async def auth_reset_post(self, *, email: str) -> ResetAnswer:
        """Have a link for another password sent; the same is answered for an unknown e-mail.

        Raises Refused: forbidden.
        """
        return await self.call("POST", "auth/reset/", answers=(ResetAnswer,), body={"email": email})

    async def auth_reset_choose_post(self, *, link: str, new: str) -> None:
        """Choose another password by a link, once; every sign-in of the account ends.

        Raises Refused: weak_password, forbidden, not_found.
        """
        await self.call("POST", "auth/reset/choose/", body={"link": link, "new": new})

    async def auth_sign_ins_list(self) -> SignInsAnswer:
        """The own sign-ins that stand, the latest used first.

        Raises Refused: forbidden.
        """
        return await self.call("GET", "auth/sign-ins/", answers=(SignInsAnswer,))

    async def auth_sign_ins_delete(self, sign_in_id: str) -> None:
        """End one own sign-in; somebody else's is not_found.

        Raises Refused: forbidden, not_found.
        """
        await self.call("DELETE", "auth/sign-ins/{}/", sign_in_id)

    async def auth_sign_ins_end_post(self, *, others_only: bool | UnsetType = UNSET) -> EndedAnswer:
        """End all own sign-ins with their sockets, or all but this one.

        Raises Refused: forbidden.
        """
        return await self.call(
            "POST", "auth/sign-ins/end/", answers=(EndedAnswer,), body={"others_only": others_only}
        )

    async def auth_ticket_post(self) -> TicketAnswer:
        """A ticket for one socket within 30 s, from the Origin that asks.

        Raises Refused: forbidden.
        """
        return await self.call("POST", "auth/ticket/", answers=(TicketAnswer,))

    async def auth_token_post(self, *, email: str, password: str) -> TokenAnswer:
        """Tokens for a client that keeps no cookies.

        Raises Refused: wrong_credentials, forbidden.
        """
        return await self.call(
            "POST",
            "auth/token/",
            answers=(TokenAnswer,),
            body={"email": email, "password": password},
        )

    async def auth_token_refresh_post(self, *, refresh: str) -> TokenAnswer:
        """New tokens for a refresh token; it is over once its successor was used.

        Raises Refused: forbidden.
        """
        return await self.call(
            "POST", "auth/token/refresh/", answers=(TokenAnswer,), body={"refresh": refresh}
        )

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

    async def rooms_seats_post(self, code: str, *, role: Literal["cohost"]) -> SeatOffer:
        """Offer a seat: the first user who opens its link is co-host. Only the host may.

        Raises Refused: forbidden, not_found, room_ended.
        """
        return await self.call(
            "POST", "rooms/{}/seats/", code, answers=(SeatOffer,), body={"role": role}
        )

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

    async def seats_post(self, *, seat: str) -> Entered:
        """Take a seat; the same user may ask again until it expires.

        Raises Refused: forbidden, not_found, room_full, room_ended, expired.
        """
        return await self.call("POST", "seats/", answers=(Entered,), body={"seat": seat})

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
