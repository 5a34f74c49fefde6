"""The store of the last hour's samples: a list in the live instance, the newest first."""

from web.live.live_redis import ask

# Has no end, but is cut: an hour of samples, one every ten seconds.
SAMPLES = "ringside:samples"
SAMPLES_MAX = 360


def keep(text: str, turn: int) -> bool:
    """Keep a sample; False when this turn has one already. Raises LiveAway."""
    [is_first] = ask([("SET", f"ringside:turn:{turn}", 1, "NX", "EX", 60)])
    if is_first:
        ask([("LPUSH", SAMPLES, text), ("LTRIM", SAMPLES, 0, SAMPLES_MAX - 1)])
    return bool(is_first)


def latest(count: int) -> list[str]:
    """The last samples, the newest first. Raises LiveAway."""
    [kept] = ask([("LRANGE", SAMPLES, 0, count - 1)])
    return list(kept)
