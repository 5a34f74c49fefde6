"""What goes over the wire about programs.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from msgspec import Struct


class CodeAnswer(Struct, kw_only=True):
    """The code that the screen shows now, and when it changes."""

    code: str
    changes_in_ms: int


class DeliveryShape(Struct, kw_only=True):
    """One event for a webhook. `status` is 0 where `why` says that there was no answer.

    `due_at_ms` is the next try, null once it was taken.
    """

    id: int
    event: str
    market: int | None
    question: str | None
    made_at_ms: int
    tries: int
    status: int
    why: str
    due_at_ms: int | None
    taken_at_ms: int | None


class DeliveryList(Struct, kw_only=True):
    results: list[DeliveryShape]


class KeyShape(Struct, kw_only=True):
    """A key as its room lists it; `used_at_ms` is 0 until its first use."""

    id: int
    name: str
    rights: list[str]
    made_at_ms: int
    expires_at_ms: int
    used_at_ms: int


class KeyList(Struct, kw_only=True):
    results: list[KeyShape]


class KeyOffer(Struct, kw_only=True):
    """A key, and its text, which is told this once."""

    id: int
    key: str


class ScreenShape(Struct, kw_only=True):
    id: int
    made_at_ms: int


class ScreenList(Struct, kw_only=True):
    results: list[ScreenShape]


class ScreenOffer(Struct, kw_only=True):
    """A screen, and its link, which is told this once; `overlay` is the same without a ground."""

    id: int
    link: str
    overlay: str


class WebhookShape(Struct, kw_only=True):
    """A webhook as its room lists it; `paused_at_ms` is null while it is served."""

    id: int
    url: str
    made_at_ms: int
    paused_at_ms: int | None
    waiting: int


class WebhookList(Struct, kw_only=True):
    results: list[WebhookShape]


class WebhookOffer(Struct, kw_only=True):
    """A webhook, and the secret that signs for it, which is told this once."""

    id: int
    secret: str
