"""What the live instance keeps about the house as a whole, for operators.

How many sockets each process has, how the last hour went, and what the last comparison of each
club's coins found. All of it comes back by itself; every call raises LiveAway.
"""

from collections.abc import Sequence

from rooms import live

# None has an end: one is cut, the others hold no more than there are clubs.
SAMPLES, VERDICTS, WANTED = "house:samples", "house:verdicts", "house:wanted"
# An hour of samples, one every ten seconds.
SAMPLES_MAX = 360
PROCESS_S = 10


def note_process(process: str, sockets: int, now_s: float) -> list[live.Command]:
    """A process has so many sockets; one that is silent for 10 s has none any more."""
    return [
        ("ZADD", "house:processes", now_s, process),
        ("HSET", "house:sockets", process, sockets),
        ("EXPIRE", "house:processes", live.SOCKETS_TTL_S),
        ("EXPIRE", "house:sockets", live.SOCKETS_TTL_S),
    ]


def count_sockets(now_s: float) -> int:
    """Sockets in all processes that were heard of in the last 10 s. Raises LiveAway."""
    alive, counted = live.ask(
        [
            ("ZRANGEBYSCORE", "house:processes", now_s - PROCESS_S, "+inf"),
            ("HGETALL", "house:sockets"),
        ]
    )
    silent = [process for process in counted if process not in alive]
    if silent:
        live.ask([("HDEL", "house:sockets", *silent), ("ZREM", "house:processes", *silent)])
    return sum(int(counted[process]) for process in alive if process in counted)


def keep_sample(text: str, turn: int) -> bool:
    """Keep a sample of the house, the newest first; False when this turn has one already."""
    [is_first] = live.ask([("SET", f"house:turn:{turn}", 1, "NX", "EX", 60)])
    if is_first:
        live.ask([("LPUSH", SAMPLES, text), ("LTRIM", SAMPLES, 0, SAMPLES_MAX - 1)])
    return bool(is_first)


def samples(count: int) -> list[str]:
    """The samples of the last hour, the newest first."""
    [kept] = live.ask([("LRANGE", SAMPLES, 0, count - 1)])
    return list(kept)


def keep_verdict(club_id: int, kind: str, text: str) -> None:
    """Keep what the last comparison of a club of this kind found."""
    live.ask([("HSET", VERDICTS, f"{club_id}:{kind}", text)])


def verdicts(club_ids: Sequence[int], kind: str) -> list[str | None]:
    """What the last comparison of this kind found of each of these clubs."""
    names = [f"{club_id}:{kind}" for club_id in club_ids]
    return list(live.ask([("HMGET", VERDICTS, *names)])[0]) if names else []


def want_verdict(club_id: int) -> None:
    """Ask the clock to compare everything of a club."""
    live.ask([("SADD", WANTED, club_id)])


def take_wanted() -> set[int]:
    """The clubs for which that was asked; they are no longer asked for."""
    club_ids, _removed = live.ask([("SMEMBERS", WANTED), ("DEL", WANTED)])
    return {int(club_id) for club_id in club_ids}
