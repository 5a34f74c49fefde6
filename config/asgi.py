"""The ASGI application: routes HTTP and sockets."""

from typing import Any

from django.core.asgi import get_asgi_application

# Apps must be loaded before anything below imports a model.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402
from django.utils.translation import gettext  # noqa: E402

from accounts.handshake.middleware import Handshake, refuse  # noqa: E402
from config.urls import SOCKETS  # noqa: E402
from operations import web_watch  # noqa: E402
from operations.doctor import web_processes  # noqa: E402
from web.addresses import Forwarded  # noqa: E402
from web.asgi_types import Receive, Scope, Send  # noqa: E402
from web.server.body_limits import BoundedBodies  # noqa: E402
from web.server.metrics.request_metrics import RequestMetrics  # noqa: E402


async def nowhere(scope: Scope, _receive: Receive, send: Send) -> None:
    """Refuse a socket to an unknown path."""
    await refuse(scope, send, 404, gettext("There is no socket here."))


# Django's `path` is typed for views; Channels takes ASGI applications in their place.
applications: dict[str, Any] = {route: each.as_asgi() for route, each in SOCKETS.items()}
others: Any = nowhere
sockets = URLRouter([*(path(*each) for each in applications.items()), re_path(r"", others)])
# Phone apps send a refused message for ever, so what they may post is wider.
PHONE_BODY_BYTES_MAX = 2 * 2**20
application = RequestMetrics(
    Forwarded(
        ProtocolTypeRouter(
            {
                "http": BoundedBodies(http, {"/in/": PHONE_BODY_BYTES_MAX}),
                "websocket": Handshake(sockets),
            }
        )
    )
)


def watched() -> Any:
    """The application of a web process, which looks after the bank and tells of itself."""
    web_watch.start()
    web_processes.start()
    return application
