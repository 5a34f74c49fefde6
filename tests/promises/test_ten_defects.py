"""Ten defects that were measured in the app Ringside grew out of, each now a promise.

Real processes, real sockets; the letters are those of the scoreboard in docs/ledger.md.
"""

import asyncio
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets

from betting.wire.messages import BetAccepted
from simulation.player import Player, PlayerRefused, RoomClient
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


async def outcome_of(bet: "asyncio.Future[BetAccepted] | object") -> str:
    try:
        await bet  # type: ignore[misc]
    except PlayerRefused as error:
        return error.code
    return "accepted"


async def said(client: RoomClient, message: object) -> dict[str, object]:
    """Send a message on a socket of its own and return what answers it."""
    jar = "; ".join(f"{c.name}={c.value}" for c in client.player.http.cookies.jar)
    address = client.player.url.replace("http", "ws") + f"/ws/rooms/{client.code}/"
    async with websockets.connect(
        address,
        origin=client.player.url,
        additional_headers={"Cookie": jar},
        proxy=None,
        close_timeout=1,
    ) as socket:
        await socket.send('{"type": "hello"}')
        while json.loads(await socket.recv())["type"] != "welcome":
            pass
        await socket.send(message if isinstance(message, str) else json.dumps(message))
        while True:
            answer = json.loads(await asyncio.wait_for(socket.recv(), 20))
            if answer["type"] in ("error", "bet.refused", "bet.accepted"):
                return answer


async def test_a_two_bets_of_everything_at_once_take_it_once(house: House) -> None:
    async with Evening(house.url) as evening:
        for _trial in range(5):
            market = await evening.ask()
            client = await evening.player()
            other = await evening.client(client.player)
            outcome = market.outcomes[0].id
            answers = await asyncio.gather(
                outcome_of(client.bet(market.id, outcome, WELCOME_COINS)),
                outcome_of(other.bet(market.id, outcome, WELCOME_COINS)),
            )
            assert sorted(answers) == ["accepted", "not_enough_coins"]
            me = await client.player.call("GET", "auth/me/")
            assert me["wallets"][0]["coins"] == 0
            await evening.host.step(market.id, "void", reason="trial over")


@pytest.mark.parametrize("stake", [-1000, 0, 10.5, "50", 1e3, 10**12 + 1, None, True, [10]])
async def test_b_a_stake_that_is_no_whole_positive_number_is_malformed(
    house: House, stake: object
) -> None:
    async with Evening(house.url) as evening:
        market = await evening.ask()
        client = await evening.player()
        bet = {"type": "bet.place", "bet_id": "6f1de4a0-60f6-4a3c-9f4b-5c8a3a8d1f01",
               "market": market.id, "outcome": market.outcomes[0].id, "stake": stake}  # fmt: skip
        # 1000.0 is no JSON integer either: the text decides, not the value.
        answer = await said(client, json.dumps(bet))
        assert (answer["type"], answer["code"]) == ("error", "malformed")
        assert await evening.coins() == WELCOME_COINS


async def test_c_coming_back_keeps_the_stake(house: House) -> None:
    async with Evening(house.url) as evening:
        market = await evening.ask()
        client = await evening.player()
        other = await evening.player()
        await client.bet(market.id, market.outcomes[0].id, 100)
        await other.bet(market.id, market.outcomes[1].id, 300)
        await client.player.call("POST", f"rooms/{evening.room.code}/enter/")
        await client.drop()
        again = await evening.client(client.player)
        assert again.welcome is not None
        assert [(held.outcome, held.coins) for held in again.welcome.mine] == [
            (market.outcomes[0].id, 100)
        ]
        await evening.finish(market, 0)
        me = await client.player.call("GET", "auth/me/")
        assert me["wallets"][0]["coins"] == WELCOME_COINS + 300


async def test_d_a_round_of_fifty_conserves_every_coin(house: House) -> None:
    chance = random.Random(4)
    async with Evening(house.url) as evening:
        clients = [await evening.player() for _number in range(50)]
        market = await evening.ask(outcomes=3)
        await asyncio.gather(
            *(
                client.bet(market.id, chance.choice(market.outcomes).id, chance.randint(1, 999))
                for client in clients
            )
        )
        final = await evening.finish(market, 1)
        assert final.status == "settled"
        assert await evening.coins() == 50 * WELCOME_COINS


async def test_e_a_winner_without_bets_gives_every_stake_back(house: House) -> None:
    async with Evening(house.url) as evening:
        clients = [await evening.player() for _number in range(10)]
        market = await evening.ask(outcomes=3)
        for number, client in enumerate(clients):
            await client.bet(market.id, market.outcomes[number % 2].id, 100)
        final = await evening.finish(market, 2)
        assert (final.status, final.reason) == ("void", "no_winner")
        assert await evening.coins() == 10 * WELCOME_COINS


async def test_f_a_settlement_goes_on_after_its_process_was_killed(house: House) -> None:
    async with Evening(house.url) as evening:
        clients = [await evening.player() for _number in range(60)]
        market = await evening.ask()
        for number, client in enumerate(clients):
            await client.bet(market.id, market.outcomes[number % 2].id, 100)
        await evening.host.step(market.id, "lock")
        winners = [market.outcomes[0].id]
        path = f"markets/{market.id}/settle/"
        asked = asyncio.create_task(evening.host.call("POST", path, {"winners": winners}))
        await asyncio.sleep(0.02)
        house.kill("web-1")
        await asyncio.gather(asked, return_exceptions=True)
        final = await evening.host.step(market.id, "settle", winners=winners)
        assert final.status == "settled"
        assert await evening.coins() == 60 * WELCOME_COINS


async def test_g_a_killed_bank_keeps_every_accepted_bet(house: House) -> None:
    async with Evening(house.url) as evening:
        clients = [await evening.player() for _number in range(8)]
        market = await evening.ask()
        accepted: list[BetAccepted] = []
        is_busy = asyncio.Event()

        async def play(client: RoomClient) -> None:
            for _bet in range(20):
                try:
                    accepted.append(await client.bet(market.id, market.outcomes[0].id, 1))
                    if len(accepted) == 40:
                        is_busy.set()
                except PlayerRefused as error:
                    assert error.code in ("unavailable", "busy", "expired")

        playing = [asyncio.create_task(play(client)) for client in clients]
        await asyncio.wait_for(is_busy.wait(), 60)
        if not house.pid("bank"):
            pytest.skip("the bank of this house is not its child")
        house.kill("bank")
        await asyncio.gather(*playing)
        view = await evening.host.patiently("GET", f"markets/{market.id}/")
        assert view["coins"] >= len(accepted)
        missing = {bet.bet_id for bet in accepted}
        # The ledger writes them down a moment later.
        async with asyncio.timeout(60):
            while missing:
                for player in evening.players:
                    missing -= {bet["bet_id"] for bet in await everything(player, "me/bets/")}


async def everything(player: Player, path: str) -> list[dict[str, object]]:
    """All pages of a list."""
    found, next_path = [], path
    while next_path:
        page = await player.patiently("GET", next_path)
        found += page["results"]
        next_path = (page["next"] or "").removeprefix("/api/")
    return found


async def test_h_no_bet_is_accepted_after_the_lock(house: House) -> None:
    async with Evening(house.url) as evening:
        clients = [await evening.player() for _number in range(20)]
        market = await evening.ask()
        accepted: list[BetAccepted] = []
        is_busy = asyncio.Event()

        async def play(client: RoomClient, number: int) -> None:
            while True:
                try:
                    outcome = market.outcomes[number % 2].id
                    accepted.append(await client.bet(market.id, outcome, 1))
                    if len(accepted) == 100:
                        is_busy.set()
                except PlayerRefused as error:
                    assert error.code in ("market_closed", "not_enough_coins")
                    return

        playing = [asyncio.create_task(play(client, place)) for place, client in enumerate(clients)]
        await asyncio.wait_for(is_busy.wait(), 60)
        locked = await evening.host.step(market.id, "lock")
        await asyncio.gather(*playing)
        assert sum(bet.stake for bet in accepted) == locked.coins


@pytest.mark.parametrize("outcome", ["option9", "__proto__", "", "users", "status", 10**9])
async def test_i_an_unknown_outcome_takes_no_coins(house: House, outcome: object) -> None:
    async with Evening(house.url) as evening:
        market = await evening.ask()
        client = await evening.player()
        bet = {"type": "bet.place", "bet_id": "6f1de4a0-60f6-4a3c-9f4b-5c8a3a8d1f02",
               "market": market.id, "outcome": outcome, "stake": 10}  # fmt: skip
        answer = await said(client, bet)
        assert answer["code"] == ("no_such_outcome" if outcome == 10**9 else "malformed")
        assert await evening.coins() == WELCOME_COINS


async def test_j_a_thousand_joins_of_one_client_cost_nobody_anything(house: House) -> None:
    """The flood of 100,000 is test_storm.py; this one is quick and looks at the neighbours."""
    async with Evening(house.url) as evening:
        client = await evening.player()
        neighbour = await evening.player()
        market = await evening.ask()
        jar = "; ".join(f"{c.name}={c.value}" for c in client.player.http.cookies.jar)
        address = f"{house.ws_url}/ws/rooms/{evening.room.code}/"
        async with websockets.connect(
            address,
            origin=house.url,
            additional_headers={"Cookie": jar},
            proxy=None,
            close_timeout=1,
        ) as socket:

            async def flood() -> None:
                for _join in range(1000):
                    await socket.send('{"type": "hello"}')

            async def drain() -> None:
                async for _frame in socket:
                    pass

            flooding = asyncio.gather(flood(), drain(), return_exceptions=True)
            await neighbour.bet(market.id, market.outcomes[0].id, 10)
            flooding.cancel()
            await asyncio.gather(flooding, return_exceptions=True)
        room = await evening.host.call("GET", f"rooms/{evening.room.code}/")
        assert room["here"] <= 3
