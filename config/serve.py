"""One web process: uvicorn on a listening socket, with the limits of the house.

`python -m config.serve --fd N` serves on a socket inherited from the launcher. Several of
them share it.
"""

import argparse
import signal
import socket
import sys

import uvicorn

from accounts.limits import FRAME_BYTES_MAX
from rooms.server import SocketProtocol

PING_S = 20
# Sockets are told 1012 at once; this long they and running requests may take to end.
STOP_TIMEOUT_S = 3


def settings_of_server(given: argparse.Namespace) -> uvicorn.Config:
    """What the server must hold: see docs/protocol.md for what clients notice of it."""
    return uvicorn.Config(
        "config.asgi:application",
        loop="uvloop",
        http="httptools",
        ws=SocketProtocol,
        ws_max_size=FRAME_BYTES_MAX,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        # Compressed frames would let 100 bytes on the wire fill our memory, and hide slow readers.
        ws_per_message_deflate=False,
        # Django's logging settings hold for the server too.
        log_config=None,
        server_header=False,
        # Who called is for accounts to decide, from TRUSTED_PROXIES.
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        ssl_certfile=given.tls_cert,
        ssl_keyfile=given.tls_key,
    )


def main() -> None:
    """Serve until SIGTERM or SIGINT; both are a good end."""
    parser = argparse.ArgumentParser(prog="config.serve")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    given = parser.parse_args()
    listener = socket.socket(fileno=given.fd)
    server = uvicorn.Server(settings_of_server(given))
    # uvicorn raises the signal once more when it has stopped, which would look like a crash.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: sys.exit(0))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
