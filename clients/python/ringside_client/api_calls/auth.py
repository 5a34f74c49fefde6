"""The calls about auth, as methods by the names of their operations.

Made by `python -m clients.generator`; changes by hand are lost.
"""

# The call's own answer is not known to a type checker.
# mypy: disable-error-code="no-any-return"

from msgspec import UNSET, UnsetType

from ringside_client.calling import Calling
from ringside_client.shapes import (
    CsrfAnswer,
    EmailAnswer,
    EndedAnswer,
    ForgettingAnswer,
    MeAnswer,
    NicknameAnswer,
    RefreshedAnswer,
    ResetAnswer,
    SignInsAnswer,
    TicketAnswer,
    TokenAnswer,
    UserAnswer,
)


class AuthCalls(Calling):
    """The calls about auth."""

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
