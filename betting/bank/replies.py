"""Reads the bank's replies and stored hashes into values."""

import logging
from collections.abc import Sequence
from operator import itemgetter

from betting.bank.values import Accepted, Denied, Entry, MarketState

log = logging.getLogger(__name__)

_FIELDS = itemgetter(
    "kind", "market", "user", "outcome", "coins", "command", "at_ms", "wallet", "position", "chain"
)


def is_number(text: str) -> bool:
    """Whether the bank would read it as a number of coins."""
    return text == "0" or (text.isascii() and text.isdigit() and text[0] != "0")


def read_position(text: str) -> dict[int, tuple[int, int]]:
    """A stored position, `<outcome> <coins> <first seq>` for each outcome; {} from rubbish."""
    words = text.split(" ")
    if len(words) % 3 or not all(map(is_number, words)):
        return {}
    figures = [int(word) for word in words]
    return {figures[at]: (figures[at + 1], figures[at + 2]) for at in range(0, len(figures), 3)}


def read_state(market_id: int, flat: Sequence[str]) -> MarketState | None:
    """A market from the fields and values of its hash; None from none, and from rubbish."""
    try:
        return read_known_state(market_id, flat) if flat else None
    except (KeyError, ValueError):
        log.error("The bank's market %s cannot be read.", market_id)
        return None


def read_known_state(market_id: int, flat: Sequence[str]) -> MarketState:
    """A market that is certainly there."""
    held = dict(zip(flat[::2], flat[1::2], strict=True))

    def number(name: str) -> int:
        return int(held.get(name) or 0)

    def by_outcome(prefix: str) -> dict[int, int]:
        return {
            int(name.removeprefix(prefix)): int(value)
            for name, value in held.items()
            if name.startswith(prefix)
        }

    return MarketState(
        id=market_id,
        room_id=number("room"),
        status=held["status"],
        version=number("version"),
        closes_at_ms=number("closes_at_ms"),
        opened_at_ms=number("opened_at_ms"),
        locked_at_ms=number("locked_at_ms"),
        lock_seq=number("lock_seq"),
        decision=held.get("decision", ""),
        decision_command=held.get("decision_command", ""),
        decided_by=number("decided_by") or None,
        decide_seq=number("decide_seq"),
        result=held.get("result", ""),
        result_by=number("result_by") or None,
        official_at_ms=number("official_at_ms"),
        settlement=held.get("settlement", ""),
        cursor=number("cursor"),
        paid_coins=number("paid"),
        final_at_ms=number("final_at_ms"),
        frozen=held.get("frozen") == "1",
        bettors=number("bettors"),
        min_bettors=number("min_bettors"),
        takeout_bp=number("takeout_bp"),
        min_stake_coins=number("min_stake"),
        max_stake_coins=number("max_stake"),
        hedging=held.get("hedging") == "1",
        pools=by_outcome("pool:"),
        heads=by_outcome("heads:"),
    )


def read_answer(line: list[str]) -> Accepted | Denied:
    """The answer to one bet of a batch."""
    if line[0] == "refused":
        return read_denied(line[1:])
    outcome_id, stake_coins, epoch, seq, at_ms, coins, position_coins = map(int, line[1:8])
    return Accepted(
        outcome_id=outcome_id,
        stake_coins=stake_coins,
        epoch=epoch,
        seq=seq,
        at_ms=at_ms,
        coins=coins,
        position_coins=position_coins,
        is_repeat=line[8] == "1",
        chain=line[9],
    )


def read_denied(words: Sequence[str]) -> Denied:
    """A refusal: its code and, for some, a figure."""
    return Denied(words[0], int(words[1]) if len(words) > 1 else None)


def read_entry(entry_id: str, fields: dict[str, str]) -> Entry:
    """An entry of the journal, from its id and fields; rubbish becomes one without a chain."""
    epoch, seq = map(int, entry_id.split("-"))

    try:
        kind, market_id, user_id, outcome_id, coins, command, at_ms, wallet, position, chain = (
            _FIELDS(fields)
        )
        return Entry(
            epoch=epoch,
            seq=seq,
            kind=kind,
            market_id=int(market_id) if market_id else None,
            user_id=int(user_id) if user_id else None,
            outcome_id=int(outcome_id) if outcome_id else None,
            coins=int(coins) if coins else 0,
            command=command,
            at_ms=int(at_ms),
            wallet_after=int(wallet) if wallet else None,
            position_after=int(position) if position else None,
            chain=chain,
        )
    except (KeyError, ValueError):
        return Entry(
            epoch=epoch, seq=seq, kind="", market_id=None, user_id=None, outcome_id=None, coins=0,
            command="", at_ms=0, wallet_after=None, position_after=None, chain="",
        )  # fmt: skip
