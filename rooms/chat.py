"""Chat lines of a room: kept in a short live tail, sent to everybody, copied into SQL."""

import secrets
import time

import msgspec
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.sockets.frames import encode
from rooms import capacity_hooks, live
from rooms.fanout.hub import get_hub, post_frame
from rooms.messages import ChatSaid, Line, Person
from rooms.models import ChatLine, Room
from rooms.names import names_of
from web import parsing
from web.limits import CHAT_CHARACTERS_MAX
from web.threads import read_sql

WELCOME_LINES = 50
COPIED_PER_STEP = 500

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


async def say(room_id: int, user_id: int, name: str, text: str) -> None:
    """Say a tidied line to a room, from its socket. The caller has checked that the user may.

    `name` is the user's name in this room.

    Without the live instance the line goes straight into SQL. Raises Refused: busy (no space).
    """
    capacity_hooks.require("chat")
    line = _line(user_id, name, text)
    frame = _frame(line)
    try:
        await live.aask(live.say(room_id, frame))
    except live.LiveAway:
        await read_sql(_keep, [(room_id, line)])
    await get_hub().frame(room_id, frame)


def say_by_request(room_id: int, user_id: int, name: str, text: str) -> Line:
    """Say a tidied line from a request, as `say`; returns the line."""
    capacity_hooks.require("chat")
    line = _line(user_id, name, text)
    frame = _frame(line)
    try:
        live.ask(live.say(room_id, frame))
    except live.LiveAway:
        _keep([(room_id, line)])
    post_frame(room_id, frame)
    return line


async def recent(room_id: int, count: int) -> list[Line]:
    """The last lines of a room, the oldest first: from the live tail, else from SQL."""
    try:
        [frames] = await live.aask(live.tail(room_id, count))
    except live.LiveAway:
        frames = []
    lines = _read(frames) if frames else await read_sql(_kept, room_id, count)
    return lines[::-1]


def recent_by_request(room_id: int, count: int) -> list[Line]:
    """The last lines of a room, the newest first."""
    try:
        [frames] = live.ask(live.tail(room_id, count))
    except live.LiveAway:
        frames = []
    return _read(frames) if frames else _kept(room_id, count)


def _read(frames: list[str]) -> list[Line]:
    return [_read_line(frame) for frame in frames]


def _kept(room_id: int, count: int) -> list[Line]:
    lines = ChatLine.objects.filter(room=room_id).order_by("-line_id")[:count]
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
    lines = [(int(fields["room"]), _read([fields["frame"]])[0]) for _entry_id, fields in entries]
    _keep(lines)
    live.forget_uncopied([entry_id for entry_id, _fields in entries])
    return len(entries)


def _keep(lines: list[tuple[int, Line]]) -> None:
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
