"""What the clients do when answers get lost, servers are busy, and tokens run out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from ringside_client import LiveRoom, Refused, Ringside, shapes
from tests.building_on.bad_connections import BadConnection, bad_connection
from tests.building_on.keys import key
from tests.building_on.node import in_node
from tests.evenings import Evening
from tests.servers import House

pytestmark = pytest.mark.server

PATIENCE_S = 60
RENEWAL = "/api/v1/auth/token/refresh/"
PASSWORD = "correct horse battery"


@pytest.fixture
def house(two_processes: House) -> House:
    """The house of the folder, by a shorter name."""
    return two_processes


@pytest.fixture
def connection(house: House) -> Iterator[BadConnection]:
    """A bad connection to the house."""
    with bad_connection(house) as made:
        yield made


@asynccontextmanager
async def an_evening(house: House, email: str) -> AsyncIterator[Evening]:
    """An evening with one player, who has an account by this e-mail."""
    async with Evening(house.url) as evening:
        player = (await evening.player()).player
        account = {"email": email, "password": PASSWORD, "nickname": "Bo"}
        await player.call("POST", "auth/register/", account)
        yield evening


@asynccontextmanager
async def signed_in(connection: BadConnection, email: str) -> AsyncIterator[Ringside]:
    """A client with an account, whose access token has run out."""
    async with Ringside(connection.url, patience_s=PATIENCE_S) as ringside:
        await ringside.sign_in(email, PASSWORD)
        ringside._access = "run-out"
        yield ringside


async def test_a_renewal_whose_answer_was_lost_is_asked_again(
    house: House, connection: BadConnection
) -> None:
    email = "lost@example.org"
    async with an_evening(house, email), signed_in(connection, email) as ringside:
        connection.loses[RENEWAL] = [True, True]
        assert (await ringside.auth_me_get()).user.nickname == "Bo"
        assert connection.came[RENEWAL] == 3
        # What it keeps is good for the next time, too.
        ringside._access = "run-out"
        assert (await ringside.auth_me_get()).user.nickname == "Bo"


async def test_a_busy_server_signs_nobody_out(house: House, connection: BadConnection) -> None:
    email = "busy@example.org"
    async with an_evening(house, email), signed_in(connection, email) as ringside:
        ringside.patience_s = 0
        connection.refuses[RENEWAL] = [True]
        with pytest.raises(Refused) as refused:
            await ringside.auth_me_get()
        assert (refused.value.code, refused.value.status) == ("unavailable", 503)
        ringside.patience_s = PATIENCE_S
        assert (await ringside.auth_me_get()).user.nickname == "Bo"


async def test_calls_at_once_share_one_renewal(house: House, connection: BadConnection) -> None:
    email = "once@example.org"
    async with an_evening(house, email), signed_in(connection, email) as ringside:
        told = await asyncio.gather(*(ringside.auth_me_get() for _ in range(10)))
        assert {answer.user.nickname for answer in told} == {"Bo"}
        assert connection.came[RENEWAL] == 1


async def test_a_sign_in_that_was_ended_is_given_up(
    house: House, connection: BadConnection
) -> None:
    email = "ended@example.org"
    async with an_evening(house, email), signed_in(connection, email) as ringside:
        await ringside.renew()
        await ringside.auth_logout_post()
        with pytest.raises(Refused) as refused:
            await ringside.auth_me_get()
        assert (refused.value.code, ringside.authorization) == ("sign_in", {})


async def test_a_room_comes_back_when_its_token_has_run_out_and_the_server_is_busy(
    house: House, connection: BadConnection
) -> None:
    email = "room@example.org"
    async with (
        an_evening(house, email) as evening,
        signed_in(connection, email) as ringside,
    ):
        market = await evening.ask()
        outcome, path = market.outcomes[0].id, f"/ws/rooms/{evening.room.code}/"
        async with ringside.join(evening.room.code) as room:
            assert connection.came[RENEWAL] == 1
            # The connection breaks, and the token has run out: the renewal is refused, and then the
            # next connection.
            ringside.patience_s = 0
            ringside._access = "run-out"
            connection.refuses |= {RENEWAL: [True], path: [False, True]}
            room._socket.transport.abort()
            assert (await room.bet(market.id, outcome, 100)).position == 100
            # An answer to a repeated bet is as old as the bet.
            accepted = await room.bet(market.id, outcome, 50)
            again = await room.bet(market.id, outcome, 50, bet_id=accepted.bet_id)
            await room.bet(market.id, outcome, 25)
            assert await room.bet(market.id, outcome, 50, bet_id=accepted.bet_id) == again
            assert (room.coins, room.positions) == (825, {(market.id, outcome): 175})
            ringside.patience_s = PATIENCE_S
            # It leaves for good when the sign-in is ended.
            await ringside.auth_logout_post()
            async with asyncio.timeout(PATIENCE_S):
                told = [type(message) async for message in room]
                again = [message async for message in room]
            assert (room.close_code, again, told.count(shapes.Welcome)) == (4401, [], 2)


async def test_a_refused_key_is_told_at_once(house: House) -> None:
    async with (
        Evening(house.url) as evening,
        Ringside(house.url, key="rk_no") as ringside,
    ):
        with pytest.raises(Refused, match="sign_in"):
            async with ringside.watch(evening.room.code):
                pytest.fail("It was let in.")


async def test_a_room_takes_what_is_told_before_the_welcome() -> None:
    async with Ringside("http://127.0.0.1") as ringside:
        room = ringside.join("ABCDEF")
        room._read('{"type": "people", "here": 4}')
        room._read(
            '{"type": "wallet", "club": "main", "coins": 5, "why": "grant", "epoch": 1, "seq": 2}'
        )
        told = [room._messages.get_nowait() for _ in range(2)]
    assert [type(message) for message in told] == [shapes.People, shapes.WalletChanged]


async def test_an_iteration_ends_quietly_when_the_room_is_left(house: House) -> None:
    async def read(live: LiveRoom) -> list[object]:
        return [message async for message in live]

    async with Evening(house.url) as evening:
        _number, reader = await key(evening, "read")
        async with Ringside(house.url, key=reader) as ringside:
            async with ringside.watch(evening.room.code) as live:
                reading = asyncio.create_task(read(live))
            told = await asyncio.wait_for(reading, PATIENCE_S)
            assert isinstance(told[0], shapes.Welcome)


async def test_a_host_who_joined_has_the_drafts_that_there_are(house: House) -> None:
    async with Ringside(house.url) as ringside, Evening(house.url) as evening:
        account = {"email": "host@example.org", "password": PASSWORD, "nickname": "Ho"}
        await evening.host.call("POST", "auth/register/", account)
        await ringside.sign_in(account["email"], PASSWORD)
        code, outcomes = evening.room.code, ["Yes", "No"]
        first, second = [
            await ringside.rooms_markets_post(code, question=text, outcomes=outcomes, open=False)
            for text in ("Rain?", "Snow?")
        ]
        async with ringside.join(code) as room, asyncio.timeout(PATIENCE_S):
            await ringside.markets_delete(first.id)
            # What was told of their making may come late.
            async for _message in room:
                if set(room.markets) == {second.id}:
                    break
            assert room.coming


SIGNED_IN = """
  const ringside = new Ringside("{url}", {{ patienceS: 60 }});
  await ringside.signIn("{email}", "correct horse battery");
  // The access token is private, and lasts five minutes: another one that is not good.
  const send = fetch;
  let good = false;
  globalThis.fetch = (asked) => {{
    if (asked.url.endsWith("/refresh/")) good = true;
    else if (!good) asked.headers.set("Authorization", "Bearer run-out");
    return send(asked);
  }};
"""


async def test_scripts_share_a_renewal_and_ask_again_when_its_answer_was_lost(
    house: House, connection: BadConnection
) -> None:
    email = "script@example.org"
    connection.loses[RENEWAL] = [True]
    async with an_evening(house, email):
        told = await in_node(f"""
          {SIGNED_IN.format(url=connection.url, email=email)}
          const asked = Array.from({{ length: 5 }}, () => ringside.auth_me_get());
          const told = await Promise.all(asked);
          console.log(JSON.stringify(told.map(({{ user }}) => user.nickname)));
        """)
    assert (told, connection.came[RENEWAL]) == (["Bo"] * 5, 2)


async def test_scripts_keep_the_figures_and_leave_for_good_while_they_come_back(
    house: House, connection: BadConnection
) -> None:
    email = "leaves@example.org"
    async with an_evening(house, email) as evening:
        code = evening.room.code
        _number, asker = await key(evening, "ask")
        # Asked again, it has the key that was made for it, and is no second question.
        connection.loses[f"/api/v1/rooms/{code}/markets/"] = [True]
        told = await in_node(f"""
          const opened = [];
          globalThis.WebSocket = class extends WebSocket {{
            constructor(...given) {{ super(...given); opened.push(this); }}
          }};
          const asker = new Ringside("{connection.url}", {{ key: "{asker}", patienceS: 60 }});
          const question = {{ question: "Rain?", outcomes: ["Yes", "No"], key: undefined }};
          const {{ id, outcomes }} = await asker.rooms_markets_post("{code}", question);
          const outcome = outcomes[0].id;

          const player = new Ringside("{house.url}");
          await player.signIn("{email}", "{PASSWORD}");
          const codes = [];
          const looks = [];
          const until = (isSo) => new Promise((resolve) => looks.push([isSo, resolve]));
          const hear = (live, {{ type, code }}) => {{
            if (type === "closed") codes.push(code);
            for (const [isSo, resolve] of looks) if (isSo(live)) resolve();
          }};
          const room = player.join("{code}", hear);
          await until((live) => live.markets.has(id));
          const isTold = until(({{ markets }}) => markets.get(id)?.coins === 75);
          await room.bet(id, outcome, 75);
          await isTold;
          const isCut = new Promise((resolve) => opened[0].addEventListener("close", resolve));
          opened[0].close();
          await isCut;
          room.close();
          player.join("{code}", hear).close();
          const {{ markets, positions }} = room;
          const figures = [markets.size, markets.get(id).coins, positions.get(outcome)];
          process.on("exit", () => {{
            console.log(JSON.stringify([figures, codes, opened.length]));
          }});
        """)
    assert told == [[1, 75, 75], [1000, 1000], 1]
