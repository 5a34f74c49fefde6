"""What a call reads, answers and refuses, said beside it; server and schema read it here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from types import UnionType
from typing import Any, TypeVar

from msgspec import Struct
from rest_framework.request import Request

from web.parsing import Message, Nothing, parse_query

F = TypeVar("F", bound=Callable[..., Any])
# A shape (or one of several) as JSON, or the media type of a file; several forms, or no body.
Form = type[Struct] | UnionType | str
Answer = Form | tuple[Form, ...] | None
SAFE = ("GET", "HEAD", "OPTIONS")

# Every call may be told these: of a wrong query, and by a server that is too busy or cut off.
_ALWAYS = ("malformed", "busy", "unavailable")
_OF_SIGN_INS = ("sign_in", "forbidden")
_OF_BODIES = ("too_large", "unsupported_media_type")
# In paths: a room's code and a market's number are guessed by strangers, and counted.
_GUESSED = {"code", "market_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A call that an answer leads to, by its name: what of the answer stands in its path or body.

    What begins with `$response.body#` is a part of the answer, else it is an example.
    """

    to: str
    path: Mapping[str, str]
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One method of one path; `refuses` are codes beside those that follow from its view."""

    asks: type[Message] | None
    query: type[Message]
    answers: Mapping[int, Answer]
    refuses: tuple[str, ...]
    links: tuple[Link, ...]


# All there are, in the order in which they were read.
CALLS: list[Call] = []


def described(
    *,
    answers: Mapping[int, Answer],
    asks: type[Message] | None = None,
    query: type[Message] = Nothing,
    refuses: tuple[str, ...] = (),
    links: tuple[Link, ...] = (),
) -> Callable[[F], F]:
    """Describe a handler, and hold callers to its query.

    A query that is not as described is refused as malformed behind the sign-in; a handler with a
    query of its own is given it as `query`. `links` belong to the answer of its first status.
    """
    call = Call(asks=asks, query=query, answers=answers, refuses=refuses, links=links)
    CALLS.append(call)

    def describe(handler: F) -> F:
        @wraps(handler)
        def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            read = parse_query(request.query_params, query)
            if query is not Nothing:
                kwargs["query"] = read
            return handler(view, request, *args, **kwargs)

        answer.call = call  # type: ignore[attr-defined]
        return answer  # type: ignore[return-value]

    return describe


def call_of(view: Any, method: str) -> Call:
    """What the handler of a view for a method is described as; HEAD is as GET."""
    handler = getattr(view, "get" if method == "HEAD" else method.lower())
    found: Call = handler.call
    return found


def codes_of(view: Any, method: str, in_path: Iterable[str]) -> set[str]:
    """The codes that a call may be refused with; `in_path` are the names of its path."""
    codes = {*_ALWAYS, *call_of(view, method).refuses, *getattr(view, "refuses", ())}
    if view.authentication_classes:
        codes.update(_OF_SIGN_INS)
    if method not in SAFE:
        codes.update(_OF_BODIES)
    if names := set(in_path):
        codes.add("not_found")
        codes.update({"too_fast"} if names & _GUESSED else ())
    return codes
