"""What runs inside a house, by `manage shell`: fills its bank, and times its ledger.

Bettors are plain numbers: nobody signs in as one of them. Each call prints its figures as JSON.
"""

import itertools
import json
import os
import sys
import time
import uuid
from pathlib import Path

from betting import bank, ledger
from betting.models import Market

FIRST_BETTOR = 10**9
COINS = 10**9
FAR_MS = 4_000_000_000_000
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def fill(market_id: int, bets: int, bettors: int) -> None:
    """Place bets of one coin by so many bettors in turn, each on one outcome; have them recorded.

    Prints after how many seconds the last of them was placed, and recorded.
    """
    market = _market(market_id)
    _grant(market.room.club_id, bettors)
    began_s = time.perf_counter()
    _place(market, bets, bettors)
    placed_s = time.perf_counter() - began_s
    ledger.record_all(market.room.club_id)
    _say(placed=placed_s, recorded=time.perf_counter() - began_s)


def record(market_id: int, bets: int, bettors: int, sql_pid: int = 0) -> None:
    """Record a backlog of bets; the clock must stand still. `sql_pid` is the database's process.

    Prints the entries, the seconds, and the processor time here and there.
    """
    market = _market(market_id)
    club_id = market.room.club_id
    _grant(club_id, bettors)
    ledger.record_all(club_id)
    _place(market, bets, bettors)
    worked_s, sql_s, began_s = time.process_time(), _worked_s(sql_pid), time.perf_counter()
    entries = ledger.record_all(club_id)
    _say(
        entries=entries,
        seconds=time.perf_counter() - began_s,
        worked=time.process_time() - worked_s,
        sql=_worked_s(sql_pid) - sql_s,
    )


def _market(market_id: int) -> Market:
    return Market.objects.select_related("room").get(pk=market_id)


def _grant(club_id: int, bettors: int) -> None:
    for user in range(FIRST_BETTOR, FIRST_BETTOR + bettors):
        bank.run(bank.grant(club_id, user, COINS, f"bench:{user}"))


def _place(market: Market, bets: int, bettors: int) -> None:
    outcomes = list(market.outcomes.values_list("pk", flat=True))
    turns = itertools.cycle(range(bettors))
    for at in range(0, bets, bank.BETS_PER_CALL_MAX):
        some = [
            bank.Bet(
                user_id=FIRST_BETTOR + turn, bet_id=str(uuid.uuid4()), stake_coins=1,
                outcome_id=outcomes[turn % len(outcomes)], expires_at_ms=FAR_MS,
            )
            for turn in itertools.islice(turns, min(bank.BETS_PER_CALL_MAX, bets - at))
        ]  # fmt: skip
        bank.run(bank.place_bets(market.room.club_id, market.room_id, market.pk, some))


def _worked_s(pid: int) -> float:
    if not pid:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _say(**figures: float) -> None:
    print(json.dumps(figures), file=sys.stdout)
