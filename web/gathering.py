"""Gathering: what many ask an engine at about the same time becomes one question.

Nobody waits for others who may not come: the first question goes at once, those that come while
it is under way and twice as long after, 20 ms at most, go together. So an engine at rest is asked
often, and one that is busy for many at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from web.rows.chunks import chunks

GATHER_S_MAX = 0.02
TIMES_THE_ANSWER = 2

Q = TypeVar("Q")
A = TypeVar("A")
_Waiting = list[tuple[Q, asyncio.Future[A]]]


class Gathering(Generic[Q, A]):
    """Questions of one kind, gathered in each event loop by itself.

    `answer` answers up to `at_most` of them, in their order; an exception in the place of an
    answer is raised for its question alone, one that it raises for all of them.
    """

    def __init__(
        self, answer: Callable[[list[Q]], Awaitable[Sequence[A | Exception]]], at_most: int
    ) -> None:
        self._answer, self._at_most = answer, at_most
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiting[Q, A]]
        self._waiting = WeakKeyDictionary()
        # Tasks are kept here, or their loops might drop them half way.
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        """Ask, perhaps together with others; raises what answering raised."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        if loop not in self._waiting:
            self._waiting[loop] = []
            # What is logged on the way belongs to no one of those who ask.
            task = loop.create_task(self._answer_all(loop), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._waiting[loop].append((question, answer))
        return await answer

    async def _answer_all(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while waiting := self._waiting[loop]:
                self._waiting[loop], began_s = [], loop.time()
                for some in chunks(waiting, self._at_most):
                    await self._answer_some(some)
                took_s = loop.time() - began_s
                await asyncio.sleep(min(TIMES_THE_ANSWER * took_s, GATHER_S_MAX))
        finally:
            del self._waiting[loop]

    async def _answer_some(self, some: _Waiting[Q, A]) -> None:
        try:
            answers = await self._answer([question for question, _ in some])
            for (_, future), answer in zip(some, answers, strict=True):
                _resolve(future, answer)
        except BaseException as error:
            # Whoever asked waits for nothing else.
            for _, future in some:
                _resolve(future, error)
            if not isinstance(error, Exception):
                raise


def _resolve(future: asyncio.Future[A], answer: A | BaseException) -> None:
    if future.done():
        return
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)
