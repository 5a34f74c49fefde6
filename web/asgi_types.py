"""What an ASGI application is called with, for everything that stands between server and app."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Event = Mapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The name of our server's ASGI extension that writes a text frame at once; it returns False, and
# writes nothing, while the frame would have to wait.
WRITE = "ringside.write"
Write = Callable[[str], bool]
