"""What the peers share: engines of their own, and a bank that holds sixteen open markets.

A peer decides a bet by the same Function of ours, on the same keys, as durably.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sides.side import COINS, ROOMS
from launcher.private_house import PrivateEngines

CLUB = 1
BETTORS = 4000


@dataclass(frozen=True, slots=True)
class Prepared:
    """Running engines, and the name of the Function that decides bets."""

    engines: PrivateEngines
    place_bets: str

    @property
    def pids(self) -> dict[str, int]:
        return self.engines.pids


@contextmanager
def prepared_engines(folder: Path, *names: str) -> Iterator[Prepared]:
    """Start these engines; the bank knows 4,000 users, and 16 markets of as many rooms."""
    folder.mkdir()
    engines = PrivateEngines(folder)
    engines.names = names
    try:
        engines.start_all()
        yield Prepared(engines, _fill(engines.settings["REDIS_BANK_URL"]))
    finally:
        engines.stop_all()


def outcomes(market: int) -> tuple[int, int]:
    """The two outcomes of a peer's market."""
    return 2 * market - 1, 2 * market


def _fill(bank_url: str) -> str:
    from django.test import override_settings

    from betting import bank
    from betting.models import Market

    with override_settings(REDIS_BANK_URL=bank_url):
        bank.load_library()
        bank.run(bank.start_epoch(CLUB, bank.Head.fresh(epoch=1)))
        bank.open_gate()
        for user in range(1, BETTORS + 1):
            bank.run(bank.grant(CLUB, user, COINS, f"welcome:{user}"))
        for number in range(1, ROOMS + 1):
            bank.run(bank.open_market(CLUB, Market(pk=number, room_id=number), outcomes(number)))
    # The form for one market, which every call of a peer is about.
    return "place_bets_v4"
