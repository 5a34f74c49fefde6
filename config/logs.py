"""The log of all processes: one JSON line an event, to standard error.

Addresses are written without their query, and those of devices without the end of their path:
reports of devices carry their token there.
"""

import logging
import re
import time
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

QUIET_S = 60.0
_DEVICE_PATH = re.compile(r"(/in/\w+/)[^\s?]+")


class WithoutQuery(logging.Filter):
    """Turn the server's access record into fields and cut what follows the question mark."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite in place; every record passes."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            address, method, path, _version, status = record.args
            record.msg, record.args = "request", ()
            record.address, record.method, record.status = address, method, status
            record.path = str(path).partition("?")[0]
        return True


def without_tokens(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Cut what stands behind `/in/traccar/` and `/in/owntracks/`."""
    for name in ("event", "path"):
        if "/in/" in str(event.get(name, "")):
            event[name] = _DEVICE_PATH.sub(r"\1…", str(event[name]))
    return event


class OneLine(logging.Filter):
    """One line a minute, without traceback, of errors that repeat while an engine is away."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at_s = -QUIET_S

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the first of a minute pass, with the error's message in place of its traceback."""
        if record.exc_info and (error := record.exc_info[1]):
            record.msg, record.args = f"{record.getMessage()}: {error!r}", ()
            record.exc_info = record.exc_text = None
        now_s = time.monotonic()
        if now_s - self._told_at_s < QUIET_S:
            return False
        self._told_at_s = now_s
        return True


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING: our own lines and those of the libraries, in the same shape."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        # Only these fields pass: no secrets, and no positions.
        structlog.stdlib.ExtraAdder(
            ["address", "method", "path", "status", "code", "bet_id", "market"]
        ),
        without_tokens,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_query": {"()": WithoutQuery}, "one_line": {"()": OneLine}},
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "uvicorn.access": {"filters": ["without_query"], "level": level},
            # Its information lines hold the whole address of every socket.
            "uvicorn.error": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "channels_redis.pubsub": {"filters": ["one_line"]},
            "django": {"handlers": [], "propagate": True, "level": level},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
