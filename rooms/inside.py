"""Whether a user is at the place of a room: the mark that is kept, and its use for a bet.

An app above judges positions and keeps marks here; for the page the answer is lenient, for a bet
it is strict, and no when unsure. Everything is judged at the moment of the question.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from rooms import live
from web.refusals import Refused
from web.times import now_ms

# The rule of docs/locations.md that a stored decision followed.
RULE = 1
MARK_TTL_S = 90
# A bet needs a fix that was young when it arrived, and arrived a moment ago.
RECEIVED_WITHIN_MS = 45_000
LAG_MAX_MS = 30_000
# The time that a code on the screen of the place is good for.
CODE_GOOD_FOR_MS = 10 * 60_000

Where = Literal["inside", "edge", "outside", "unknown"]
Proof = Literal["fix", "code"]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A judged fix: lenient (`where`), strict (`is_sure`, else `why` not), and its figures.

    `fix_ms` is the phone's time, `received_ms` ours; unknown figures are None.
    """

    where: Where
    is_sure: bool
    why: str = ""
    accuracy_m: float | None = None
    away_m: int | None = None
    fix_ms: int = 0
    received_ms: int = 0


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a bet may be taken, and on which figures; small enough to be kept with the bet."""

    may_bet: bool
    why: str
    where: Where
    proof: Proof | None
    accuracy_m: float | None
    away_m: int | None
    age_ms: int | None
    at_ms: int
    rule: int = RULE


class BetDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision and the bet it was made for."""

    user_id: int
    room_id: int
    market_id: int
    bet_id: str
    decision: Decision


NOT_KNOWN = Mark(where="unknown", is_sure=False, why="unknown")


@dataclass(frozen=True, slots=True)
class Finder:
    """Judges a user (second) in a room (first) that was told nothing of them: None is not known."""

    find: Callable[[int, int], Mark | None]
    afind: Callable[[int, int], Awaitable[Mark | None]]


# An app above adds itself: it need not tell every room of somebody who is in very many.
finders: list[Finder] = []
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Mark).decode
_decode_kept = msgspec.json.Decoder(BetDecision).decode


def note(room_id: int, user_id: int, mark: Mark) -> list[live.Command]:
    """The commands that keep a mark; run them through rooms/live.py."""
    return live.set_inside(room_id, user_id, _encode(mark).decode(), MARK_TTL_S)


def note_code(room_id: int, user_id: int) -> list[live.Command]:
    """The commands that keep a right code of the screen for ten minutes."""
    return live.set_code_given(room_id, user_id, now_ms(), CODE_GOOD_FOR_MS // 1000)


def keep_code(room_id: int, user_id: int) -> None:
    """Keep that this user gave the right code of the screen. Raises Refused: unavailable."""
    try:
        live.ask(note_code(room_id, user_id))
    except live.LiveAway as error:
        raise Refused("unavailable", retry_after_s=1) from error


def inside(room_id: int, user_id: int) -> Decision:
    """Decide about one bet, from a thread; one call. Not known when live is away."""
    try:
        [[mark, code_ms]] = live.ask(live.inside(room_id, user_id))
    except live.LiveAway:
        return unsure()
    if mark:
        return decide(_decode(mark), int(code_ms or 0), now_ms())
    found = (finder.find(room_id, user_id) for finder in finders)
    return decide(next(filter(None, found), NOT_KNOWN), int(code_ms or 0), now_ms())


async def ainside(room_id: int, user_id: int) -> Decision:
    """Decide about one bet from the running event loop; as `inside`."""
    try:
        [[mark, code_ms]] = await live.aask(live.inside(room_id, user_id))
    except live.LiveAway:
        return unsure()
    if mark:
        return decide(_decode(mark), int(code_ms or 0), now_ms())
    found = [await finder.afind(room_id, user_id) for finder in finders]
    return decide(next(filter(None, found), NOT_KNOWN), int(code_ms or 0), now_ms())


def keep(kept: BetDecision) -> bool:
    """Keep the decision about a bet, from a thread; False when live is away: then take no bet."""
    try:
        live.ask(live.add_decision(_encode(kept).decode()))
    except live.LiveAway:
        return False
    return True


async def akeep(kept: BetDecision) -> bool:
    """Keep the decision about a bet from the running event loop; as `keep`."""
    try:
        await live.aask(live.add_decision(_encode(kept).decode()))
    except live.LiveAway:
        return False
    return True


def kept_decisions(count: int) -> list[tuple[str, BetDecision | None]]:
    """The oldest decisions that are not in SQL yet, with the id to forget them by.

    One that nobody can read is set aside, and comes as None.
    """
    return [(entry, _read_kept(text)) for entry, text in live.decisions(count)]


def _read_kept(text: str) -> BetDecision | None:
    try:
        return _decode_kept(text)
    except ValueError as error:
        live.set_decision_aside(text, error)
        return None


def set_decision_aside(kept: BetDecision, error: Exception) -> None:
    """Set a decision aside that SQL cannot take."""
    live.set_decision_aside(_encode(kept).decode(), error, user_id=kept.user_id)


def unsure() -> Decision:
    """The decision where nothing is known: no bet."""
    return decide(NOT_KNOWN, 0, now_ms())


def decide(mark: Mark, code_ms: int, at_ms: int) -> Decision:
    """Apply the strict rule to a mark and the time of a code; missing figures mean no."""
    why = _against(mark, at_ms)
    proof: Proof | None = None if why else "fix"
    if why and code_ms and at_ms - code_ms <= CODE_GOOD_FOR_MS:
        proof = "code"
    is_silent = at_ms - mark.received_ms > MARK_TTL_S * 1000
    return Decision(
        may_bet=proof is not None,
        why="" if proof else why,
        where="unknown" if is_silent else mark.where,
        proof=proof,
        accuracy_m=mark.accuracy_m,
        away_m=mark.away_m,
        age_ms=at_ms - mark.fix_ms if mark.fix_ms else None,
        at_ms=at_ms,
    )


def _against(mark: Mark, at_ms: int) -> str:
    """What the last fix lacks for a bet; empty when it lacks nothing."""
    if not mark.is_sure:
        return mark.why or "unknown"
    if at_ms - mark.received_ms > RECEIVED_WITHIN_MS:
        return "silent"
    if mark.received_ms - mark.fix_ms > LAG_MAX_MS:
        return "late"
    return ""
