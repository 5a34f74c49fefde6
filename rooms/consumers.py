"""One socket in one room: handshake, a lean receive loop, one task that sends.

An app above extends `RoomConsumer` with its own messages. Nothing a client says becomes the name
of a group, a key, a method or a layer message.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from accounts.auth.tokens import now_ms
from accounts.handshake.middleware import Visitor, refuse
from accounts.handshake.turns import turns, user
from rooms import access, chat, codes
from rooms.facts import RoomFacts
from rooms.fanout import metrics
from rooms.fanout.hub import get_hub
from rooms.fanout.outbox import Outbox
from rooms.messages import (
    ChatSay,
    Hello,
    Ping,
    RoomMessage,
    bytes_of,
    encode,
    error_frame,
    name_in,
    name_of,
    notice_frame,
    room_shape,
)
from rooms.threads import read_sql
from web import limits
from web.close_codes import Close
from web.parsing import parse
from web.refusals import Refused

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HELLO_S = 10.0
HELLOS_APART_S = 1.0
FAREWELL_S = 1.0
NONSENSE_MAX = 3
ANSWERS_AHEAD = 16
ROOM_REFUSALS = {"room_ended": Close.ENDED, "forbidden": Close.SENT_AWAY}


class RoomConsumer:
    """A connection of one user to one room, from handshake to close."""

    inbound: ClassVar[Any] = RoomMessage

    visitor: Visitor
    room: RoomFacts
    role: str
    shown_as: str
    muted_until_ms: int

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.socket_id = uuid.uuid4().hex
        self.blocked_since_s: float | None = None
        self._receive, self._send = receive, send
        self._outbox = Outbox()
        self._wake = asyncio.Event()
        self._farewell: tuple[int, str] | None = None
        self._last_words: tuple[str, ...] = ()
        self._writer: asyncio.Task[None] | None = None
        self._is_welcome = False
        self._greeted_at_s = float("-inf")
        self._next_greeting: asyncio.Task[None] | None = None
        self._nonsense = 0
        self._messages = limits.bucket("messages")
        self._chat = limits.bucket("chat")

    @classmethod
    def as_asgi(cls) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """The ASGI app for Channels' routing: a fresh consumer for every connection."""

        async def connection(scope: Scope, receive: Receive, send: Send) -> None:
            await cls(scope, receive, send).run()

        return connection

    # --- What an app above extends

    async def welcome(self) -> dict[str, Any]:
        """The snapshot that answers `hello`, without its type; bounded in size."""
        here = get_hub().here(self.room.id)
        return {
            "you": {
                "id": self.visitor.user_id,
                "nickname": self.shown_as,
                "role": self.role,
                "muted": self.is_muted,
            },
            "room": room_shape(self.room, here),
            "here": here,
            "chat": await chat.recent(self.room.id, chat.WELCOME_LINES),
            "now_ms": now_ms(),
        }

    async def heard(self, message: Any) -> None:
        """Act on one message after `hello`; what is refused by raising Refused becomes an error."""
        if isinstance(message, Ping):
            self.send(encode({"type": "pong", "t": message.t, "now_ms": now_ms()}))
        elif isinstance(message, ChatSay):
            if self.is_muted:
                raise Refused("muted")
            text = chat.tidy(message.text)
            if wait_s := self._chat.take():
                raise Refused("too_fast", retry_after_s=wait_s)
            await chat.say(self.room.id, self.visitor.user_id, self.shown_as, text)

    # --- What they use

    @property
    def is_muted(self) -> bool:
        return self.muted_until_ms > now_ms()

    def send(self, frame: str, *, slot: Hashable | None = None) -> None:
        """Put an encoded frame into the outbox; a slot keeps only its newest frame.

        Before `hello` nothing is kept, because `welcome` will hold it. A reader whose outbox is
        full is closed 4008.
        """
        if self._is_welcome:
            self._put(frame, slot)

    def refuse(self, refused: Refused, re: str | None = None) -> None:
        """Tell a refusal as an `error`; `re` is the id of the message it answers."""
        self._put(error_frame(refused.as_json(), re), None)

    def _put(self, frame: str, slot: Hashable | None) -> None:
        if self._farewell:
            return
        if not self._outbox.put(frame, slot):
            self.shut(Close.TOO_SLOW, "too slow")
        self._wake.set()

    def shut(self, code: int, reason: str = "", *last_words: str) -> None:
        """Close without waiting: nothing more is heard, the outbox is dropped.

        `last_words` are frames that still go first.
        """
        if self._farewell:
            return
        self._farewell, self._last_words = (code, reason), last_words
        metrics.dropped.labels("closing").inc(len(self._outbox))
        if code in (Close.TOO_FAST, Close.NONSENSE):
            turns().hold(user(self.visitor.user_id))
        get_hub().part(self)
        self._wake.set()
        if self.blocked_since_s is not None and self._writer:
            self._writer.cancel()

    async def close(self, code: int, reason: str = "") -> None:
        """Close and wait until the close was sent, or a second has passed."""
        self.shut(code, reason)
        if self._writer:
            await asyncio.wait([self._writer], timeout=2 * FAREWELL_S)

    def stand(self, role: str, muted_until_ms: int) -> None:
        """Take note of a changed role or mute, and tell the person."""
        if (role, muted_until_ms) == (self.role, self.muted_until_ms):
            return
        self.role, self.muted_until_ms = role, muted_until_ms
        code, sentence = access.standing_notice(role, muted_until_ms)
        self.send(notice_frame(code, sentence))

    # --- From handshake to close

    async def run(self) -> None:
        """Serve the connection until it ends."""
        await self._receive()
        try:
            is_open = await self._open()
        except Refused as refused:
            await refuse(self.scope, self._send, refused.status, str(refused.message))
            return
        if not is_open:
            return
        hub = get_hub()
        hub.join(self)
        deadline = asyncio.get_running_loop().call_later(HELLO_S, self._miss_hello)
        self._writer = asyncio.create_task(self._write())
        listener = asyncio.create_task(self._listen())
        try:
            # The connection lives while both do: a close ends the writer, a hang-up the listener.
            await asyncio.wait([listener, self._writer], return_when=asyncio.FIRST_COMPLETED)
        finally:
            deadline.cancel()
            hub.part(self)
            tasks = [each for each in (listener, self._writer, self._next_greeting) if each]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self) -> bool:
        """Find the room, see who it is, let them in; False when the socket was closed at once."""
        code = codes.read_code(self.scope["url_route"]["kwargs"]["code"])
        address = (self.scope.get("client") or ("", 0))[0]
        room = await read_sql(access.look_up, code, address)
        problem = self.scope.get("identity_problem")
        if problem or self.scope.get("visitor") is None:
            return await self._accept_and_close(Close.SIGN_IN, problem or "missing")
        self.visitor = self.scope["visitor"]
        try:
            standing = await read_sql(access.arrive, room.id, self.visitor.user_id)
        except Refused as refused:
            if refused.code in ROOM_REFUSALS:
                code_of_close = ROOM_REFUSALS[refused.code]
                return await self._accept_and_close(code_of_close, refused.detail.get("why", ""))
            if refused.status == 503:
                raise
            return await self._accept_and_close(Close.BYE, refused.code, refused)
        self.room, self.role = room, standing.role
        self.shown_as = standing.shown_as or self.visitor.nickname
        self.muted_until_ms = standing.muted_until_ms
        return True

    async def _accept_and_close(
        self, code: int, reason: str, refused: Refused | None = None
    ) -> bool:
        await self._send({"type": "websocket.accept"})
        if refused:
            text = error_frame(refused.as_json(), None)
            await self._send({"type": "websocket.send", "text": text})
        await self._send({"type": "websocket.close", "code": code, "reason": reason})
        return False

    def _miss_hello(self) -> None:
        if not self._is_welcome:
            self.shut(Close.BYE, "no hello")

    # --- Sending

    async def _write(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            await self._send({"type": "websocket.accept"})
            while not self._farewell:
                if not self._outbox.is_ready:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                frame = self._outbox.take()
                self.blocked_since_s = clock()
                await self._send({"type": "websocket.send", "text": frame})
                self.blocked_since_s = None
        except asyncio.CancelledError:
            # Cancelled by `shut` while a send was blocked: the close is still tried.
            if not self._farewell:
                raise
        except (RuntimeError, OSError):
            # The peer is gone; the listener hears of it too.
            return
        await self._say_farewell()

    async def _say_farewell(self) -> None:
        code, reason = self._farewell or (Close.BYE, "")
        with contextlib.suppress(TimeoutError, RuntimeError, OSError):
            async with asyncio.timeout(FAREWELL_S):
                for frame in self._last_words:
                    await self._send({"type": "websocket.send", "text": frame})
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    # --- Hearing

    async def _listen(self) -> None:
        task = asyncio.current_task()
        # A cancellation that arrives together with an answer may be swallowed below us.
        while task and not task.cancelling():
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return
            if self._farewell:
                continue
            if self._messages.take() is not None:
                self.shut(Close.TOO_FAST, "too fast")
                continue
            if len(self._outbox) > ANSWERS_AHEAD:
                # A burst read at once must not fill the outbox before the writer had its turn.
                await asyncio.sleep(0)
            text = message.get("text")
            if bytes_of(text or message.get("bytes") or b"") > limits.FRAME_BYTES_MAX:
                self.shut(Close.TOO_BIG, "too big")
            elif text is None:
                self._babble(Refused("malformed"), None)
            else:
                await self._hear(text)

    async def _hear(self, text: str) -> None:
        try:
            message = parse(text, self.inbound)
        except Refused as refused:
            self._babble(refused, text)
            return
        try:
            if isinstance(message, Hello):
                await self._greet()
            elif not self._is_welcome:
                raise Refused("malformed", _("Say hello first."))
            else:
                await self.heard(message)
        except Refused as refused:
            self.refuse(refused, name_of(message))

    async def _greet(self) -> None:
        """Answer a hello; those that come within a second of a welcome share the next one."""
        wait_s = self._greeted_at_s + HELLOS_APART_S - asyncio.get_running_loop().time()
        if wait_s <= 0 and not self._next_greeting:
            await self._tell_all()
        elif not self._next_greeting:
            self._next_greeting = asyncio.create_task(self._greet_later(wait_s))

    async def _greet_later(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        try:
            await self._tell_all()
        except Exception:
            self.shut(Close.BYE, "no welcome")
            raise
        finally:
            self._next_greeting = None

    async def _tell_all(self) -> None:
        self._greeted_at_s = asyncio.get_running_loop().time()
        # From here on events are kept, and sent after the snapshot they may be newer than.
        self._is_welcome = self._outbox.is_held = True
        try:
            snapshot = await self.welcome()
        except Refused as refused:
            self.shut(Close.BYE, refused.code, error_frame(refused.as_json(), None))
            return
        self._outbox.release(encode({"type": "welcome", **snapshot}))
        self._wake.set()

    def _babble(self, refused: Refused, text: str | None) -> None:
        self._nonsense += 1
        self.refuse(refused, name_in(text) if text else None)
        if self._nonsense >= NONSENSE_MAX:
            # What came in one burst is answered too, before the close.
            self.shut(Close.NONSENSE, "nonsense", *self._outbox.drain())
