"""One WebSocket handshake, as a browser would make it, and what came back."""

import ssl
from dataclasses import dataclass, field

from websockets import Subprotocol
from websockets.datastructures import Headers
from websockets.exceptions import (
    InvalidHeader,
    InvalidStatus,
    NegotiationError,
    WebSocketException,
)
from websockets.http11 import Response
from websockets.protocol import State
from websockets.sync.client import reconnect

from accounts.handshake.middleware import SUBPROTOCOL

PATIENCE_S = 5.0
# Identity problems are closed at once; a socket that stays open this long is welcome.
SILENCE_S = 1.5
_CLOSING_S = 1.0
_BODY_BYTES_MAX = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeRequest:
    """One handshake to send: its address, and the headers a browser would add."""

    url: str
    origin: str = ""
    cookie: str = ""
    bearer: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back: an HTTP answer, or a socket that stays open or was closed with a code.

    `broken` names the header for which a browser would hang up although the status is 101.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    broken: str = ""
    close_code: int = 0
    close_reason: str = ""


class NoAnswer(Exception):
    """There was no HTTP answer at all; the text says what happened instead."""


class _Once(reconnect):
    """A client that follows no redirect: browsers do not either."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


def send_handshake(asked: HandshakeRequest) -> Answered:
    """Make one handshake; the socket is closed again at once. Raises NoAnswer."""
    client = _client(asked)
    try:
        return _opened(client, SUBPROTOCOL if asked.ticket else None)
    except InvalidStatus as refused:
        return _page(refused.response)
    except InvalidHeader as wrong:
        return Answered(status=101, broken=wrong.name)
    except NegotiationError as wrong:
        name = "Protocol" if "subprotocol" in str(wrong) else "Extensions"
        return Answered(status=101, broken=f"Sec-WebSocket-{name}")
    except WebSocketException as wrong:
        if isinstance(wrong.__cause__, EOFError):
            raise NoAnswer("the connection was closed before an answer was complete") from None
        raise NoAnswer("what answers there does not speak HTTP/1.1") from None
    except ssl.SSLError as error:
        raise NoAnswer(f"TLS failed: {error.reason or error}") from None
    except TimeoutError:
        raise NoAnswer(f"no answer within {PATIENCE_S:.0f} seconds") from None
    except (OSError, UnicodeError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None


def _client(asked: HandshakeRequest) -> _Once:
    subprotocols = [Subprotocol(name) for name in (SUBPROTOCOL, f"ticket.{asked.ticket}")]
    try:
        return _Once(
            asked.url,
            additional_headers=_headers(asked),
            subprotocols=subprotocols if asked.ticket else None,
            compression=None,
            user_agent_header=None,
            proxy=None,
            open_timeout=PATIENCE_S,
            close_timeout=_CLOSING_S,
            ping_interval=None,
            # A queue that is full would hold up the close behind it.
            max_queue=None,
        )
    except (WebSocketException, ValueError) as error:
        raise NoAnswer(f"no browser sends this ({error})") from None


def _headers(asked: HandshakeRequest) -> Headers:
    headers = Headers()
    for name, value in (
        ("Origin", asked.origin),
        ("Cookie", asked.cookie),
        ("Authorization", asked.bearer and f"Bearer {asked.bearer}"),
    ):
        if value:
            # The library takes Latin-1; what is beyond goes out as UTF-8, as from a browser.
            headers[name] = value.encode().decode("latin-1")
    return headers


def _opened(client: _Once, subprotocol: str | None) -> Answered:
    with client as line:
        stays_open = not line.wait_closed(SILENCE_S) and line.state is State.OPEN
    if line.subprotocol != subprotocol:
        return Answered(status=101, broken="Sec-WebSocket-Protocol")
    if stays_open:
        return Answered(status=101)
    return Answered(
        status=101, close_code=line.close_code or 0, close_reason=line.close_reason or ""
    )


def _page(response: Response) -> Answered:
    return Answered(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.raw_items()},
        body=response.body[:_BODY_BYTES_MAX].decode(errors="replace").strip(),
    )
