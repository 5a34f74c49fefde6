"""A small TCP proxy: lines to an engine or a house that may be slow, silent, cut, or a trap."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 2**16
HEAL_TIMEOUT_S = 30
ENDED = (ConnectionError, OSError)

Address = Callable[[], Path | tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Trap:
    """What happens once when a word passes on its way to the engine.

    With `is_before` the word never arrives; otherwise the engine has answered it, and the answer
    never arrives.
    """

    word: bytes
    is_before: bool
    spring: Callable[[], object]


class Line:
    """All connections through one port of ours to one address, and what is wrong with them."""

    def __init__(self, name: str, to: Address, loop: asyncio.AbstractEventLoop) -> None:
        self.name, self.to = name, to
        self.port = 0
        self.delay_s = 0.0
        # What is sent vanishes, and nobody hears of an end.
        self.is_silent = False
        self.is_refusing = False
        self.trap: Trap | None = None
        self._loop = loop
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Abort every connection; new ones may be made."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    def heal(self) -> None:
        """Let everything pass again. What was silent is cut, so that both ends learn of it.

        No trap goes off afterwards, nor is one still going off.
        """
        asyncio.run_coroutine_threadsafe(self._heal(), self._loop).result(HEAL_TIMEOUT_S)

    async def _heal(self) -> None:
        was_silent = self.is_silent
        self.delay_s, self.is_silent, self.is_refusing, self.trap = 0.0, False, False, None
        if was_silent:
            await self._cut()

    async def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def begin(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_refusing:
            writer.transport.abort()
            return
        try:
            there, onward = await self._connect()
        except ENDED:
            writer.transport.abort()
            return
        self._open |= {writer, onward}
        caught = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ask(reader, onward, caught))
                group.create_task(self._answer(there, writer, caught))
        finally:
            self._open -= {writer, onward}

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        to = self.to()
        if isinstance(to, Path):
            return await asyncio.open_unix_connection(str(to))
        return await asyncio.open_connection(*to)

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caught: asyncio.Event
    ) -> None:
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                if self.trap and self.trap.word in chunk:
                    caught.set()
                    if self.trap.is_before:
                        self._spring()
                        break
                await self._pass(chunk, writer)
        except ENDED:
            pass
        finally:
            writer.transport.abort()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caught: asyncio.Event
    ) -> None:
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                if caught.is_set():
                    self._spring()
                    break
                await self._pass(chunk, writer)
        except ENDED:
            pass
        finally:
            writer.close()

    async def _pass(self, chunk: bytes, writer: asyncio.StreamWriter) -> None:
        if self.is_silent:
            return
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        writer.write(chunk)
        await writer.drain()

    def _spring(self) -> None:
        # Set until it has gone off: another thread may wait for that.
        if self.trap:
            self.trap.spring()
            self.trap = None


class Lines:
    """The lines by name, served by a thread of their own."""

    def __init__(self, **to: Address) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lines", daemon=True)
        self._thread.start()
        self.by_name = {name: Line(name, address, self._loop) for name, address in to.items()}
        for line in self.by_name.values():
            asyncio.run_coroutine_threadsafe(line.begin(), self._loop).result(10)

    def __getitem__(self, name: str) -> Line:
        return self.by_name[name]

    def heal(self) -> None:
        """Let everything pass again."""
        for line in self.by_name.values():
            line.heal()

    def close(self) -> None:
        """Cut everything and end the thread."""
        for line in self.by_name.values():
            line.is_refusing = True
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
