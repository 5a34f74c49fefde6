"""Race: a million increments by four programs at once, and what the counter says afterwards."""

import sys
from dataclasses import dataclass

from betting import bank
from betting.models import Market
from lab.charts import Bar, bars
from lab.experiments import bettors, racers
from lab.report import Claim, Report, Table
from lab.workshop import Server, Workshop
from launcher import engines
from launcher.venv import ROOT

QUESTION = "does the counter end where it should?"
READ_ADD_WRITE, HINCRBY, ASKED_AGAIN, LOOK_THEN_TAKE, BETS = (
    200_000, 400_000, 100_000, 100_000, 200_000,
)  # fmt: skip
BANK_PEOPLE = 1000


@dataclass(frozen=True, slots=True)
class RaceResult:
    """The result of one way of counting: the figure that is due, and the one found."""

    way: str
    tries: int
    due: int
    found: int

    @property
    def wrong_by(self) -> int:
        return self.found - self.due


def run(shop: Workshop) -> Report:
    """Race in five ways; the counts of each are exact, in whatever order they came."""
    server = shop.redis()
    results = [
        _read_add_write(shop, server),
        _hincrby(shop, server),
        _asked_again(shop, server),
        _look_then_take(shop, server),
    ]
    with server.line() as line:
        engine = shop.engine(line)
    shop.stop(server.child)
    bets, claims = _bank(shop)
    results.append(bets)
    return Report(
        name="race",
        question=QUESTION,
        engines=engine,
        tables=[_table(results)],
        conclusion=_conclusion(results),
        claims=[*_claims(results), *claims],
        charts={"race.svg": _chart(results)},
    )


def _read_add_write(shop: Workshop, server: Server) -> RaceResult:
    times = shop.share(READ_ADD_WRITE // racers.RACERS)
    _race(shop, server, "read_add_write", times)
    with server.line() as line:
        found = int(line.call("GET", racers.POOL))
    due = times * racers.RACERS
    return RaceResult("read, add, write", due, due, found)


def _hincrby(shop: Workshop, server: Server) -> RaceResult:
    times = shop.share(HINCRBY // racers.RACERS)
    _race(shop, server, "hincrby", times)
    with server.line() as line:
        found = int(line.call("HGET", racers.POOL, "coins"))
    due = times * racers.RACERS
    return RaceResult("HINCRBY", due, due, found)


def _asked_again(shop: Workshop, server: Server) -> RaceResult:
    times = shop.share(ASKED_AGAIN // racers.RACERS, least=racers.PER_WRITE)
    _race(shop, server, "hincrby_again", times)
    with server.line() as line:
        found = int(line.call("HGET", racers.POOL, "coins"))
    due = times * racers.RACERS
    return RaceResult("HINCRBY, 2 % asked again", due, due, found)


def _look_then_take(shop: Workshop, server: Server) -> RaceResult:
    per_group = racers.PEOPLE_AT_ONCE * racers.TRIES_PER_PERSON
    groups = shop.share(LOOK_THEN_TAKE // per_group, least=5)
    with server.line() as line:
        line.call("FLUSHALL")
        for group in range(groups):
            for at in range(racers.PEOPLE_AT_ONCE):
                line.call("HSET", f"purse:{group}:{at}", "coins", racers.PURSE_COINS)
    _race(shop, server, "look_then_take", groups * per_group // racers.RACERS, is_clean=False)
    with server.line() as line:
        found = int(line.call("GET", "taken"))
    due = groups * racers.PEOPLE_AT_ONCE * racers.PURSE_COINS
    return RaceResult("look, then HINCRBY -1", groups * per_group, due, found)


def _race(
    shop: Workshop, server: Server, kind: str, times: int, *, is_clean: bool = True
) -> None:  # fmt: skip
    way = kind.replace("_", " ")
    shop.tell(f"{way}: {times * racers.RACERS:,} tries by {racers.RACERS} programs")
    if is_clean:
        with server.line() as line:
            line.call("FLUSHALL")
    command = [sys.executable, "-P", "-m", "lab.experiments.racers", kind]
    _run_all(shop, [[*command, str(server.socket), str(times)]] * racers.RACERS)


def _run_all(shop: Workshop, commands: list[list[str]], **env: str) -> None:
    log = shop.folder / "racers.log"
    running = [shop.start(command, log, PYTHONPATH=str(ROOT), **env) for command in commands]
    for child in running:
        if child.wait():
            raise RuntimeError(f"A racer ended with an error:\n{log.read_text()}")


def _bank(shop: Workshop) -> tuple[RaceResult, list[Claim]]:
    people = shop.share(BANK_PEOPLE, least=32)
    rounds = BETS // BANK_PEOPLE // racers.RACERS
    tries = people * rounds * racers.RACERS
    shop.tell(f"the bank: {tries:,} bets by {racers.RACERS} programs")
    with shop.bank(bettors.CLUB) as server:
        _open_market(people)
        command = [sys.executable, "-P", "-m", "lab.experiments.bettors", str(server.socket)]
        commands = [
            [*command, str(number), str(rounds), str(people)] for number in range(racers.RACERS)
        ]
        _run_all(shop, commands, REDIS_BANK_URL=engines.redis_url(server.socket))
        with server.line() as line:
            counted = line.call("HGETALL", "counts")
        counts = dict(zip(counted[::2], map(int, counted[1::2]), strict=True))
        found, claims = _audit(people, counts)
    shop.stop(server.child)
    return RaceResult(
        "the bank, 2 % asked again", tries, people * racers.PURSE_COINS, found
    ), claims


def _open_market(people: int) -> None:
    for user_id in range(1, people + 1):
        bank.run(bank.grant(bettors.CLUB, user_id, racers.PURSE_COINS, f"purse-{user_id}"))
    market = Market(pk=bettors.MARKET, room_id=bettors.ROOM)
    bank.run(bank.open_market(bettors.CLUB, market, bettors.OUTCOMES))


def _audit(people: int, counts: dict[str, int]) -> tuple[int, list[Claim]]:
    head = bank.head(bettors.CLUB)
    users = range(1, min(people, 1000) + 1)
    seen = bank.run(bank.read(bettors.CLUB, [bettors.MARKET], users))
    pool = sum(seen.states[bettors.MARKET].pools.values())
    return pool, [
        Claim(
            f"the bank accepted {counts['accepted']:,} bets and its pool holds as many coins",
            pool == counts["accepted"] == head.in_pools,
        ),
        Claim(
            f"{counts['repeats']:,} bets were asked again and got their first answer",
            counts["repeats"] > 0 and counts["repeats_differ"] == 0,
        ),
        Claim("no wallet of the bank is below nought", min(seen.coins.values()) >= 0),
        Claim(
            "wallets and pool together hold the coins that were granted",
            head.in_wallets + head.in_pools == head.issued == people * racers.PURSE_COINS,
        ),
    ]


def _claims(results: list[RaceResult]) -> list[Claim]:
    lossy, exact, again, overspent, bets = (one.wrong_by for one in results)
    repeats = results[2].tries // racers.LOST_ANSWER_EVERY
    return [
        Claim(f"read, add, write lost {-lossy:,} increments", lossy < 0),
        Claim("HINCRBY lost none", exact == 0),
        Claim(f"HINCRBY counted all {repeats:,} repeats a second time", again == repeats),
        Claim(f"look, then HINCRBY spent {overspent:,} coins that nobody had", overspent > 0),
        Claim("the bank's pool is exact", bets == 0),
    ]


def _table(results: list[RaceResult]) -> Table:
    columns = ("way of counting", "tries", "due", "found", "wrong by")
    rows: list[tuple[str | int, ...]] = [
        (one.way, one.tries, one.due, one.found, one.wrong_by) for one in results
    ]
    return Table(f"{sum(one.tries for one in results):,} tries", columns, rows)


def _chart(results: list[RaceResult]) -> str:
    rows = [
        Bar(one.way, (100 * one.found / one.due,), f"{one.found:,} of {one.due:,}")
        for one in results
    ]
    unit = "What the counter says at the end, per 100 that are due (should be 100)"
    return bars("One counter, four programs at once", unit, rows)


def _conclusion(results: list[RaceResult]) -> str:
    lossy, _, again, overspent, _ = results
    lost = -100 * lossy.wrong_by / lossy.due
    return (
        f"Read, add and write in three steps loses {lost:.0f} % of what happened. HINCRBY loses "
        "nothing, because it is one command. But a bet is more than one command: the same HINCRBY "
        f"asked again after a lost answer counts twice ({again.wrong_by:,} too many), and a look "
        f"into the purse before it takes {overspent.wrong_by:,} coins that nobody had. The bank "
        "does look, take, count and remember in one Function, by the bet's own id, and is exact."
    )
