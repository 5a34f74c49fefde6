"""The form of an answer: JSON whatever else the request would rather have, and cells of a CSV."""

from collections.abc import Iterable
from contextlib import suppress

import msgspec
from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

# A spreadsheet takes a text that begins so for a formula, unless an apostrophe stands before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class FirstFormElse(DefaultContentNegotiation):
    """Answers in a form that was asked for if there is one, else in the view's first form.

    So no Accept header is refused, and `format` is left to views that read it themselves.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and the media type that it answers in."""
        known = list(renderers)
        with suppress(NotAcceptable, Http404):
            chosen: tuple[BaseRenderer, str] = super().select_renderer(
                request, known, format_suffix
            )
            return chosen
        return known[0], known[0].media_type


def respond(shape: msgspec.Struct, status: int = 200) -> Response:
    """The response with a shape as its body."""
    return Response(msgspec.to_builtins(shape), status=status)


def to_spreadsheet(text: str) -> str:
    """A text as a cell of a CSV that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def from_spreadsheet(cell: str) -> str:
    """The text of a cell; `to_spreadsheet` the other way."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
