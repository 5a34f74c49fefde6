"""Recorded play of real people, read into markets that Ringside can play.

Two formats, told apart by the files in the folder: `market_trades.csv` with
`market_outcomes.csv` (who, when, which side, how many points), and `play_money_matches.csv`
(two pots a match and the winner). Columns are described in the README beside the files.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

# A recorded pot has no names; it is split between this many backers a side, the same every time.
BACKERS_A_SIDE = 3


@dataclass(frozen=True, slots=True)
class RecordedBet:
    """One stake: seconds since the market's first one, who, which outcome (index), coins."""

    at_s: float
    user: str
    outcome: int
    coins: int


@dataclass(slots=True)
class RecordedMarket:
    """One question with everything that was staked on it.

    `winner` is an index into `outcomes`, None where nobody recorded one. `left_out` counts the
    lines that are no stake in a pool (sales, less than a coin) and `left_out_points` their sum.
    """

    name: str
    question: str
    outcomes: list[str]
    winner: int | None
    bets: list[RecordedBet] = field(default_factory=list)
    points: float = 0
    left_out: int = 0
    left_out_points: float = 0

    @property
    def hedging(self) -> bool:
        """Whether somebody was on two outcomes."""
        sides = defaultdict(set)
        for bet in self.bets:
            sides[bet.user].add(bet.outcome)
        return any(len(outcomes) > 1 for outcomes in sides.values())

    @property
    def pools(self) -> list[int]:
        """Coins by outcome when everything is staked."""
        sums = [0] * len(self.outcomes)
        for bet in self.bets:
            sums[bet.outcome] += bet.coins
        return sums


def read(folder: Path) -> list[RecordedMarket]:
    """All recorded markets of a folder, in the order of the files.

    Raises FileNotFoundError when neither format is there.
    """
    markets = []
    if (folder / "market_trades.csv").is_file():
        markets += list(_trades(folder))
    if (folder / "play_money_matches.csv").is_file():
        markets += list(_matches(folder / "play_money_matches.csv"))
    if not markets:
        raise FileNotFoundError(f"No market_trades.csv or play_money_matches.csv in {folder}.")
    return markets


def _trades(folder: Path) -> Iterator[RecordedMarket]:
    lines = defaultdict(list)
    for line in _rows(folder / "market_trades.csv"):
        lines[line["market"]].append(line)
    for outcome in _rows(folder / "market_outcomes.csv"):
        sides = ["yes", "no"]
        market = RecordedMarket(
            name=f"{outcome['project']} {outcome['market']}",
            question=f"{outcome['project']}, study {outcome['market']}: will it replicate?",
            outcomes=["Yes", "No"],
            winner=sides.index(outcome["outcome"]) if outcome["outcome"] in sides else None,
        )
        trades = sorted(lines[outcome["market"]], key=lambda line: line["time_utc"])
        first = _seconds(trades[0]["time_utc"]) if trades else 0
        for trade in trades:
            # One project recorded no points: such a trade counts as one coin.
            points = float(trade["points"]) if trade["points"] else 1.0
            coins = int(points) if points >= 1 else 0
            market.points += points
            market.left_out_points += points - coins
            if not coins:
                market.left_out += 1
                continue
            at_s = _seconds(trade["time_utc"]) - first
            market.bets.append(
                RecordedBet(at_s, trade["user"], sides.index(trade["option"]), coins)
            )
        yield market


def _matches(path: Path) -> Iterator[RecordedMarket]:
    for match in _rows(path):
        sides = ["red", "blue"]
        market = RecordedMarket(
            name=f"match {match['match']}",
            question=f"Match {match['match']}: {match['red']} or {match['blue']}?"[:140],
            outcomes=[f"Red: {match['red']}"[:60], f"Blue: {match['blue']}"[:60]],
            winner=sides.index(match["winner"]) if match["winner"] in sides else None,
        )
        for side, name in enumerate(sides):
            pot = int(match[f"{name}_pot"])
            market.points += pot
            for backer, coins in enumerate(_split(pot)):
                market.bets.append(RecordedBet(float(backer), f"{name}-{backer}", side, coins))
        market.bets.sort(key=lambda bet: bet.at_s)
        yield market


def _split(pot: int) -> list[int]:
    """Uneven parts of a pot, none of them zero unless the pot is too small for all."""
    parts, left = [], pot
    for _backer in range(BACKERS_A_SIDE - 1):
        parts.append(left * 2 // 3)
        left -= parts[-1]
    return [coins for coins in [*parts, left] if coins]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
