"""Hello and welcome on one socket: soon after it opened, and not too often."""

import asyncio
from collections.abc import Awaitable, Callable

HELLO_S = 10.0
HELLOS_APART_S = 1.0


class Greeting:
    """The hellos of one socket: the first has ten seconds, those after it share welcomes.

    `welcome` tells the client everything; `give_up` closes the socket for a reason.
    """

    def __init__(
        self, welcome: Callable[[], Awaitable[None]], give_up: Callable[[str], None]
    ) -> None:
        # Whether a first hello was heard.
        self.has_begun = False
        self._welcome, self._give_up = welcome, give_up
        self._welcomed_at_s = float("-inf")
        self._deadline: asyncio.TimerHandle | None = None
        self._next: asyncio.Task[None] | None = None

    def expect(self) -> None:
        """Give the client ten seconds for its first hello."""
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(HELLO_S, self._give_up, "no hello")

    def stop(self) -> None:
        """Stop waiting, and send no welcome that was put off."""
        if self._deadline:
            self._deadline.cancel()
        if self._next:
            self._next.cancel()
        # The socket refers to its greeting, and is not to be kept by it.
        self._welcome, self._give_up = _nothing, _ignore

    async def hello(self) -> None:
        """Answer a hello; those that come within a second of a welcome share the next one."""
        self.has_begun = True
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
        wait_s = self._welcomed_at_s + HELLOS_APART_S - asyncio.get_running_loop().time()
        if wait_s <= 0 and not self._next:
            await self._answer()
        elif not self._next:
            self._next = asyncio.create_task(self._answer_later(wait_s))

    async def _answer(self) -> None:
        self._welcomed_at_s = asyncio.get_running_loop().time()
        await self._welcome()

    async def _answer_later(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        try:
            await self._answer()
        except Exception:
            self._give_up("no welcome")
            raise
        finally:
            self._next = None


async def _nothing() -> None:
    """The welcome of a socket that is closed."""


def _ignore(_why: str) -> None:
    """The end of a socket that is closed."""
