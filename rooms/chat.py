"""Chat lines of a room: kept in a short live tail, sent to everybody, copied into SQL."""

import secrets
import time
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sockets.frames import encode
from rooms import capacity_hooks, live
from rooms.facts import RoomFacts
from rooms.fanout.hub import get_hub, post_frame
from rooms.messages import ChatSaid, Line, Person
from rooms.models import ChatLine, Membership, Room
from rooms.names import names_of
from web import parsing
from web.gathering import Gathering
from web.limits import CHAT_CHARACTERS_MAX
from web.refusals import Refused
from web.rows.halving import halved
from web.threads import read_sql
from web.times import now_ms

WELCOME_LINES = 50
COPIED_PER_STEP = 500
SLOW_MS = 10_000
REACTION_CHARACTERS_MAX = 8
# Symbols, and what joins or colours them into one emoji.
_REACTING = frozenset({"So", "Sk", "Mn", "Me", "Cf", "Zs"})

_read_line = msgspec.json.Decoder(Line).decode


def tidy(text: str) -> str:
    """The text of a line as it is kept and sent. Raises Refused: malformed."""
    return parsing.tidy(text, "text", most=CHAT_CHARACTERS_MAX)


def _line(user_id: int, name: str, text: str) -> Line:
    at_us = time.time_ns() // 1000
    # Lines sort by their id; the digits behind the time only keep two of one moment apart.
    line_id = f"{at_us:016d}-{secrets.token_hex(4)}"
    return Line(line_id, Person(user_id, name), text, at_us // 1000)


def _frame(line: Line) -> str:
    return encode(ChatSaid(line.id, line.sender, line.text, line.at_ms))


@dataclass(frozen=True, slots=True)
class Speaker:
    """A member who speaks: name in this room, role, and whether muted."""

    user_id: int
    name: str
    role: str
    is_muted: bool

    def is_slowed(self, mode: str) -> bool:
        """Whether the chat's slow mode holds for them."""
        return self.role == Membership.Role.PLAYER and mode == Room.ChatMode.SLOW


def check(speaker: Speaker, mode: str, text: str) -> None:
    """Check who may say what while the chat is on, slow, for reactions only, or off.

    The mode binds players; those who run the room may always speak. Raises Refused: muted.
    """
    if speaker.is_muted:
        raise Refused("muted")
    if speaker.role != Membership.Role.PLAYER:
        return
    if mode == Room.ChatMode.OFF:
        raise Refused("muted", _("The chat is off for now."), detail={"chat_mode": mode})
    if mode == Room.ChatMode.REACTIONS and not is_reaction(text):
        raise Refused("muted", _("Reactions only, for now."), detail={"chat_mode": mode})


def is_reaction(text: str) -> bool:
    """Whether a text is a few emoji and nothing that could be read."""
    categories = {unicodedata.category(character) for character in text}
    return len(text) <= REACTION_CHARACTERS_MAX and "So" in categories <= _REACTING


async def say(room: RoomFacts, speaker: Speaker, text: str) -> None:
    """Say a tidied line to a room, from its socket, after `check`.

    Without the live instance the line goes straight into SQL. Raises Refused: busy (no space),
    too_fast (a slow chat).
    """
    capacity_hooks.require("chat", room.club_id)
    line = _line(speaker.user_id, speaker.name, text)
    frame = _frame(line)
    try:
        if speaker.is_slowed(room.chat_mode):
            _take_turn(await live.aask(live.take_turn(room.id, speaker.user_id, SLOW_MS)))
        await live.aask(live.say(room.id, frame))
    except live.LiveAway:
        await read_sql(_keep_alone, room, speaker, line)
    get_hub().frame(room.id, frame)


def say_by_request(room: RoomFacts, speaker: Speaker, text: str) -> Line:
    """Say a tidied line from a request, as `say`; returns the line."""
    capacity_hooks.require("chat", room.club_id)
    line = _line(speaker.user_id, speaker.name, text)
    frame = _frame(line)
    try:
        if speaker.is_slowed(room.chat_mode):
            _take_turn(live.ask(live.take_turn(room.id, speaker.user_id, SLOW_MS)))
        live.ask(live.say(room.id, frame))
    except live.LiveAway:
        _keep_alone(room, speaker, line)
    post_frame(room.id, frame)
    return line


def _take_turn(answer: list[Any]) -> None:
    is_taken, left_ms = answer
    if not is_taken:
        raise Refused("too_fast", retry_after_s=max(1, left_ms) / 1000)


def _keep_alone(room: RoomFacts, speaker: Speaker, line: Line) -> None:
    """Keep a line without the live instance; of a slow chat SQL knows the last one."""
    if speaker.is_slowed(room.chat_mode):
        own = ChatLine.objects.filter(room=room.id, user=speaker.user_id)
        if own.filter(at_ms__gt=now_ms() - SLOW_MS).exists():
            raise Refused("too_fast", retry_after_s=SLOW_MS / 1000)
    keep([(room.id, line)])


async def welcome_lines(room_id: int) -> list[Line]:
    """The last lines of a room, the oldest first, for all who come in at this moment."""
    return await _welcome_lines.ask(room_id)


async def _recent_of_rooms(room_ids: list[int]) -> list[list[Line]]:
    """The last lines of each room: from the live tails, else from SQL."""
    different = list(dict.fromkeys(room_ids))
    try:
        commands = [live.tail(room_id, WELCOME_LINES)[0] for room_id in different]
        tails = dict(zip(different, await live.aask(commands), strict=True))
    except live.LiveAway:
        tails = {}
    lines = {
        room_id: _read(tails[room_id])
        if tails.get(room_id)
        else await read_sql(_kept, room_id, WELCOME_LINES)
        for room_id in different
    }
    return [lines[room_id][::-1] for room_id in room_ids]


_welcome_lines = Gathering(_recent_of_rooms, at_most=500)


def recent_by_request(room_id: int, count: int) -> list[Line]:
    """The last lines of a room, the newest first."""
    try:
        [frames] = live.ask(live.tail(room_id, count))
    except live.LiveAway:
        frames = []
    return _read(frames) if frames else _kept(room_id, count)


def find(room_id: int, line_id: str) -> Line | None:
    """A line that is in the live tail, else None. Raises LiveAway."""
    [frames] = live.ask(live.tail(room_id, live.TAIL_LINES))
    return next((line for line in _read(frames) if line.id == line_id), None)


def take_out(room_id: int, line_id: str) -> None:
    """Take a line out of the live tail; again does nothing. Raises LiveAway."""
    [frames] = live.ask(live.tail(room_id, live.TAIL_LINES))
    if gone := [frame for frame in frames if any(line.id == line_id for line in _read([frame]))]:
        live.ask(live.take_out(room_id, gone))


def take_out_all_of(room_id: int, user_id: int) -> list[str]:
    """Take all lines of a user out of the live tail; returns their ids. Raises LiveAway."""
    [frames] = live.ask(live.tail(room_id, live.TAIL_LINES))
    own = {frame: line for frame in frames for line in _read([frame]) if line.sender.id == user_id}
    if own:
        live.ask(live.take_out(room_id, own))
    return [line.id for line in own.values()]


def _read(frames: list[str]) -> list[Line]:
    """The lines of a tail; one that nobody can read is passed over."""
    lines = []
    for frame in frames:
        with suppress(ValueError):
            lines.append(_read_line(frame))
    return lines


def _kept(room_id: int, count: int) -> list[Line]:
    shown = ChatLine.objects.filter(room=room_id, gone_at_ms=None)
    lines = shown.order_by("-line_id")[:count]
    names = names_of(room_id, {line.user_id for line in lines})
    return [
        Line(line.line_id, Person(line.user_id, names[line.user_id]), line.text, line.at_ms)
        for line in lines
    ]


# --- The clock's part


def copy_chat() -> int:
    """Copy the oldest lines that are only in live into SQL; returns how many were read.

    Safe to repeat and to run in several processes. Raises LiveAway. Call again until it is 0.
    """
    entries = live.uncopied(COPIED_PER_STEP)
    if not entries:
        return 0
    lines = [line for _entry_id, fields in entries if (line := _read_uncopied(fields))]
    halved(lines, keep, set_aside=_set_aside)
    live.forget_uncopied([entry_id for entry_id, _fields in entries])
    return len(entries)


def _read_uncopied(fields: Mapping[str, str]) -> tuple[int, Line] | None:
    """A line that waits, with its room; one that nobody can read is set aside."""
    try:
        return int(fields["room"]), _read_line(fields["frame"])
    except (KeyError, ValueError) as error:
        live.set_line_aside(fields, error)
        return None


def _set_aside(kept: tuple[int, Line], error: Exception) -> None:
    room_id, line = kept
    fields = {"room": str(room_id), "frame": _frame(line)}
    live.set_line_aside(fields, error, user_id=line.sender.id)


def keep(lines: Sequence[tuple[int, Line]]) -> None:
    """Write lines that are not there yet; people and rooms may be gone by now."""
    users = {line.sender.id for _room_id, line in lines}
    users &= set(User.objects.filter(pk__in=users).values_list("pk", flat=True))
    rooms = {room_id for room_id, _line in lines}
    rooms &= set(Room.objects.filter(pk__in=rooms).values_list("pk", flat=True))
    ids = [line.id for _room_id, line in lines]
    there = set(
        ChatLine.objects.filter(room__in=rooms, line_id__in=ids).values_list("room_id", "line_id")
    )
    rows = [
        ChatLine(
            room_id=room_id,
            user_id=line.sender.id,
            line_id=line.id,
            text=line.text,
            at_ms=line.at_ms,
        )
        for room_id, line in lines
        if room_id in rooms and line.sender.id in users and (room_id, line.id) not in there
    ]
    try:
        with transaction.atomic():
            ChatLine.objects.bulk_create(rows)
    except IntegrityError:
        # Another process copies too, or a user was erased meanwhile: so one by one.
        for row in rows:
            _keep_one(row)


def _keep_one(row: ChatLine) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return
