"""Counters and log lines of bets; they decide nothing, and cost microseconds."""

import logging
from uuid import UUID

from prometheus_client import Counter, Histogram

log = logging.getLogger(__name__)

# `accepted`, `repeated`, or the code of a refusal.
answers = Counter("ringside_bets", "Bets by what was answered", ["answer"])
calls = Histogram(
    "ringside_place_bets_seconds", "Calls to the bank, each for all bets that waited",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)  # fmt: skip
# Looking a label up costs more than counting.
_accepted, _repeated = answers.labels("accepted"), answers.labels("repeated")
# Present from the start at 0, so that Prometheus sees its first rise.
for _code in ("busy", "unavailable"):
    answers.labels(_code)


def accepted(*, is_repeat: bool) -> None:
    """Count an accepted bet."""
    (_repeated if is_repeat else _accepted).inc()


def refused(code: str, bet_id: UUID, market_id: int) -> None:
    """Count a bet that was not taken, or is not known to be, and log which it was."""
    answers.labels(code).inc()
    # A client that is too fast must not fill the log as well.
    if code != "too_fast":
        log.info("bet refused", extra={"code": code, "bet_id": str(bet_id), "market": market_id})
