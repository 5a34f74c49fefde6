"""What bank tests share: short ways to act, and the count of every coin afterwards."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from betting import bank
from betting.models import Market

CLUB, ROOM, MARKET = 1, 70, 5
YES, NO, MAYBE = 11, 12, 13
ANA, BO, CY, HOST = 101, 102, 103, 900


def bank_commands() -> dict[str, int]:
    """How often the bank has run each command."""
    told = bank.each_primary("INFO", "commandstats")[0]
    return {name.removeprefix("cmdstat_"): stats["calls"] for name, stats in told.items()}


def give(user: int, coins: int) -> None:
    answer = bank.run(bank.grant(CLUB, user, coins, f"gift:{uuid.uuid4()}"))
    assert isinstance(answer, bank.Moved)


def open_market(market_id: int = MARKET, **figures: Any) -> bank.MarketState:
    market = Market(id=market_id, room_id=ROOM, **figures)
    answer = bank.run(bank.open_market(CLUB, market, [YES, NO, MAYBE], HOST))
    assert isinstance(answer, bank.Marked)
    return answer.state


def a_bet(user: int, stake: int, outcome: int = YES, **others: Any) -> bank.Bet:
    others = {"bet_id": str(uuid.uuid4()), "expires_at_ms": bank.ask_time_ms() + 5000, **others}
    return bank.Bet(user_id=user, outcome_id=outcome, stake_coins=stake, **others)


def place(bet: bank.Bet, market_id: int = MARKET, room_id: int = ROOM) -> Any:
    return bank.run(bank.place_bets(CLUB, room_id, market_id, [bet])).answers[0]


def stake(user: int, coins: int, outcome: int = YES, **others: Any) -> Any:
    return place(a_bet(user, coins, outcome, **others))


def lock() -> bank.MarketState:
    answer = bank.run(bank.lock(CLUB, MARKET, HOST))
    assert isinstance(answer, bank.Marked)
    return answer.state


def settle(command: str, by: int | None = HOST, is_operator: bool = False) -> Any:
    call = bank.decide(CLUB, MARKET, kind="settle", command=command, by=by, is_operator=is_operator)
    return bank.run(call)


def void(by: int | None = HOST, reason: str = "void") -> Any:
    return bank.run(bank.decide(CLUB, MARKET, kind="void", command=reason, by=by))


def state(market_id: int = MARKET) -> bank.MarketState:
    return bank.run(bank.read(CLUB, [market_id], [])).states[market_id]


def coins(user: int) -> int:
    return bank.run(bank.read(CLUB, [], [user])).coins[user]


def entries() -> list[bank.Entry]:
    return bank.journal(CLUB, 1, 0)


def everything() -> list[Any]:
    """All that the bank holds, to compare before and after."""
    found: list[Any] = []
    for key in sorted(bank.command("KEYS", "*")):
        kind = bank.command("TYPE", key)
        read = {"hash": ("HGETALL", key), "stream": ("XRANGE", key, "-", "+")}.get(kind)
        found.append((key, bank.command(*read) if read else kind))
    return found


def assert_conserved() -> None:
    """Every coin that was issued is somewhere, counted anew from the hashes and the journal."""
    head, keys = bank.head(CLUB), bank.Keys(CLUB)
    assert head.is_even
    wallets = bank.command("HGETALL", keys.wallets)
    assert sum(map(int, wallets.values())) == head.in_wallets
    in_pools, chain = 0, ""
    for entry in bank.journal(CLUB, 1, 0, 100_000):
        chain = entry.link(chain)
        assert entry.chain == chain
        in_pools += entry.coins if entry.kind == "bet" else 0
        in_pools -= entry.coins if entry.kind in ("payout", "refund", "takeout") else 0
    assert in_pools == head.in_pools
    assert head.chain == chain
    for entry in entries():
        if entry.kind == "open":
            _assert_market_adds_up(entry.market_id or 0)


def _assert_market_adds_up(market_id: int) -> None:
    positions = bank.command("HGETALL", bank.Keys(CLUB).positions(market_id))
    found = bank.run(bank.read(CLUB, [market_id], [])).states.get(market_id)
    if found is None:
        return
    held = [
        (outcome, staked)
        for text in positions.values()
        for outcome, staked, _ in zip(*[map(int, text.split(" "))] * 3, strict=True)
    ]
    for outcome, pool in found.pools.items():
        assert pool == sum(staked for name, staked in held if name == outcome)
        assert found.heads[outcome] == sum(1 for name, _ in held if name == outcome)
    assert found.bettors == len(positions)


@pytest.fixture(autouse=True)
def _every_coin_is_somewhere() -> Iterator[None]:
    yield
    assert_conserved()
