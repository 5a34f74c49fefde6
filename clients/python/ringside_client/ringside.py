"""One Ringside, and who asks it: a key of a room, an account, or nobody."""

import asyncio
import random
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import msgspec
import websockets

from ringside_client import shapes
from ringside_client.api_calls import Calls
from ringside_client.live import JoinedRoom, LiveRoom
from ringside_client.refusal import Refused, refusal_in

ROOT = "/api/v1/"
PATIENCE_S = 15.0
# By the definition of HTTP, twice is as good as once.
_REPEATABLE = {"GET", "PUT", "DELETE"}
# So it is here: until one of the next tokens was used, the same token gets another.
_RENEWAL = "auth/token/refresh/"
_KEY = re.compile(r"[\w-]*", re.ASCII)


class Ringside(Calls):
    """The API at `url`, with a method for each call; use it with `async with`.

    `key` is a key of a room, `rk_…`, with or without blanks around it; with an account, `sign_in`
    instead. A call waits and asks again for up to `patience_s` seconds while nothing was taken, and
    where that is not known, only what may be repeated: reading, and what carries an idempotency
    key. Raises ValueError for a key that can be none.
    """

    def __init__(self, url: str, *, key: str = "", patience_s: float = PATIENCE_S) -> None:
        self.url, self.key, self.patience_s = url.rstrip("/"), key.strip(), patience_s
        if not _KEY.fullmatch(self.key):
            raise ValueError("A key is one word of letters, digits, - and _.")
        self._http = httpx.AsyncClient(base_url=self.url, timeout=30)
        self._access = self._refresh = ""
        self._renewing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    @property
    def authorization(self) -> dict[str, str]:
        """The header that says who asks; empty for nobody."""
        token = self.key or self._access
        return {"Authorization": f"Bearer {token}"} if token else {}

    async def sign_in(self, email: str, password: str) -> None:
        """Sign in to an account; its tokens are renewed as they run out. Raises Refused."""
        tokens = await self.auth_token_post(email=email, password=password)
        self._access, self._refresh = tokens.access, tokens.refresh

    async def auth_password_post(self, *, current: str, new: str) -> shapes.UserAnswer:
        """Change the password, and go on with the sign-in that begins; all others end.

        Raises Refused: weak_password, wrong_credentials, forbidden.
        """
        answer = await super().auth_password_post(current=current, new=new)
        self._access, self._refresh = answer.access or "", answer.refresh or ""
        return answer

    async def renew(self, used: str | None = None) -> bool:
        """Get the next pair of tokens, once for all who wait; returns whether there is one.

        `used` is the access token that was refused: where another has come since, it stays. The
        pair is given up only where the server refuses it. Raises Refused: unavailable, busy.
        """
        async with self._renewing:
            if self._refresh and used in (None, self._access):
                await self._renew_with(self._refresh)
            return self._access not in ("", used)

    async def _renew_with(self, refresh: str) -> None:
        access = next_refresh = ""
        try:
            tokens = await self.auth_token_refresh_post(refresh=refresh)
            access, next_refresh = tokens.access, tokens.refresh
        except Refused as refused:
            if refused.code != "sign_in":
                raise
        # A sign-in that began meanwhile is another one.
        if self._refresh == refresh:
            self._access, self._refresh = access, next_refresh

    async def every(
        self, call: Callable[..., Awaitable[Any]], *values: str | int, **query: Any
    ) -> AsyncIterator[Any]:
        """Each line of a list, page by page: `ringside.every(ringside.me_bets_list)`."""
        while True:
            page = await call(*values, **query)
            for line in page.results:
                yield line
            if not page.next:
                return
            turned = dict(parse_qsl(urlsplit(page.next).query))
            query["before"] = int(turned["before"])

    def join(self, code: str) -> JoinedRoom:
        """A room by a socket, as the member who is signed in; use it with `async with`."""
        used = ""

        def connect() -> websockets.connect:
            nonlocal used
            used = self._access
            return self._socket(f"rooms/{quote(code)}", self.authorization, [])

        return JoinedRoom(connect, lambda: self.renew(used), self.patience_s)

    def watch(self, code: str) -> LiveRoom:
        """A room by a socket that counts as nobody, by a key that may read; `async with`."""

        def connect() -> websockets.connect:
            return self._socket(f"screens/{quote(code)}", {}, ["ringside.v1", f"screen.{self.key}"])

        return LiveRoom(connect, self.renew, self.patience_s)

    def _socket(self, path: str, headers: dict[str, str], offers: list[str]) -> websockets.connect:
        return websockets.connect(
            f"{self.url.replace('http', 'ws', 1)}/ws/{path}/", additional_headers=headers,
            subprotocols=[websockets.Subprotocol(each) for each in offers] or None,
            max_size=2**22, open_timeout=10, close_timeout=1,
        )  # fmt: skip

    async def call(
        self, method: str, path: str, *values: str | int, answers: tuple[Any, ...] = (),
        query: dict[str, Any] | None = None, body: dict[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Any:  # fmt: skip
        """Send a call of the API below /api/v1/; returns its answer as one of `answers`.

        Raises Refused; `unavailable` where no answer came.
        """
        asked = path.format(*(quote(str(value), safe="") for value in values))
        query, body = _given(query), body if body is None else _given(body)
        if body is not None and idempotency_key:
            body.setdefault(idempotency_key, str(uuid.uuid4()))
        may_repeat = method in _REPEATABLE or bool(idempotency_key) or path == _RENEWAL
        request = self._http.build_request(
            method, ROOT + asked, params=query,
            content=None if body is None else msgspec.json.encode(body),
            headers={} if body is None else {"Content-Type": "application/json"},
        )  # fmt: skip
        answer = await self._patiently(request, may_repeat=may_repeat)
        return _read(answer, answers)

    async def _patiently(self, request: httpx.Request, *, may_repeat: bool) -> httpx.Response:
        until_s = time.monotonic() + self.patience_s
        may_renew = request.url.path != ROOT + _RENEWAL
        while True:
            used = self._access
            try:
                return await self._send(request)
            except Refused as refused:
                wait_s = refused.retry_after_s or 0.2 + random.random() * 0.3
                if refused.code == "sign_in" and may_renew:
                    may_renew = False
                    if await self.renew(used):
                        continue
                again = refused.is_passing or (refused.is_unknown and may_repeat)
                if not again or time.monotonic() + wait_s > until_s:
                    raise
            await asyncio.sleep(wait_s)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        request.headers.pop("Authorization", None)
        request.headers.update(self.authorization)
        try:
            answer = await self._http.send(request)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            # A mistake of the program's, which asking again does not mend.
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Refused("busy", str(error)) from error
        except httpx.TransportError as error:
            raise Refused("unavailable", str(error)) from error
        if not answer.is_success:
            raise refusal_in(answer.status_code, answer.content, answer.headers)
        return answer


def _given(fields: dict[str, Any] | None) -> dict[str, Any]:
    return {name: each for name, each in (fields or {}).items() if each is not msgspec.UNSET}


def _read(answer: httpx.Response, answers: tuple[Any, ...]) -> Any:
    if not answer.content:
        return None
    if "json" not in answer.headers.get("Content-Type", ""):
        return answer.text
    *others, last = answers or (Any,)
    for shape in others:
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except msgspec.ValidationError:
            continue
    return msgspec.json.decode(answer.content, type=last)
