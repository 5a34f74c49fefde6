"""What the calls of all topics are sent by."""

from typing import Any


class Calling:
    """Sends calls; a class that extends this one says how."""

    async def call(
        self, method: str, path: str, *values: str | int, answers: tuple[Any, ...] = (),
        query: dict[str, Any] | None = None, body: dict[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Any:  # fmt: skip
        """Send a call; returns its answer. Raises Refused."""
        raise NotImplementedError
