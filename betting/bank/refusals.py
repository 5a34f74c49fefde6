"""The bank's denials as refusals, with sentences that tell figures."""

from collections.abc import Sequence
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from betting import bank
from web.refusals import Refused

T = TypeVar("T")

# code → the sentence, and the name of the figure in `detail`
_FIGURES: dict[str, tuple[str, str]] = {
    "not_enough_coins": (gettext_noop("Not enough coins: you have %(figure)s."), "coins"),
    "stake_below_minimum": (gettext_noop("The smallest stake is %(figure)s."), "min_stake"),
    "stake_above_maximum": (
        gettext_noop("At most %(figure)s coins on this question."),
        "max_stake",
    ),
}


def refused(denied: bank.Denied) -> Refused:
    """A denial of the bank as a refusal for people."""
    code = _ON_THE_WIRE.get(denied.code, denied.code)
    if denied.figure is None or code not in _FIGURES:
        sentence = _SENTENCES.get(denied.code)
        return Refused(code, sentence and _(sentence))
    sentence, name = _FIGURES[code]
    message = _(sentence) % {"figure": f"{denied.figure:,}"}
    return Refused(code, message, detail={name: denied.figure})


_SENTENCES: dict[str, str] = {
    "changed_too_often": gettext_noop(
        "The result was changed three times already. It stands, or you withdraw it."
    ),
}

# For a clock that asks too early, or while a result stands.
NOT_DUE = "market_not_locked"

# Codes of the bank that docs/protocol.md does not know.
_ON_THE_WIRE = {
    "unknown": "not_found",
    "not_due": NOT_DUE,
    "gap": "busy",
    "changed_too_often": "already_decided",
}


def away(error: Exception) -> Refused:
    """A bank that does not answer (`unavailable`: not known) or is full (`busy`: not taken)."""
    return Refused("busy" if isinstance(error, bank.BankFull) else "unavailable", retry_after_s=1)


def ask(call: bank.Call[T | bank.Denied]) -> T:
    """Call the bank from a thread. Raises Refused: what the bank denies, unavailable, busy."""
    answer = run(call)
    if isinstance(answer, bank.Denied):
        raise refused(answer)
    return answer


def read(
    club_id: int, market_ids: Sequence[int] = (), user_ids: Sequence[int] = ()
) -> bank.Snapshot:
    """Read the bank from a thread. Raises Refused: unavailable, busy."""
    return run(bank.read(club_id, market_ids, user_ids))


def run(call: bank.Call[T]) -> T:
    """Call the bank from a thread; a denial comes as a value. Raises Refused: unavailable, busy."""
    try:
        return bank.run(call)
    except (bank.BankAway, bank.BankFull) as error:
        raise away(error) from error
