"""The form of an answer: JSON, whatever else the request would rather have."""

from collections.abc import Iterable
from contextlib import suppress

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


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
