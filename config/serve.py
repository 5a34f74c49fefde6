"""One web process: uvicorn on a listening socket, with our limits.

`python -m config.serve --fd N` serves on a socket inherited from the launcher; several share
it. `--host ADDR --port N` listens by itself, as behind a proxy that knows each process.
"""

import argparse
import gc
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from django.conf import settings

from launcher import listening
from web.limits import FRAME_BYTES_MAX
from web.server.http import HeadProtocol
from web.server.metrics import metric_files
from web.server.shutdown import WINDOW_S, Server
from web.server.websockets import SocketProtocol
from web.static_files.versions import HashedStaticFiles

PING_S = 20
# After the sockets were told to close: so long running requests and the last sockets may take.
STOP_TIMEOUT_S = 3
# The launcher waits ten seconds for a child to end.
WINDOW_UNDER_LAUNCHER_S = 5.0
# New objects, then young and middle collections until the next kind: a whole one comes after as
# many objects as 13,000 sockets have.
COLLECT_AFTER = (20_000, 10, 10)


def settings_of_server(given: argparse.Namespace) -> uvicorn.Config:
    """uvicorn's settings; docs/protocol.md says what clients notice of them."""
    return uvicorn.Config(
        "config.asgi:watched",
        factory=True,
        loop="uvloop",
        http=HeadProtocol,
        ws=SocketProtocol,
        ws_max_size=FRAME_BYTES_MAX,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        # Compressed frames would let 100 bytes on the wire fill our memory, and hide slow readers.
        ws_per_message_deflate=False,
        # Django's logging settings hold for the server too.
        log_config=None,
        server_header=False,
        # The caller's address is found by web.addresses, from TRUSTED_PROXIES.
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        ssl_certfile=given.tls_cert,
        ssl_keyfile=given.tls_key,
    )


def listener_of(given: argparse.Namespace) -> socket.socket:
    """The inherited socket, or one of our own."""
    if given.fd is not None:
        return socket.socket(fileno=given.fd)
    return listening.listen(given.host, given.port)


def main() -> None:
    """Serve until SIGTERM or SIGINT; both are a good end."""
    parser = argparse.ArgumentParser(prog="config.serve")
    line = parser.add_mutually_exclusive_group(required=True)
    line.add_argument("--fd", type=int, help="a listening socket that was handed down")
    line.add_argument("--port", type=int)
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDR")
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    given = parser.parse_args()
    # What is loaded stays: looking through it again and again would be a sixth of the start.
    gc.set_threshold(*COLLECT_AFTER)
    # Before the application is loaded: what is counted is made as its modules are.
    metric_files.count_in_files(Path(settings.DATA_DIR))
    listener = listener_of(given)
    window_s = WINDOW_S if given.fd is None else WINDOW_UNDER_LAUNCHER_S
    config = settings_of_server(given)
    config.load()
    if not (settings.DEBUG or HashedStaticFiles().is_collected):
        sys.exit(
            f"The static files of this version are not in {settings.STATIC_ROOT}, so pages would "
            "have no styles: run `./ringside manage prepare` on this machine, then start again."
        )
    _spare_the_collector()
    server = Server(config, window_s)
    # uvicorn raises the signal once more when it has stopped, which would look like a crash.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: sys.exit(0))
    server.run(sockets=[listener])


def _spare_the_collector() -> None:
    """Let Python's collector pass over what was loaded, and seldom walk all sockets.

    A socket is about 150 objects, which a whole collection walks while everybody waits: 0.2 s at
    1,500 sockets. A closed socket needs none, and is gone at once.
    """
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
