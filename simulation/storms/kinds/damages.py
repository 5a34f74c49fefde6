"""Damage: files, memory, settings and copies that are not what the house left there."""

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from simulation.storms.harms import Draw, Harm
from simulation.storms.redis_line import say
from simulation.storms.site import Site

CLUB = "{c1}"
NEAR_END_BYTES = 3000
SETTINGS = (
    ("appendonly no", "appendonly yes"),
    ("appendfsync no", "appendfsync always"),
    ("appendfsync everysec", "appendfsync always"),
    ("maxmemory-policy allkeys-lru", "maxmemory-policy noeviction"),
    ("no-appendfsync-on-rewrite yes", "no-appendfsync-on-rewrite no"),
)
KEYS = ("head", "wallets", "journal", "grants", "refills", "market", "positions", "bets")
OLDER = ".older"

Spoil = Callable[[Path], None]


def _files(site: Site) -> Path:
    return site.engines.files("bank") / "appendonlydir"


def _with_bank_down(spoil: Spoil) -> Callable[[Site], None]:
    def begin(site: Site) -> None:
        site.kill("bank")
        spoil(_files(site))

    return begin


def _drawn_file(files: Path, share: float) -> Path:
    """One of the files that hold something."""
    found = sorted(path for path in files.iterdir() if path.stat().st_size)
    return found[int(share * len(found))]


def _last_file(files: Path) -> Path:
    return max(files.glob("*.incr.aof"), key=lambda path: int(path.name.split(".")[2]))


def _flip(chance: random.Random, site: Site) -> Harm:
    which, where, bit = chance.random(), chance.random(), chance.randrange(8)

    def spoil(files: Path) -> None:
        path = _drawn_file(files, which)
        content = bytearray(path.read_bytes())
        content[int(where * len(content))] ^= 1 << bit
        path.write_bytes(content)

    told = f"a bit flipped in the bank's files at {which:.2f}, {where:.4f}"
    return Harm(kind="flip", sentence=told, begin=_with_bank_down(spoil))


def _cut(chance: random.Random, site: Site) -> Harm:
    which, where, is_near = chance.random(), chance.random(), chance.random() < 0.5

    def spoil(files: Path) -> None:
        path = _last_file(files) if is_near else _drawn_file(files, which)
        size = path.stat().st_size
        span = min(size, NEAR_END_BYTES) if is_near else size
        with path.open("r+b") as file:
            file.truncate(size - int(where * span))

    what = "near its end" if is_near else "anywhere"
    told = f"a file of the bank cut {what} at {where:.4f}"
    return Harm(kind="cut", sentence=told, begin=_with_bank_down(spoil))


def _lose_file(chance: random.Random, site: Site) -> Harm:
    which = chance.random()
    return Harm(
        kind="file gone",
        sentence=f"a file of the bank is gone, at {which:.2f}",
        begin=_with_bank_down(lambda files: _drawn_file(files, which).unlink()),
    )


def keep_older(site: Site) -> None:
    """Copy the bank's files and SQL's as they are now, for a later harm to bring back."""
    for name in [name for name in ("bank", "sql") if site.engines.files(name).exists()]:
        site.kill(name)
        older = _older(site, name)
        shutil.rmtree(older, ignore_errors=True)
        shutil.copytree(site.engines.files(name), older)
    site.revive()


def _older(site: Site, name: str) -> Path:
    return site.engines.files(name).with_suffix(OLDER)


def _older_bank(chance: random.Random, site: Site) -> Harm:
    def spoil(files: Path) -> None:
        shutil.rmtree(files)
        shutil.copytree(_older(site, "bank") / files.name, files)

    return Harm(
        kind="older bank",
        sentence="the bank comes back from an older copy",
        begin=_with_bank_down(spoil),
    )


def _older_sql(chance: random.Random, site: Site) -> Harm:
    newer = site.engines.files("sql").with_suffix(".newer")

    def rewind(site: Site) -> None:
        site.kill("sql")
        site.engines.files("sql").rename(newer)
        shutil.copytree(_older(site, "sql"), site.engines.files("sql"))
        site.revive()

    def put_back(site: Site) -> None:
        site.kill("sql")
        shutil.rmtree(site.engines.files("sql"))
        newer.rename(site.engines.files("sql"))
        site.revive()

    return Harm(
        kind="older sql", sentence="SQL comes back from an older copy", begin=rewind, end=put_back
    )


def _say_to_bank(*lines: str) -> Callable[[Site], None]:
    def begin(site: Site) -> None:
        for line in lines:
            say(site.engines.socket("bank"), line)

    return begin


def _setting(chance: random.Random, site: Site) -> Harm:
    wrong, right = chance.choice(SETTINGS)
    return Harm(
        kind="setting",
        sentence=f"CONFIG SET {wrong}",
        begin=_say_to_bank(f"CONFIG SET {wrong}"),
        end=_say_to_bank(f"CONFIG SET {right}"),
    )


def _newest_market(site: Site) -> int:
    """The last market that the bank knows."""
    told = say(site.engines.socket("bank"), f"KEYS {CLUB}:m:*").split()
    numbers = [int(word.split(":")[2]) for word in told if word.startswith(CLUB)]
    return max(numbers, default=0)


def _key(site: Site, name: str) -> str:
    if name in KEYS[:5]:
        return f"{CLUB}:{name}"
    market = f"{CLUB}:m:{_newest_market(site)}"
    return market if name == "market" else f"{market}:{name}"


def _delete(chance: random.Random, site: Site) -> Harm:
    name = chance.choice(KEYS)
    return Harm(
        kind="key gone",
        sentence=f"DEL of the bank's {name}",
        begin=lambda site: _say_to_bank(f"DEL {_key(site, name)}")(site),
    )


def _wrong_field(chance: random.Random, site: Site) -> Harm:
    name, field = chance.choice(
        (
            ("wallets", ""),
            ("market", "closes_at_ms"),
            ("market", "takeout_bp"),
            ("head", "seq"),
            ("head", "in_pools"),
        )
    )
    by = chance.choice((1, 7, 1000))
    which = chance.random()

    def change(site: Site) -> None:
        key = _key(site, name)
        fields = [
            word for word in say(site.engines.socket("bank"), f"HKEYS {key}").split()
            if word[0] not in "*$"
        ]  # fmt: skip
        chosen = field or fields[int(which * len(fields))]
        _say_to_bank(f"HINCRBY {key} {chosen} {by}")(site)

    return Harm(
        kind="wrong figure",
        sentence=f"{field or 'a figure'} of the bank's {name} is {by} higher",
        begin=change,
    )


def _flush_library(chance: random.Random, site: Site) -> Harm:
    return Harm(
        kind="library gone", sentence="FUNCTION FLUSH", begin=_say_to_bank("FUNCTION FLUSH")
    )


def _flush_all(chance: random.Random, site: Site) -> Harm:
    lines = chance.choice((("FLUSHALL",), ("FLUSHALL", "FUNCTION FLUSH")))
    return Harm(kind="all gone", sentence=" and ".join(lines), begin=_say_to_bank(*lines))


def _second_house(chance: random.Random, site: Site) -> Harm:
    return Harm(
        kind="second house",
        sentence="another house is started on this bank",
        begin=lambda site: site.start_second_house(),
        end=lambda site: site.stop_second_house(),
    )


def _sometimes_behind(draw: Draw) -> Draw:
    """Draw damage that half of the time comes while the last bets are in the bank alone."""

    def drawn(chance: random.Random, site: Site) -> Harm:
        is_behind = chance.random() < 0.5
        harm = draw(chance, site)
        if not is_behind:
            return harm
        told = f"{harm.sentence}, SQL behind"
        return replace(harm, is_sql_behind=True, sentence=told)

    return drawn


# Those that need no other house and no other SQL take a second or two, and come more often.
_COMMON: list[Draw] = [
    *3 * [
        *3 * [_flip, _cut, _delete, _wrong_field],
        _lose_file, _older_bank, _setting, _setting, _flush_library, _flush_all,
    ],
    _second_house,
]  # fmt: skip


def draws(site: Site) -> list[Draw]:
    """The damages that this site can suffer."""
    return _COMMON if site.engines.is_embedded else all_draws()


def all_draws() -> list[Draw]:
    """Also those where SQL can be away, or comes back from an older copy."""
    return [*map(_sometimes_behind, _COMMON), _older_sql]
