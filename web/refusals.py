"""Refusals: one exception, its codes in one list, one HTTP status for each code."""

import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import exceptions
from rest_framework.response import Response

# A sentence, or one that is put into the reader's language when it is shown.
Words = str | Promise

# Wire codes of docs/protocol.md: status, and the sentence where no better one is given.
CODES: dict[str, tuple[int, Words]] = {
    "malformed": (400, _("This message is not understood.")),
    "nickname_refused": (400, _("Please choose another name.")),
    "weak_password": (400, _("Please choose a longer or less common password.")),
    "sign_in": (401, _("Please sign in.")),
    "wrong_credentials": (401, _("E-mail and password do not match.")),
    "forbidden": (403, _("You may not do this.")),
    "not_member": (403, _("Enter the room first.")),
    "muted": (403, _("You are muted in this room.")),
    "host_may_not_bet": (403, _("The host does not bet in this room.")),
    "holder_may_not_settle": (403, _("You have coins on this question, so somebody else decides.")),
    "not_found": (404, _("There is nothing here.")),
    "method_not_allowed": (405, _("This address takes no such call.")),
    "room_full": (409, _("This room is full.")),
    "room_ended": (409, _("This room has ended.")),
    "market_not_open": (409, _("This question is not open yet.")),
    "market_closed": (409, _("Locked before your bet arrived. No coins moved.")),
    "market_not_locked": (409, _("Lock the question first.")),
    "market_undecided": (409, _("A question is still undecided. Settle or void it first.")),
    "already_decided": (409, _("This question was decided already.")),
    "too_many_markets": (409, _("Three questions are open. Decide one first.")),
    "no_such_outcome": (409, _("There is no such answer.")),
    "other_outcome_taken": (409, _("You are on another answer already.")),
    "stake_below_minimum": (409, _("The stake is below the minimum.")),
    "stake_above_maximum": (409, _("The stake is above the maximum.")),
    "not_enough_coins": (409, _("Not enough coins.")),
    "key_reused": (409, _("This id was used for something else. No coins moved.")),
    "expired": (409, _("This bet came too late to be decided. No coins moved.")),
    "not_inside": (409, _("You are outside. Your bets stay.")),
    "not_broke": (409, _("You can still play: there are coins in your wallet or on a question.")),
    "frozen": (409, _("This question is on hold.")),
    "email_taken": (409, _("This e-mail has an account already.")),
    "too_large": (413, _("This is too large.")),
    "unsupported_media_type": (415, _("The content type must be application/json.")),
    "too_fast": (429, _("Too fast. Please wait a moment.")),
    "busy": (503, _("Very busy. Nothing was taken; please try again.")),
    "unavailable": (503, _("Not known yet. Ask again with the same id; it never counts twice.")),
}

# Longer waits are told in minutes.
_IN_SECONDS_MAX = 90


class Refused(Exception):
    """Something a rule forbids; nothing was changed.

    `code` is a word of CODES, `detail` holds figures for the client, `retry_after_s` is told
    where waiting helps; of too_fast the sentence names it, too.
    """

    def __init__(
        self,
        code: str,
        message: Words | None = None,
        *,
        detail: Mapping[str, Any] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.code = code
        self.status, default = CODES[code]
        if code == "too_fast" and retry_after_s:
            message = message or _please_wait(retry_after_s)
        self.message = message or default
        self.detail = dict(detail or {})
        self.retry_after_s = retry_after_s
        super().__init__(code)

    def as_json(self) -> dict[str, Any]:
        """The inner object of an error answer."""
        return {"code": self.code, "message": str(self.message), "detail": self.detail}


def _please_wait(wait_s: float) -> str:
    seconds = math.ceil(wait_s)
    if seconds <= _IN_SECONDS_MAX:
        told = ngettext(
            "Too fast. Please wait %d second.", "Too fast. Please wait %d seconds.", seconds
        )
        return told % seconds
    minutes = math.ceil(seconds / 60)
    told = ngettext(
        "Too fast. Please wait %d minute.", "Too fast. Please wait %d minutes.", minutes
    )
    return told % minutes


# What Django and DRF themselves raise, in our words.
_FOREIGN: list[tuple[type[Exception], str]] = [
    (exceptions.NotAuthenticated, "sign_in"),
    (exceptions.AuthenticationFailed, "sign_in"),
    (exceptions.PermissionDenied, "forbidden"),
    (PermissionDenied, "forbidden"),
    (exceptions.NotFound, "not_found"),
    (Http404, "not_found"),
    (exceptions.ParseError, "malformed"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
]


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal leaves in one shape."""
    for kind, code in _FOREIGN:
        if isinstance(error, kind):
            error = Refused(code)
            break
    if not isinstance(error, Refused):
        return None
    response = Response({"error": error.as_json()}, status=error.status)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if error.status in (429, 503):
        response["Retry-After"] = str(max(1, round(error.retry_after_s or 1)))
    return response
