"""What became of every bet that was tried, as the people who tried them know it."""

import threading
from collections import Counter
from pathlib import Path

import msgspec

from betting.receipts.shapes import Receipt
from betting.wire.messages import BetAccepted

OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"


class Attempt(msgspec.Struct, kw_only=True):
    """One bet: `ok` was accepted, `refused` cannot stand, `unknown` may stand."""

    bet_id: str
    user: int
    market: int
    outcome: int
    stake: int
    ended: str = UNKNOWN
    receipt: Receipt | None = None


class Told(msgspec.Struct, kw_only=True):
    """A history as a file; nobody else bet on the markets named."""

    attempts: list[Attempt]
    markets: list[int] = []

    @property
    def receipts(self) -> list[Receipt]:
        return [each.receipt for each in self.attempts if each.receipt]


class History:
    """Written by people in one thread, read and saved by another."""

    def __init__(self) -> None:
        self._attempts: list[Attempt] = []
        self.markets: list[int] = []
        self.words: Counter[str] = Counter()
        self.accepted = 0
        self._lock = threading.Lock()

    def begin(self, attempt: Attempt) -> None:
        """Note a bet before its first copy is sent."""
        with self._lock:
            self._attempts.append(attempt)

    def accept(self, attempt: Attempt, answer: BetAccepted) -> None:
        """Keep the receipt of an answer."""
        self.keep(attempt, Receipt(**msgspec.structs.asdict(answer)))

    def keep(self, attempt: Attempt, receipt: Receipt) -> None:
        """Keep the receipt."""
        with self._lock:
            attempt.ended, attempt.receipt = OK, receipt
            self.accepted += 1

    def refuse(self, attempt: Attempt, word: str, *, is_final: bool) -> None:
        """Note a refusal; one that is not final leaves it unknown whether the bet stands."""
        with self._lock:
            attempt.ended = REFUSED if is_final else UNKNOWN
            self.words[word] += 1

    def counts(self) -> Counter[str]:
        """How many ended how."""
        with self._lock:
            return Counter(each.ended for each in self._attempts)

    def save(self, path: Path) -> None:
        """Write everything as `manage.py check_history` reads it."""
        with self._lock:
            told = Told(attempts=self._attempts, markets=self.markets)
            path.write_bytes(msgspec.json.encode(told))
