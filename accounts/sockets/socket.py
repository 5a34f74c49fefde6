"""One WebSocket of one user, lean: no task and no dictionary for a message.

Apps above extend `Socket`. Nothing a client says becomes the name of a group, a key, a method or
a layer message.
"""

import asyncio
import logging
from collections.abc import Hashable
from typing import Any, ClassVar

from accounts.handshake.middleware import Visitor
from accounts.handshake.turns import turns, user
from accounts.sockets.connection import Connection
from accounts.sockets.frames import error_frame, id_in, is_too_large
from accounts.sockets.registry import registry
from accounts.sockets.writer import Writer
from web import limits
from web.asgi_types import Application, Receive, Scope, Send
from web.close_codes import Close
from web.parsing import parse
from web.refusals import Refused

NONSENSE_MAX = 3
ANSWERS_AHEAD = 16
# A user who is closed for one of these waits before the next handshake.
_HELD = (Close.TOO_FAST, Close.NONSENSE)

_log = logging.getLogger(__name__)


class NotAdmitted(Exception):
    """A user who may not come in: the socket is accepted and closed at once.

    Unlike a refused handshake, a page can read the code, the reason, and a last frame.
    """

    def __init__(self, code: Close, reason: str, last_frame: str | None = None) -> None:
        self.code, self.reason, self.last_frame = code, reason, last_frame
        super().__init__(reason)


class Socket:
    """A connection of one user to one place, from the handshake to the close."""

    # The unions of messages that a client may send, and that it is told.
    inbound: ClassVar[Any]
    outbound: ClassVar[Any]

    visitor: Visitor

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.writer = Writer(connection)
        self._nonsense = 0
        self._messages = limits.bucket("messages")

    @classmethod
    def as_asgi(cls) -> Application:
        """The ASGI application for Channels' routing: a fresh socket for every connection."""

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await cls(Connection(scope, receive, send)).run()

        return application

    # --- What an app above extends

    @property
    def place(self) -> Hashable:
        """What it is open to: a user has at most five sockets to each place."""
        return None

    async def admit(self) -> None:
        """Let the user in, before the handshake is answered; raises what keeps the user out.

        Raises Refused, which answers the handshake with its HTTP status, or NotAdmitted.
        """
        visitor, problem = self.connection.visitor, self.connection.identity_problem
        if problem or visitor is None:
            raise NotAdmitted(Close.SIGN_IN, problem or "missing")
        self.visitor = visitor

    def joined(self) -> None:
        """Begin what an open socket needs; nothing was accepted yet."""

    def parted(self) -> None:
        """End what `joined` began; called once, when the socket is shut or gone."""

    async def heard(self, message: Any) -> None:
        """Act on one message of `inbound`; a Refused that is raised is told as an `error`."""
        raise NotImplementedError

    async def received(self, message: Any) -> None:
        """Take a message that was understood: what comes before `heard`, if anything does."""
        await self.heard(message)

    async def count_refusal(self, code: str) -> None:
        """Count a message that was not taken."""

    # --- Telling

    @property
    def language(self) -> str:
        """The reader's language; what is said on the reader's own message is in it by itself."""
        return self.connection.language

    @property
    def blocked_since_s(self) -> float | None:
        """The loop's time when its reader stopped reading; None while it reads."""
        return self.writer.blocked_since_s

    def send(self, frame: str, *, slot: Hashable | None = None) -> None:
        """Send an encoded frame without waiting; a slot keeps only its newest frame.

        A reader that does not read, and for whom too many frames wait, is closed 4008.
        """
        self._put(frame, slot)

    def refuse(self, refused: Refused, re: int | str | None) -> None:
        """Tell a refusal as an `error`; `re` is the id of the message it answers."""
        self._put(error_frame(refused, re))

    def _put(self, frame: str, slot: Hashable | None = None) -> None:
        if not self.writer.is_closing and not self.writer.put(frame, slot):
            self.shut(Close.TOO_SLOW, "too slow")

    def shut(self, code: Close, reason: str, *last_frames: str) -> None:
        """Close without waiting, after these frames: nothing more is heard, what waits is dropped.

        Only the first call counts.
        """
        if self.writer.is_closing:
            return
        self.writer.close(code, reason, last_frames)
        if code in _HELD:
            turns().hold(user(self.visitor.user_id))
        self._part()

    # --- From handshake to close

    async def run(self) -> None:
        """Serve the connection until it ends."""
        await self.connection.opened()
        try:
            await self.admit()
        except Refused as refused:
            if refused.status == 503 and self.connection.visitor:
                # A stranger's handshake has its line in the log already.
                _log.info("handshake refused: %s", refused.__cause__ or refused)
            await self.connection.refuse(refused.status, str(refused.message))
        except NotAdmitted as refused:
            await self._close_at_once(refused)
        else:
            await self._serve()

    async def _close_at_once(self, refused: NotAdmitted) -> None:
        await self.connection.accept()
        if refused.last_frame:
            await self.connection.send(refused.last_frame)
        await self.connection.close(refused.code, refused.reason)

    async def _serve(self) -> None:
        registry().join(self)
        self.joined()
        writing = self.writer.start()
        listening = asyncio.create_task(self._listen())
        try:
            # The connection lives while both do: a close ends the writer, a hang-up the listener.
            await asyncio.wait((listening, writing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._part()
            listening.cancel()
            writing.cancel()
            await asyncio.gather(listening, writing, return_exceptions=True)
        if not listening.cancelled():
            # What broke in a message is for the server to log.
            listening.result()

    def _part(self) -> None:
        if registry().part(self):
            self.parted()

    # --- Hearing

    async def _listen(self) -> None:
        task = asyncio.current_task()
        # A cancellation that arrives together with an answer may be swallowed below us.
        while task and not task.cancelling():
            message = await self.connection.receive()
            if message is None:
                return
            if self.writer.is_closing:
                continue
            if self._messages.take() is not None:
                self.shut(Close.TOO_FAST, "too fast")
                continue
            if self.writer.waiting > ANSWERS_AHEAD:
                # A burst read at once must not fill the outbox before the writer had its turn.
                await asyncio.sleep(0)
            await self._hear(message)

    async def _hear(self, raw: str | bytes) -> None:
        if is_too_large(raw):
            await self.count_refusal("too_large")
            self.shut(Close.TOO_BIG, "too big")
            return
        try:
            if isinstance(raw, bytes):
                raise Refused("malformed")
            message = parse(raw, self.inbound)
        except Refused as refused:
            await self._not_understood(refused, None if isinstance(raw, bytes) else id_in(raw))
            return
        try:
            await self.received(message)
        except Refused as refused:
            await self.count_refusal(refused.code)
            self.refuse(refused, message.own_id)

    async def _not_understood(self, refused: Refused, re: str | None) -> None:
        await self.count_refusal(refused.code)
        self.refuse(refused, re)
        self._nonsense += 1
        if self._nonsense >= NONSENSE_MAX:
            # What came in one burst is answered too, before the close.
            self.shut(Close.NONSENSE, "nonsense", *self.writer.take_answers())
