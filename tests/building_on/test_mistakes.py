"""What the clients tell about rooms that are not there, and about mistakes of the program's."""

import asyncio
import gc
import socket
from collections.abc import Iterator

import httpx
import pytest

from ringside_client import Refused, Ringside, shapes
from tests.building_on.bad_connections import bad_connection
from tests.building_on.keys import key
from tests.building_on.node import in_node
from tests.evenings import Evening
from tests.servers import House

PASSWORD, OTHER = "correct horse battery", "another horse battery"
NOWHERE = "XXXXXX"
ENTER = f"/api/v1/rooms/{NOWHERE}/enter/"
TICKET = "/api/v1/auth/ticket/"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        yield f"http://127.0.0.1:{line.getsockname()[1]}"


async def registered(evening: Evening, email: str) -> None:
    """Give an account to a new player of an evening."""
    player = (await evening.player()).player
    account = {"email": email, "password": PASSWORD, "nickname": "Bo"}
    await player.call("POST", "auth/register/", account)


@pytest.mark.server
async def test_a_script_that_may_not_join_is_told_and_comes_back_no_more(
    two_processes: House,
) -> None:
    email = "nowhere@example.org"
    async with Evening(two_processes.url) as evening, Evening(two_processes.url) as ended:
        await registered(evening, email)
        await ended.host.call("POST", f"rooms/{ended.room.code}/end/")
        _number, reader = await key(evening, "read")
        with bad_connection(two_processes) as connection:
            told = await in_node(f"""
              const joined = (ringside, code) => new Promise((resolve) => {{
                ringside.join(code, (_, message) => resolve(message.code));
              }});
              const account = new Ringside("{connection.url}");
              await account.signIn("{email}", "{PASSWORD}");
              const nobody = new Ringside("{connection.url}");
              const program = new Ringside("{connection.url}", {{ key: "{reader}" }});
              console.log(JSON.stringify([
                await joined(account, "{NOWHERE}"), await joined(account, "{ended.room.code}"),
                await joined(program, "{evening.room.code}"),
                await joined(nobody, "{evening.room.code}"),
              ]));
            """)
    assert told == [4404, 4410, 4403, 4401]
    assert (connection.came[ENTER], connection.came[TICKET]) == (1, 0)


@pytest.mark.server
async def test_a_refused_handshake_names_its_code(two_processes: House) -> None:
    email = "handshake@example.org"
    async with Evening(two_processes.url) as evening, Ringside(two_processes.url) as ringside:
        await registered(evening, email)
        await ringside.sign_in(email, PASSWORD)
        with pytest.raises(Refused) as refused:
            async with ringside.join(NOWHERE):
                pytest.fail("It was let in.")
    told = refused.value
    assert (told.code, told.status, told.message) == ("not_found", 404, "There is nothing here.")


@pytest.mark.server
async def test_who_changes_the_password_stays_signed_in(two_processes: House) -> None:
    email = "password@example.org"
    async with Evening(two_processes.url) as evening, Ringside(two_processes.url) as ringside:
        await registered(evening, email)
        await ringside.sign_in(email, PASSWORD)
        await ringside.auth_password_post(current=PASSWORD, new=OTHER)
        assert (await ringside.auth_me_get()).user.nickname == "Bo"
        told = await in_node(f"""
          const ringside = new Ringside("{two_processes.url}");
          await ringside.signIn("{email}", "{OTHER}");
          await ringside.auth_password_post({{ current: "{OTHER}", new: "{PASSWORD}" }});
          console.log(JSON.stringify((await ringside.auth_me_get()).user.nickname));
        """)
    assert told == "Bo"


async def test_a_bet_whose_connection_breaks_leaves_no_exception_behind() -> None:
    left: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: left.append(context))
    async with Ringside("http://127.0.0.1") as ringside:
        room = ringside.join(NOWHERE)
        bet = shapes.BetPlace(bet_id="one", market=1, outcome=1, stake=1)
        waiting = asyncio.create_task(room._bet_once(bet))
        await asyncio.sleep(0)
        # There was no welcome yet, and then one on a socket that is gone.
        room._lost()
        room._welcomed.set()
        with pytest.raises(Refused, match="not connected"):
            await waiting
    del waiting, room
    # The loop holds what it is running.
    await asyncio.sleep(0)
    gc.collect()
    assert left == []


async def test_a_key_is_tidied_and_one_that_can_be_none_is_refused() -> None:
    assert Ringside("http://127.0.0.1", key=" rk_a-b_c\n").key == "rk_a-b_c"
    with pytest.raises(ValueError, match="one word"):
        Ringside("http://127.0.0.1", key="rk_a\nb")
    told = await in_node("""
      const of = (key) => new Ringside("http://127.0.0.1", { key });
      const problem = (act) => { try { act(); } catch ({ name }) { return name; } };
      const refused = problem(() => of("rk_a\\nb"));
      delete globalThis.WebSocket;
      const missing = problem(() => of("rk_a").watch("XXXXXX", () => {}));
      console.log(JSON.stringify([of(" rk_a-b_c\\n").key, refused, missing]));
    """)
    assert told == ["rk_a-b_c", "TypeError", "Error"]


async def test_a_call_that_cannot_be_asked_is_asked_once(silent: str) -> None:
    async with Ringside("play.example.org", patience_s=0) as ringside:
        with pytest.raises(httpx.UnsupportedProtocol):
            await ringside.rooms_list()
    async with Ringside(silent, patience_s=0) as ringside:
        ringside.key = "rk_a\nb"
        with pytest.raises(httpx.LocalProtocolError):
            await ringside.rooms_list()
    told = await in_node(f"""
      const ringside = new Ringside("{silent}", {{ patienceS: 0 }});
      ringside.key = "rk_a\\nb";
      console.log(JSON.stringify(await ringside.rooms_list().catch(({{ name }}) => name)));
    """)
    assert told == "TypeError"
