"""The house as it stands in production: nginx of deploy/ in front of two web processes."""

import asyncio
import json
import re
import ssl
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest

from simulation.player import PlayerRefused
from tests.deploy import homes, rolling
from tests.deploy.proxied import HAS_NGINX, Proxied, proxied_in
from tests.deploy.test_alerts import NAMES

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not HAS_NGINX, reason="nginx is not installed"),
]

TOKEN = "figures-for-prometheus"
SLOW_CALLERS = 100
GONE_WITHIN_S = 15.0
NEVER_ENDING_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
ABSENT_BODY = (
    b"POST /api/auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
    b"Content-Type: application/json\r\n\r\n{"
)


@pytest.fixture(scope="module")
def proxied() -> Iterator[Proxied]:
    with (
        tempfile.TemporaryDirectory(prefix="house-") as folder,
        proxied_in(
            Path(folder),
            room_sockets_max=homes.ROOM_SOCKETS_MAX,
            LIMITS_SCALE="1000",
            METRICS_TOKEN=TOKEN,
        ) as made,
    ):
        yield made


def test_it_restarts_one_process_after_the_other_and_nobody_is_left_behind(
    proxied: Proxied,
) -> None:
    rolling.check(proxied, people=20, bettors=8)


@pytest.mark.long
def test_processes_tell_each_other_little_and_go_on_where_one_is_killed(proxied: Proxied) -> None:
    homes.check(proxied, TOKEN)


def figures(port: int) -> dict[str, float]:
    """What one web process tells Prometheus: name and labels → figure."""
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    told = httpx.get(f"http://127.0.0.1:{port}/metrics/", headers=bearer).raise_for_status()
    lines = [line.rpartition(" ") for line in told.text.splitlines() if line[:1] != "#"]
    return {name: float(figure) for name, _blank, figure in lines}


def families(port: int) -> set[str]:
    """The names of all figures, also of those that have no labels yet."""
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    told = httpx.get(f"http://127.0.0.1:{port}/metrics/", headers=bearer).text
    return set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))


def test_any_process_tells_what_all_of_them_counted(proxied: Proxied) -> None:
    ports = [web.port for web in proxied.webs]
    before = figures(ports[0])

    async def bet() -> None:
        async with AsyncExitStack() as stack:
            evening = rolling.Evening(proxied)
            market = await evening.come(stack, people=6)
            for client in evening.clients:
                await client.bet(market.id, market.outcomes[0].id, 1)
                with pytest.raises(PlayerRefused):
                    await client.bet(market.id, market.outcomes[0].id, 5000)
            during = [figures(port) for port in ports]
            assert [each['ringside_sockets{kind="rooms"}'] for each in during] == [6, 6]

    asyncio.run(bet())
    seen = families(ports[0])
    for after in (figures(port) for port in ports):
        seen |= {re.split(r"[{ ]", name)[0] for name in after}
        for answer in ("accepted", "not_enough_coins"):
            name = f'ringside_bets_total{{answer="{answer}"}}'
            assert after[name] == before.get(name, 0) + 6
        assert after["ringside_place_bets_seconds_count"] > 0
        assert after['ringside_http_seconds_count{route="api",status="201"}'] > 6
        assert after['ringside_clock_step_seconds_count{step="record"}'] > 0
    assert not NAMES - seen, f"alerts name figures that nobody tells: {NAMES - seen}"


@pytest.mark.long
def test_a_process_that_was_killed_counts_no_sockets_any_more(proxied: Proxied) -> None:
    victim, other = proxied.webs

    async def sit() -> None:
        async with AsyncExitStack() as stack:
            evening = rolling.Evening(proxied)
            await evening.come(stack, people=6)
            taken = figures(other.port)['ringside_bets_total{answer="accepted"}']
            assert victim.child
            victim.child.kill()
            victim.child.wait()
            deadline = time.monotonic() + 60
            while figures(other.port)['ringside_sockets{kind="rooms"}'] != 6:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
            assert figures(other.port)['ringside_bets_total{answer="accepted"}'] == taken

    asyncio.run(sit())
    victim.start()
    victim.wait()


@pytest.mark.long
def test_it_speaks_the_protocol_also_where_nobody_serves(proxied: Proxied) -> None:
    nginx = proxied.nginx
    large = httpx.post(f"{nginx.url}/api/rooms/", verify=nginx.trust, content=b"x" * 70_000)
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
    for web in proxied.webs:
        assert web.child
        web.child.kill()
        web.child.wait()
    away = httpx.get(f"{nginx.url}/api/rooms/", verify=nginx.trust)
    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert away.json()["error"]["code"] == "unavailable"
    page = httpx.get(nginx.url, verify=nginx.trust)
    assert page.status_code == 503
    assert "Your coins and bets are safe" in page.text
    for web in proxied.webs:
        web.start()
    for web in proxied.webs:
        web.wait()


def test_it_names_a_request_in_its_answer_and_in_every_line_of_the_log(proxied: Proxied) -> None:
    nginx, web = proxied.nginx, proxied.webs[0]
    mine = uuid.uuid4().hex
    behind = httpx.get(
        f"{nginx.url}/api/rooms/", verify=nginx.trust, headers={"X-Request-ID": mine}
    )
    assert behind.headers["X-Request-ID"] != mine, "nginx makes its own"
    assert nginx_log(proxied, behind.headers["X-Request-ID"])
    direct = f"http://127.0.0.1:{web.port}/api/rooms/"
    trusted = httpx.get(direct, headers={"X-Request-ID": mine})
    assert trusted.headers["X-Request-ID"] == mine, "127.0.0.1 is in TRUSTED_PROXIES"
    strange = httpx.get(direct, headers={"X-Request-ID": 'x; drop"it'})
    assert re.fullmatch("[0-9a-f]{32}", strange.headers["X-Request-ID"])
    lines = [json.loads(line) for line in web.log.read_text().splitlines() if mine in line]
    assert [(line["event"], line["path"]) for line in lines] == [("request", "/api/rooms/")]


def nginx_log(proxied: Proxied, request_id: str) -> list[str]:
    """The lines about a request; nginx writes them when its answer is on its way."""
    log = proxied.nginx.folder / "nginx.log"
    until_s = time.monotonic() + 30
    while True:
        lines = [line for line in log.read_text().splitlines() if request_id in line]
        if lines or time.monotonic() > until_s:
            return lines
        time.sleep(0.02)


def test_it_logs_which_bet_was_refused_in_which_request(proxied: Proxied) -> None:
    bet_id = str(uuid.uuid4())

    async def bet() -> None:
        async with AsyncExitStack() as stack:
            evening = rolling.Evening(proxied)
            market = await evening.come(stack, people=1)
            with pytest.raises(PlayerRefused):
                await evening.clients[0].bet(market.id, market.outcomes[0].id, 5000, bet_id)

    asyncio.run(bet())
    logs = [web.log.read_text() for web in proxied.webs]
    (line,) = [json.loads(line) for log in logs for line in log.splitlines() if bet_id in line]
    assert (line["event"], line["code"]) == ("bet refused", "not_enough_coins")
    assert re.fullmatch("[0-9a-f]{32}", line["request_id"])


def test_it_keeps_figures_inside_and_answers_plain_http_with_the_way_to_tls(
    proxied: Proxied,
) -> None:
    nginx = proxied.nginx
    assert httpx.get(f"{nginx.url}/metrics/", verify=nginx.trust).status_code == 404
    plain = httpx.get(f"http://127.0.0.1:{nginx.plain_port}/rooms/")
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://127.0.0.1/rooms/")


def test_it_answers_to_its_own_name_only(proxied: Proxied) -> None:
    nginx = proxied.nginx
    plain_url = f"http://127.0.0.1:{nginx.plain_port}"
    for name in ("evil.example", "127.0.0.1.evil.example", f"evil.example:{nginx.port}"):
        for url in (nginx.url, plain_url):
            told = httpx.get(f"{url}/", verify=nginx.trust, headers={"Host": name})
            assert told.status_code == 421, (url, name)
    nameless = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
    web_port = proxied.webs[0].port
    for port, trust in ((nginx.port, nginx.trust), (nginx.plain_port, None), (web_port, None)):
        assert asyncio.run(_answer(port, trust, nameless)).startswith(b"HTTP/1.1 400 ")


async def _answer(port: int, trust: ssl.SSLContext | None, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    writer.write(sent)
    told = await reader.read()
    writer.transport.abort()
    return told


def test_it_tells_prometheus_whatever_it_calls_the_door(proxied: Proxied) -> None:
    door = f"http://127.0.0.1:{proxied.nginx.figures_port}"
    bearer = {"Authorization": f"Bearer {TOKEN}", "Host": "nginx:8001"}
    told = httpx.get(f"{door}/metrics/", headers=bearer)
    assert told.status_code == 200 and "ringside_bank_up 1.0" in told.text
    assert httpx.get(f"{door}/metrics/").status_code == 403
    assert httpx.get(f"{door}/healthz/", headers=bearer).status_code == 404


async def _dawdle(port: int, trust: ssl.SSLContext | None, beginning: bytes) -> float:
    """Begin a request and drip on; gives the seconds until we were let go."""
    began_s = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    writer.write(beginning)
    heard = asyncio.create_task(reader.read())
    while not heard.done():
        await asyncio.wait([heard], timeout=0.5)
        if beginning is NEVER_ENDING_HEAD and not heard.done():
            writer.write(b"x")
    gone_s = time.monotonic() - began_s
    writer.transport.abort()
    with suppress(ConnectionError):
        await heard
    return gone_s


@pytest.mark.long
@pytest.mark.parametrize("beginning", [NEVER_ENDING_HEAD, b"", ABSENT_BODY])
def test_it_lets_slow_callers_go_and_serves_the_others_meanwhile(
    proxied: Proxied, beginning: bytes
) -> None:
    nginx = proxied.nginx

    async def wait() -> tuple[list[float], list[float]]:
        ports = [(nginx.port, nginx.trust), (nginx.plain_port, None)] * (SLOW_CALLERS // 2)
        slow = asyncio.gather(*(_dawdle(port, trust, beginning) for port, trust in ports))
        served_s = []
        async with httpx.AsyncClient(base_url=nginx.url, verify=nginx.trust) as client:
            while not slow.done():
                began_s = time.monotonic()
                answer = await client.get("/healthz/", headers={"Connection": "close"})
                assert answer.status_code == 200
                served_s.append(time.monotonic() - began_s)
                await asyncio.sleep(0.2)
        return await slow, served_s

    gone_s, served_s = asyncio.run(wait())
    print(f"gone after {min(gone_s):.1f}-{max(gone_s):.1f} s, served ≤ {max(served_s):.2f} s")  # noqa: T201
    assert max(gone_s) <= GONE_WITHIN_S
    assert max(served_s) < 1
