"""`manage.py handshake` names what is wrong, in one line."""

import base64
import hashlib
import io
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import translation

from accounts.auth import bans, cookies, tokens
from accounts.diagnosis import cookie_rules, probe
from accounts.handshake import tickets
from accounts.models import User
from tests.promises.local_servers import application_server, proxy_to, slow_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

OWN, OTHER = "http://127.0.0.1:8000", "https://other.example"


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Wait longer than a busy machine takes for what is certain to come."""
    with patch.multiple(probe, PATIENCE_S=30.0, SILENCE_S=30.0):
        yield


def a_short_silence() -> Any:
    """For a socket that stays open, where nothing is waited for."""
    return patch.object(probe, "SILENCE_S", 0.5)


@pytest.fixture
def port() -> Iterator[int]:
    with application_server() as found:
        yield found


@pytest.fixture
def fresh() -> tokens.Fresh:
    return tokens.start(User.objects.create_user("Alice", "alice@example.org", "a long password"))


def ask(url: str, **options: str) -> str:
    """What the command prints, or the sentence it fails with."""
    out = io.StringIO()
    arguments = [f"--{name}={value}" for name, value in {"origin": OWN, **options}.items()]
    try:
        call_command("handshake", url, *arguments, stdout=out)
    except CommandError as error:
        return str(error)
    return "OK " + out.getvalue()


@contextmanager
def listening_to_nobody() -> Iterator[int]:
    """A port that takes connections and never answers, for proxies that answer by themselves."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        yield line.getsockname()[1]


def answer(page: bytes, _head: bytes) -> bytes:
    return page


def without(header: str):
    return lambda head: re.sub(rf"(?im)^{header}:.*\r\n".encode(), b"", head)


def switched(head: bytes, more: bytes = b"") -> bytes:
    """A right answer to a handshake, and what comes behind it."""
    (key,) = re.findall(rb"(?i)sec-websocket-key: (\S+)", head)
    proof = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False)
    return (
        b"HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(proof.digest()) + b"\r\n\r\n" + more
    )


def test_it_says_that_all_is_well(port: int, fresh: tokens.Fresh) -> None:
    url = f"http://127.0.0.1:{port}"
    with a_short_silence():
        assert ask(url, **{"as": "Alice@example.org"}).startswith("OK")
        assert ask(url, cookie=f"{cookies.ACCESS}={fresh.access}").startswith("OK")
        assert ask(url, bearer=fresh.access).startswith("OK")


def test_it_explains_in_korean(port: int, fresh: tokens.Fresh) -> None:
    kept = f"{cookies.ACCESS}={fresh.access}; Path=/"
    with translation.override("ko"):
        told = ask(f"http://127.0.0.1:{port}", cookie=f"{kept}; Max-Age=0")
    assert told == f"브라우저가 쿠키 {cookies.ACCESS}을(를) 보내지 않아요: 만료됐어요."


def test_it_names_each_attribute_that_keeps_a_cookie_back(port: int, fresh: tokens.Fresh) -> None:
    kept = f"{cookies.ACCESS}={fresh.access}; HttpOnly"
    url = f"ws://127.0.0.1:{port}/ws/locations/"
    with override_settings(SOCKET_ORIGINS=frozenset({OWN, OTHER})):
        planted = {
            "SameSite=Lax": ask(url, cookie=f"{kept}; Path=/; SameSite=Lax", origin=OTHER),
            "SameSite=Strict": ask(url, cookie=f"{kept}; Path=/; SameSite=Strict", origin=OTHER),
            "when nothing is said": ask(url, cookie=f"{kept}; Path=/", origin=OTHER),
        }
    planted |= {
        "SameSite=None needs Secure": ask(url, cookie=f"{kept}; Path=/; SameSite=None"),
        "Path=/api/auth/": ask(url, cookie=f"{kept}; Path=/api/auth/; SameSite=Lax"),
        "Domain=example.org": ask(url, cookie=f"{kept}; Path=/; Domain=example.org"),
        "prefix": ask(url, cookie=f"__Host-{kept}; Path=/; Domain=127.0.0.1; Secure"),
        "has expired": ask(url, cookie=f"{kept}; Path=/; Max-Age=0"),
        "says no Path": ask(url, cookie=f"{kept}; SameSite=Lax"),
    }
    for cause, sentence in planted.items():
        assert cause in sentence, sentence


def test_it_finds_our_cookie_in_what_was_pasted(port: int) -> None:
    ours = f"{cookies.ACCESS}=a.b-c="
    for pasted in (
        f"csrftoken=abc; {ours}; sessionid=x",
        f"Cookie: {ours}",
        f"cookie: csrftoken=abc; __Host-ringside_access=old;\r\n {ours}",
    ):
        assert cookie_rules.read_cookie(pasted) == cookie_rules.Cookie(
            cookies.ACCESS, "a.b-c=", {}
        ), pasted
    answered = f"Set-Cookie: {ours}; expires=Fri, 31 Dec 2100 23:59:59 GMT; HttpOnly; Path=/"
    kept = cookie_rules.read_cookie(answered)
    assert (kept.name, kept.value) == (cookies.ACCESS, "a.b-c=")
    assert kept.attributes.keys() == {"expires", "httponly", "path"}
    told = ask(f"http://127.0.0.1:{port}", cookie="Cookie: csrftoken=abc; sessionid=x")
    assert told.startswith(f"There is no cookie {cookies.ACCESS} among these")


def test_it_names_a_secure_cookie_on_plain_http(fresh: tokens.Fresh) -> None:
    with application_server("127.0.0.2") as port:
        cookie = f"{cookies.ACCESS}={fresh.access}; Path=/; Secure"
        assert "plain http" in ask(f"http://127.0.0.2:{port}", cookie=cookie, origin=OWN)


def test_it_names_the_problems_of_identity(port: int, fresh: tokens.Fresh) -> None:
    url = f"http://127.0.0.1:{port}"
    old = tokens.AccessToken()
    old["user"], old["sign_in"] = fresh.user.pk, str(fresh.sign_in.pk)
    old.set_exp(from_time=old.current_time, lifetime=-old.lifetime)
    with override_settings(TOKEN_KEYS={"1": "y" * 60}):
        strange = str(tokens.AccessToken())
    assert "nobody is signed in" in ask(url)
    assert "has expired" in ask(url, cookie=f"{cookies.ACCESS}={old}")
    assert "not signed by this server" in ask(url, cookie=f"{cookies.ACCESS}={strange}")
    assert "the server looks for" in ask(url, cookie=f"__Host-ringside_access={fresh.access}")
    bans.ban(fresh.user, "no")
    assert "sign-in has ended" in ask(url, cookie=f"{cookies.ACCESS}={fresh.access}")
    with pytest.raises(CommandError, match="no account"):
        call_command("handshake", url, "--as=nobody@example.org")


def test_it_names_a_ticket_used_twice(port: int, fresh: tokens.Fresh) -> None:
    url = f"http://127.0.0.1:{port}"
    sign_in_id = str(fresh.sign_in.pk)
    ticket = tickets.issue(tickets.Ticket(user_id=fresh.user.pk, sign_in_id=sign_in_id, origin=OWN))
    with a_short_silence():
        assert ask(url, ticket=ticket).startswith("OK")
    assert "used before" in ask(url, ticket=ticket)


def test_it_names_an_origin_that_is_not_allowed(port: int, fresh: tokens.Fresh) -> None:
    cookie = f"{cookies.ACCESS}={fresh.access}"
    for origin in ("http://127.0.0.1:3000", "https://127.0.0.1:8000", "null"):
        told = ask(f"http://127.0.0.1:{port}", cookie=cookie, origin=origin)
        assert f"The Origin {origin} is not allowed" in told
        assert OWN in told
    for origin, sent in (
        ("https://o'brien.example", "https://o'brien.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://Other.example:443/r/ABC234/?x=1", "https://other.example"),
    ):
        told = ask(f"http://127.0.0.1:{port}", cookie=cookie, origin=origin)
        assert f"The Origin {sent} is not allowed" in told
    assert "xn--" in ask(f"http://127.0.0.1:{port}", origin="https://💩.example")


def test_it_names_what_a_proxy_does(port: int, fresh: tokens.Fresh) -> None:
    cookie = f"{cookies.ACCESS}={fresh.access}"

    def elsewhere(head: bytes) -> bytes:
        return b"HTTP/1.1 301 Moved\r\nLocation: https://x.example/\r\nContent-Length: 0\r\n\r\n"

    def overloaded(head: bytes) -> bytes:
        return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"

    def renamed(head: bytes) -> bytes:
        return head.replace(OWN.encode(), b"http://inner:8000")

    for change, cause in (
        (lambda head: without("Connection")(without("Upgrade")(head)), "Upgrade"),
        (without("Cookie"), "The Cookie header did not arrive"),
        (without("Origin"), "removed the Origin"),
        (renamed, "changed the Origin"),
        (elsewhere, "redirects to https://x.example/"),
        (overloaded, "502"),
    ):
        with proxy_to(port, change) as entrance:
            assert cause in ask(f"http://127.0.0.1:{entrance}", cookie=cookie)


def test_it_tells_apart_who_answered_what() -> None:
    causes = {
        "200 OK": "drops the headers Upgrade",
        "400 Bad Request": "plain http came to a port for https",
        "401 Unauthorized": "a password of its own",
        "403 Forbidden": "refused with 403",
        "404 Not Found": "knows no /ws/locations/",
        "405 Method Not Allowed": "refused with 405",
        "421 Misdirected Request": "refused with 421",
        "426 Upgrade Required": "drops the headers Upgrade",
        "429 Too Many Requests": "limit_conn",
        "500 Internal Server Error": "the log",
        "503 Service Unavailable": "maintenance",
        "504 Gateway Timeout": "does not reach the server",
        "429 \r\nringside-handshake: refused": "lets them in one after the other",
        "503 \r\nringside-handshake: refused": "engines are away",
    }
    for status, cause in causes.items():
        page = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
        with listening_to_nobody() as nobody, proxy_to(nobody, partial(answer, page)) as entrance:
            assert cause in ask(f"http://127.0.0.1:{entrance}"), status


def test_it_names_a_switch_that_no_browser_accepts() -> None:
    for header in ("Upgrade", "Connection", "Sec-WebSocket-Accept"):
        broken = partial(lambda header, head: without(header)(switched(head)), header)
        with listening_to_nobody() as nobody, proxy_to(nobody, broken) as entrance:
            assert f"its header {header} is" in ask(f"http://127.0.0.1:{entrance}")
    with listening_to_nobody() as nobody, proxy_to(nobody, switched) as entrance:
        told = ask(f"http://127.0.0.1:{entrance}", ticket="abc")
        assert "its header Sec-WebSocket-Protocol is" in told


def test_it_reads_whatever_a_server_says() -> None:
    refusal = "403 F\r\nRingside-Handshake: refused\r\n"
    strange = b"The Origin http://inner:8000 is not allowed here."
    in_chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(strange), strange)
    long = b"\x81\x7e\x01\x00" + b"x" * 256
    for page, cause in (
        (f"{refusal}Transfer-Encoding: chunked\r\n\r\n".encode() + in_chunks, "saw http://inner"),
        (f"{refusal}Content-Length: 0\r\n\r\n".encode(), "refused with 403"),
    ):
        said = partial(answer, b"HTTP/1.1 " + page)
        with listening_to_nobody() as nobody, proxy_to(nobody, said) as entrance:
            assert cause in ask(f"http://127.0.0.1:{entrance}")
    for frames, cause in (
        (long + b"\x88\x02\x0f\xa0", "closed 4000"),
        (b"\x81\x7f" + (70_000).to_bytes(8) + b"x" * 70_000 + b"\x88\x00", "closed 1005"),
        (b"\x88\x02\x0f", "closed 1006"),
        (b"\x81\x7e\x01", "closed 1006"),
    ):
        said = partial(switched, more=frames)
        with listening_to_nobody() as nobody, proxy_to(nobody, said) as entrance:
            assert cause in ask(f"http://127.0.0.1:{entrance}")


def test_it_follows_no_redirect(port: int) -> None:
    for target in ("/ws/rooms/ABC234/", f"ws://127.0.0.1:{port}/ws/locations/", "mailto:a@b.org"):
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
        said = partial(answer, moved.encode())
        with listening_to_nobody() as nobody, proxy_to(nobody, said) as entrance:
            assert f"redirects to {target};" in ask(f"http://127.0.0.1:{entrance}")


def test_it_names_a_header_that_nobody_asked_for() -> None:
    for header in ("Sec-WebSocket-Protocol: ringside.v1", "Sec-WebSocket-Extensions: x-own"):
        added = f"Upgrade: WebSocket\r\n{header}\r\n".encode()
        said = partial(lambda more, head: switched(head).replace(more[:20], more), added)
        with listening_to_nobody() as nobody, proxy_to(nobody, said) as entrance:
            told = ask(f"http://127.0.0.1:{entrance}")
            assert f"its header {header.partition(':')[0]} is" in told


def test_it_tells_a_line_that_was_hung_up_from_another_protocol() -> None:
    for page, cause in (
        (b"HTTP/1.1 200 OK\r\nX-Cut: ", "closed before an answer was complete"),
        (b"HTTP/0.9 nonsense\r\n\r\n", "does not speak HTTP/1.1"),
    ):
        with listening_to_nobody() as nobody, proxy_to(nobody, partial(answer, page)) as entrance:
            assert cause in ask(f"http://127.0.0.1:{entrance}")


def test_it_sends_what_was_pasted_and_says_what_no_browser_sends(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    assert "not signed by this server" in ask(url, cookie=f"{cookies.ACCESS}=eyJ…")
    assert "no browser sends this" in ask(url, cookie=f"{cookies.ACCESS}=a\x01b")
    assert "no browser sends this" in ask(url, ticket="a b")


def test_it_waits_for_no_server_that_goes_on_and_on() -> None:
    slow = partial(answer, b"HTTP/1.1 200 OK\r\nX-Slow: ")
    with patch.object(probe, "PATIENCE_S", 0.5), slow_server(slow, b"x") as port:
        assert "no answer within" in ask(f"http://127.0.0.1:{port}")
    with a_short_silence(), slow_server(switched, b"\x89\x00") as port:
        assert ask(f"http://127.0.0.1:{port}").startswith("OK")
    closing = partial(switched, more=b"\x88\x02\x0f\xa0")
    with a_short_silence(), slow_server(closing, b"") as port:
        assert "closed 4000" in ask(f"http://127.0.0.1:{port}")


def test_it_names_addresses_that_lead_nowhere(port: int, fresh: tokens.Fresh) -> None:
    cookie = f"{cookies.ACCESS}={fresh.access}"
    assert "no socket at" in ask(f"http://127.0.0.1:{port}/r/ZZZZZZ/", cookie=cookie)
    assert "TLS failed" in ask(f"https://127.0.0.1:{port}", origin="https://127.0.0.1:8000")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        free = nobody.getsockname()[1]
    assert "Nobody listens" in ask(f"http://127.0.0.1:{free}")
    for nonsense in (
        "http://a:99999",
        "http://[::1",
        "http://a:0",
        "ftp://a",
        "https://💩.example",
    ):
        assert ask(nonsense).startswith("URL must look like")
    assert "No answer from" in ask("http://a..b")
    assert "https may not open" in ask(
        "ws://play.example/ws/locations/", origin="https://play.example"
    )


def test_it_judges_whatever_length_of_life_was_pasted() -> None:
    for lasts, is_over in (("0", True), ("-5", True), ("60", False), ("--5", False), ("²", False)):
        held = cookie_rules.read_cookie(f"{cookies.ACCESS}=x; Path=/; Max-Age={lasts}")
        told = cookie_rules.why_not_sent(held, "ws://127.0.0.1:8000/ws/locations/", OWN)
        assert bool(told) == is_over, lasts
