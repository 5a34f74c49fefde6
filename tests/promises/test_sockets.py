"""What every socket promises, of a room and of positions alike: through a real server."""

import contextlib
import json
import socket as sockets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.urls import path
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from accounts.auth import bans, tokens
from accounts.handshake import turns
from accounts.models import User
from accounts.sockets import registry
from accounts.sockets.outbox import OTHERS_MAX
from accounts.sockets.socket import Socket
from locations.consumers import LocationConsumer
from locations.messages import LocationMessage
from rooms.models import Membership
from rooms.people import moderation
from rooms.tests.people import member, room_of, somebody
from rooms.tests.room_server import RoomServer, ending, hear, until
from web import limits, threads
from web.asgi_types import Application

pytestmark = pytest.mark.django_db(transaction=True)

LARGE = json.dumps({"type": "large", "text": "y" * 20_000})


class Breaking(Socket):
    """A socket that breaks at every message."""

    inbound = LocationMessage

    async def heard(self, message: Any) -> None:
        raise ZeroDivisionError


class Endpoint:
    """One kind of socket of a server, and the people who open it."""

    def __init__(self, server: RoomServer, path: str, greeting: str | None) -> None:
        self.server, self.path, self.greeting = server, path, greeting
        self.stack = contextlib.ExitStack()

    def open(self, user: User | None = None, **options: Any) -> ClientConnection:
        """A socket as the handshake left it."""
        return self.stack.enter_context(self.server.open(self.path, user, **options))

    def enter(self, user: User, **options: Any) -> ClientConnection:
        """A socket that is ready for messages."""
        socket = self.open(user, **options)
        if self.greeting:
            socket.send('{"type": "hello"}')
            hear(socket, self.greeting)
        return socket

    def refusal(self, user: User | None = None, **options: Any) -> int:
        """The HTTP status of a handshake that is refused."""
        with pytest.raises(InvalidStatus) as refused:
            self.open(user, **options)
        return refused.value.response.status_code

    def enter_deaf(self, user: User) -> ClientConnection:
        """A socket whose client stops reading."""
        plain = sockets.socket()
        plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 32 * 1024)
        plain.connect(("127.0.0.1", self.server.port))
        return self.enter(user, sock=plain, max_queue=1)

    def tell(self, user: User, frame: str, slot: str | None = None) -> None:
        """Send a frame to a user's sockets."""

        def send() -> None:
            for socket in registry.registry():
                if socket.visitor.user_id == user.pk:
                    socket.send(frame, slot=slot)  # type: ignore[attr-defined]

        self.server.in_loop(send)

    def count(self) -> int:
        """How many sockets are registered."""
        return len(list(self.server.in_loop(registry.registry)))


@pytest.fixture
def server() -> Iterator[RoomServer]:
    positions: Application = LocationConsumer.as_asgi()
    # A frame too large is to be the socket's own affair, so the server takes all.
    with RoomServer(
        path("ws/locations/", positions),  # type: ignore[arg-type]
        path("ws/breaking/", Breaking.as_asgi()),  # type: ignore[arg-type]
        frame_bytes_max=2**20,
    ) as made:
        yield made


@pytest.fixture(params=["rooms", "locations"])
def endpoint(server: RoomServer, request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    if request.param == "rooms":
        room = room_of(somebody("Hanna"))
        made = Endpoint(server, f"/ws/rooms/{room.code}/", "welcome")
    else:
        made = Endpoint(server, "/ws/locations/", None)
    with made.stack:
        yield made


@pytest.fixture
def ana() -> User:
    return somebody("Ana")


@pytest.fixture
def bo() -> User:
    return somebody("Bo")


def answers(socket: ClientConnection) -> None:
    """Assert that a socket is served."""
    socket.send('{"type": "ping", "t": 7}')
    assert hear(socket, "pong")["t"] == 7


# --- Coming in


def test_it_accepts_a_user_and_answers(endpoint: Endpoint, ana: User) -> None:
    answers(endpoint.enter(ana))
    assert endpoint.count() == 1


def test_it_refuses_a_strange_page_before_accepting(endpoint: Endpoint, ana: User) -> None:
    assert endpoint.refusal(ana, origin="http://evil.example") == 403


def test_it_refuses_while_nobody_can_say_who_it_is(endpoint: Endpoint, ana: User) -> None:
    with mock.patch.object(threads, "PATIENCE_S", 0):
        assert endpoint.refusal(ana) == 503


def test_it_refuses_the_sixth_who_waits_for_a_turn(endpoint: Endpoint, ana: User) -> None:
    with (
        mock.patch.object(turns, "WAITING_MAX", 0),
        mock.patch.dict(limits.LIMITS, handshakes=(limits.Rate(0.001, 1),)),
    ):
        endpoint.enter(ana)
        assert endpoint.refusal(ana) == 429


def test_it_accepts_a_stranger_and_closes_at_once_with_the_reason(
    endpoint: Endpoint, ana: User
) -> None:
    ended = tokens.start(ana)
    tokens.end([ended.sign_in.pk], "logout")
    with mock.patch.object(tokens.AccessToken, "lifetime", timedelta(seconds=-60)):
        expired = tokens.start(ana)
    bearers = {"invalid": "nonsense", "revoked": ended.access, "expired": expired.access}
    assert ending(endpoint.open()) == (4401, "missing")
    for why, access_token in bearers.items():
        headers = {"Authorization": f"Bearer {access_token}"}
        assert ending(endpoint.open(additional_headers=headers)) == (4401, why)
    assert endpoint.count() == 0


# --- What is said


def test_it_takes_four_kibibytes_and_no_more(endpoint: Endpoint, ana: User) -> None:
    socket = endpoint.enter(ana)
    socket.send("x" * limits.FRAME_BYTES_MAX)
    assert hear(socket, "error")["code"] == "malformed"
    socket.send("é" * (limits.FRAME_BYTES_MAX // 2 + 1))
    assert ending(socket) == (1009, "too big")


def test_it_closes_on_whoever_sends_without_end_and_lets_them_wait(
    endpoint: Endpoint, ana: User
) -> None:
    with (
        mock.patch.object(turns, "WAITING_MAX", 0),
        mock.patch.dict(limits.LIMITS, messages=(limits.Rate(0.001, 3),)),
    ):
        socket = endpoint.enter(ana)
        for _time in range(4):
            socket.send('{"type": "ping", "t": 7}')
        assert ending(socket) == (4029, "too fast")
        assert endpoint.refusal(ana) == 429


@pytest.mark.parametrize("nonsense", ["{", b"\x00", '{"type": "bet.plaice"}', "[" * 4000])
def test_it_lives_on_after_two_messages_of_nonsense_and_no_third(
    endpoint: Endpoint, ana: User, nonsense: str | bytes
) -> None:
    socket = endpoint.enter(ana)
    for _time in range(2):
        socket.send(nonsense)
        error = hear(socket, "error")
        assert (error["code"], error["re"]) == ("malformed", None)
        answers(socket)
    with mock.patch.object(turns, "WAITING_MAX", 0):
        socket.send(nonsense)
        assert hear(socket, "error")["code"] == "malformed"
        assert ending(socket) == (1008, "nonsense")
        assert endpoint.refusal(ana) == 429


def test_it_leaves_what_breaks_in_a_message_in_the_log(
    server: RoomServer, ana: User, caplog: pytest.LogCaptureFixture
) -> None:
    with server.open("/ws/breaking/", ana) as socket:
        socket.send('{"type": "ping"}')
        ending(socket)
    until(lambda: "ZeroDivisionError" in caplog.text)


# --- What is told


def test_it_closes_a_reader_for_whom_too_much_waits_and_serves_the_others(
    endpoint: Endpoint, ana: User, bo: User
) -> None:
    deaf, quick = endpoint.enter_deaf(bo), endpoint.enter(ana)
    told = 0
    while endpoint.count() == 2:
        endpoint.tell(bo, LARGE)
        answers(quick)
        told += 1
        assert told < 4 * OTHERS_MAX
    assert told > OTHERS_MAX
    assert ending(deaf) == (4008, "too slow")
    answers(quick)


def test_it_closes_a_reader_that_is_blocked_for_long(endpoint: Endpoint, bo: User) -> None:
    deaf = endpoint.enter_deaf(bo)
    with mock.patch.object(registry, "BLOCKED_S", 0.2):
        # Of a slot one frame waits, so that it is never too much.
        until(lambda: endpoint.tell(bo, LARGE, "large") or endpoint.count() == 0)
    assert ending(deaf) == (4008, "too slow")


# --- The end


def test_it_says_goodbye_when_the_server_ends(endpoint: Endpoint, ana: User, bo: User) -> None:
    seated = [endpoint.enter(ana), endpoint.enter(bo)]
    endpoint.server.uvicorn.should_exit = True
    for socket in seated:
        assert ending(socket) == (1012, "restarting")


def test_it_closes_the_sockets_of_an_ended_sign_in_and_no_others(
    endpoint: Endpoint, ana: User
) -> None:
    gone, here = (tokens.start(ana) for _time in range(2))
    ends, stays = (
        endpoint.enter(None, additional_headers={"Authorization": f"Bearer {each.access}"})
        for each in (gone, here)
    )
    tokens.end([gone.sign_in.pk], "logout")
    assert ending(ends) == (4401, "revoked")
    answers(stays)


def test_it_closes_the_sockets_of_the_banned_and_no_others(
    endpoint: Endpoint, ana: User, bo: User
) -> None:
    first, second, stays = endpoint.enter(ana), endpoint.enter(ana), endpoint.enter(bo)
    bans.ban(ana, "no")
    assert ending(first) == ending(second) == (4401, "revoked")
    answers(stays)


def test_it_closes_the_sockets_of_those_sent_away_from_their_room(server: RoomServer) -> None:
    host = somebody("Hanna")
    room = room_of(host)
    bo = member(room, "Bo")
    with server.join(room, bo) as sent_away, server.open("/ws/locations/", bo) as positions:
        moderation.send_away(host, Membership.objects.get(user=bo))
        assert ending(sent_away.socket) == (4403, "removed")
        answers(positions)


def test_it_serves_two_at_once_and_replaces_the_oldest_of_six(
    endpoint: Endpoint, ana: User, bo: User
) -> None:
    other = endpoint.enter(bo)
    own = [endpoint.enter(ana) for _time in range(5)]
    for socket in own:
        answers(socket)
    answers(endpoint.enter(ana))
    assert ending(own[0]) == (4409, "replaced")
    for socket in (*own[1:], other):
        answers(socket)


def test_it_forgets_a_socket_that_hung_up(endpoint: Endpoint, ana: User) -> None:
    socket = endpoint.enter(ana)
    socket.close()
    until(lambda: endpoint.count() == 0)
