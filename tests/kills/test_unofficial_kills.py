"""Everything is killed while a result is unofficial: it is paid once, late and never early."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evenings import WELCOME_COINS, Evening
from tests.servers import House, house_in

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        house_in(Path(folder), LIMITS_SCALE="1000") as made,
    ):
        yield made


async def test_a_result_is_official_after_clock_bank_and_web_were_killed(house: House) -> None:
    async with Evening(house.url) as evening:
        await evening.host.call("PATCH", f"rooms/{evening.room.code}/", {"official_after_s": 15})
        market = await evening.ask()
        for number in range(4):
            client = await evening.player()
            await client.bet(market.id, market.outcomes[number % 2].id, 100)
        await evening.host.step(market.id, "lock")
        path, wrong, right = f"markets/{market.id}/settle/", *market.outcomes
        await evening.host.patiently("POST", path, {"winners": [wrong.id]})
        named = await evening.host.patiently("POST", path, {"winners": [right.id]})
        official_at_ms = named["official"]["official_at_ms"]
        for name in ("clock", "web-1", "bank"):
            house.kill(name)
        await asyncio.sleep(1)
        final = await evening.host.step(market.id, "settle", winners=[right.id])
        assert (final.status, final.winners) == ("settled", [right.id])
        assert final.settled_at_ms is not None
        assert final.settled_at_ms >= official_at_ms
        assert await evening.coins() == 4 * WELCOME_COINS
