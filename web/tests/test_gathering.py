"""Questions that are asked at the same time become one."""

import asyncio

import pytest

from web.gathering import Gathering


class Engine:
    """Answers numbers with their doubles, in batches that it writes down."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.is_asked, self.goes_on = asyncio.Event(), asyncio.Event()

    async def answer(self, numbers: list[int]) -> list[int | Exception]:
        self.batches.append(numbers)
        self.is_asked.set()
        await self.goes_on.wait()
        if 13 in numbers:
            raise OSError
        return [ValueError(number) if number < 0 else 2 * number for number in numbers]


async def ask(gathering: Gathering[int, int], *numbers: int) -> list[int | BaseException]:
    asked = (gathering.ask(number) for number in numbers)
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_it_asks_the_first_at_once_and_together_what_comes_meanwhile():
    engine = Engine()
    gathering = Gathering(engine.answer, at_most=3)
    first = asyncio.create_task(gathering.ask(1))
    await engine.is_asked.wait()
    others = asyncio.create_task(ask(gathering, 2, 3, 4, 5))
    await asyncio.sleep(0)
    engine.goes_on.set()
    assert [await first, await others] == [2, [4, 6, 8, 10]]
    assert engine.batches == [[1], [2, 3, 4], [5]]
    assert await gathering.ask(6) == 12


async def test_it_fails_those_alone_whose_question_failed():
    engine = Engine()
    engine.goes_on.set()
    gathering = Gathering(engine.answer, at_most=2)
    assert await ask(gathering, 0) == [0]
    good, bad, lost, mourning, late = await ask(gathering, 1, -1, 13, 2, 3)
    assert (good, late) == (2, 6)
    assert isinstance(bad, ValueError)
    assert isinstance(lost, OSError) and isinstance(mourning, OSError)
    with pytest.raises(ValueError, match="-5"):
        await gathering.ask(-5)


async def test_it_lets_nobody_wait_where_answers_are_missing():
    async def answer(numbers: list[int]) -> list[int | Exception]:
        return [2 * number for number in numbers[1:]]

    async with asyncio.timeout(10):
        assert isinstance((await ask(Gathering(answer, at_most=3), 1))[0], ValueError)
