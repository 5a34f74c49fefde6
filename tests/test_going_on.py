"""Those inside go on, whatever a stranger at their address does: the whole application serves."""

import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from django.test import override_settings

from simulation.player import Player, PlayerRefused, RoomClient
from tests.evenings import Evening
from tests.promises.local_servers import application_server
from tests.promises.test_heads import begun
from web import limits
from web.limits import Rate

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
GUESSES = 200
HALF_OPEN = 1_200


@pytest.fixture
def url() -> Iterator[str]:
    """A whole server without any other limits than those that everybody meets."""
    with application_server() as port:
        url = f"http://127.0.0.1:{port}"
        with override_settings(SOCKET_ORIGINS=frozenset({url}), CSRF_TRUSTED_ORIGINS=[url]):
            yield url


@pytest_asyncio.fixture
async def evening(url: str) -> AsyncIterator[Evening]:
    async with Evening(url, visibility="unlisted") as made:
        yield made


async def refusal(player: Player, method: str, path: str) -> str:
    with pytest.raises(PlayerRefused) as refused:
        await player.call(method, path, {} if method == "POST" else None)
    return refused.value.code


async def play(evening: Evening, ana: RoomClient) -> None:
    """A question of the host's, chat and a bet of a member's."""
    market = await evening.ask()
    await ana.bet(market.id, market.outcomes[0].id, 10)
    await ana.say("Go!")
    await evening.host.step(market.id, "void", reason="next")


async def test_it_lets_members_go_on_where_somebody_tries_codes(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What was used up stays so for as long as the test takes.
    monkeypatch.setitem(limits.LIMITS, "code_misses", (Rate(0.001, 30),))
    ana, code = await evening.player(), evening.room.code
    async with Player(evening.url) as sam:
        await sam.guest("Sam")
        tried = [await refusal(sam, "GET", "rooms/AAAAAA/") for _ in range(GUESSES)]
        assert tried == ["not_found"] * 30 + ["too_fast"] * (GUESSES - 30)
        for method, path in (("GET", ""), ("POST", "enter/"), ("GET", "chat/"), ("GET", "map/")):
            assert await refusal(sam, method, f"rooms/{code}/{path}") == "too_fast"
        with pytest.raises(PlayerRefused):
            await sam.join(code)
        await ana.drop()
        await play(evening, ana)
        assert ana.reconnects == 1


async def test_it_lets_members_go_on_beside_1200_half_open_heads(evening: Evening) -> None:
    ana = await evening.player()
    port = int(evening.url.rpartition(":")[2])
    with contextlib.ExitStack() as stack:
        for _ in range(HALF_OPEN):
            stack.enter_context(begun(port))
        began_s = time.monotonic()
        await ana.drop()
        await play(evening, ana)
        assert time.monotonic() - began_s < 30
