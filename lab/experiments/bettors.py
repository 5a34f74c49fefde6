"""Four programs that bet at the bank through betting/bank/, beside those of racers.py.

Run as `python -m lab.experiments.bettors SOCKET NUMBER ROUNDS` with REDIS_BANK_URL naming the
private bank. In each round every person tries to stake one coin, 32 people to a call; one call of
fifty is made twice, as by a client whose answer was lost.
"""

import sys
from pathlib import Path

import django

# Apps must be loaded before the bank imports a model.
django.setup()

from betting import bank  # noqa: E402
from lab.experiments.racers import LOST_ANSWER_EVERY, meet  # noqa: E402
from lab.line import Line  # noqa: E402

CLUB, ROOM, MARKET = 1, 1, 1
OUTCOMES = (1, 2)


def bet_id(number: int, round_number: int, user_id: int) -> str:
    """A bet's own name, in the shape of a UUID."""
    return f"{number:08x}-0000-4000-8000-{round_number:06x}{user_id:06x}"


def play(number: int, rounds: int, people: int) -> dict[str, int]:
    """Bet in every round for everyone; returns how the answers were distributed."""
    counts = {"accepted": 0, "refused": 0, "repeats": 0, "repeats_differ": 0}
    calls = 0
    for round_number in range(rounds):
        for first in range(1, people + 1, bank.BETS_PER_CALL_MAX):
            users = range(first, min(first + bank.BETS_PER_CALL_MAX, people + 1))
            calls += 1
            answers = _place(number, round_number, users)
            counts["accepted"] += sum(isinstance(one, bank.Accepted) for one in answers)
            counts["refused"] += sum(isinstance(one, bank.Denied) for one in answers)
            if calls % LOST_ANSWER_EVERY == 0:
                again = _place(number, round_number, users)
                counts["repeats"] += len(again)
                counts["repeats_differ"] += sum(map(_differ, answers, again))
    return counts


def _place(number: int, round_number: int, users: range) -> list[bank.Accepted | bank.Denied]:
    bets = [
        bank.Bet(
            user_id=user_id,
            bet_id=bet_id(number, round_number, user_id),
            outcome_id=OUTCOMES[user_id % len(OUTCOMES)],
            stake_coins=1,
            expires_at_ms=bank.ask_time_ms() + 60_000,
        )
        for user_id in users
    ]
    return bank.run(bank.place_bets(CLUB, ROOM, MARKET, bets)).answers


def _differ(first: bank.Accepted | bank.Denied, again: bank.Accepted | bank.Denied) -> bool:
    if isinstance(first, bank.Accepted) and isinstance(again, bank.Accepted):
        return first.seq != again.seq or not again.is_repeat
    return type(first) is not type(again)


def main(socket: str, number: str, rounds: str, people: str) -> None:
    """Race: meet the others, play, and leave the counts in the hash `counts`."""
    with Line(Path(socket)) as line:
        meet(line, "start")
        for name, count in play(int(number), int(rounds), int(people)).items():
            line.call("HINCRBY", "counts", name, count)


if __name__ == "__main__":
    main(*sys.argv[1:])
