"""`purge` removes exactly what it said, exports it first, and makes nobody wait."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import RefreshToken, SignIn, User
from locations.fixes.fix import Fix
from locations.history import partitions, storage
from locations.models import BetDecision, LocationFix, Sharing, UserLocation
from operations.storage import purge_export, purging, table_sizes
from operations.storage.purgeable import KEPT, KINDS
from rooms.models import ChatLine, Club, Membership, Room
from web import times
from web.times import DAY_MS

pytestmark = pytest.mark.django_db(transaction=True)
on_mariadb = pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has no partitions")
# So long somebody else holds what a purge wants.
HELD_S = 10


@pytest.fixture(autouse=True)
def _partitions() -> None:
    """The partitions of a fresh table, whatever another test made of them."""
    if connection.vendor == "mysql":
        today = times.now_ms() // DAY_MS
        parts = partitions.definitions(range(today - 8, today + 4))
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {partitions.TABLE} PARTITION BY RANGE (fix_ms) ({parts})")


@pytest.fixture
def room() -> Room:
    """A room with a host and a guest, that ended forty days ago."""
    club, _made = Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})
    host, guest = User.objects.create_user("Hana"), User.objects.create_user("Gil")
    room = Room.objects.create(code="QWERTY", title="An evening", club=club, host=host)
    for user, role in ((host, Membership.Role.HOST), (guest, Membership.Role.PLAYER)):
        Membership.objects.create(room=room, user=user, role=role)
    Room.objects.filter(pk=room.pk).update(
        status=Room.Status.ENDED, ended_at=timezone.now() - timedelta(days=40)
    )
    return room


def say(room: Room, days: int, line_id: str) -> None:
    at_ms = times.now_ms() - days * DAY_MS
    ChatLine.objects.create(room=room, user=room.host, line_id=line_id, text=line_id, at_ms=at_ms)


def say_much(room: Room, count: int) -> None:
    """So many lines of forty days ago."""
    at_ms = times.now_ms() - 40 * DAY_MS
    ChatLine.objects.bulk_create(
        ChatLine(room=room, user=room.host, line_id=f"l{number}", text="x", at_ms=at_ms)
        for number in range(count)
    )


def fixes(days: int, count: int = 1, user_id: int = 7) -> None:
    at_ms = times.now_ms() - days * DAY_MS
    storage.write([(user_id, Fix(at_ms + n, at_ms + n, 1, 2)) for n in range(count)])


def purge(*words: str) -> str:
    out = StringIO()
    call_command("purge", *words, stdout=out)
    return out.getvalue()


def test_it_tells_and_changes_nothing_on_a_dry_run(room: Room) -> None:
    say(room, 40, "old")
    said = purge("--what", "chat", "--before", "30d", "--dry-run")
    assert "DELETE FROM rooms_chatline" in said and "Nothing was changed." in said
    assert ChatLine.objects.count() == 1


def test_it_removes_what_is_older_and_nothing_else(room: Room) -> None:
    for days, line_id in ((40, "old"), (31, "older"), (29, "young")):
        say(room, days, line_id)
    assert "Removed 2 rows of 2" in purge("--what", "chat", "--before", "30d", "--yes")
    assert list(ChatLine.objects.values_list("line_id", flat=True)) == ["young"]


def test_it_removes_more_rows_than_it_takes_at_once(room: Room) -> None:
    count = 3 * purge_export.ROWS_AT_ONCE + 7
    say_much(room, count)
    assert f"Removed {count} rows of {count}" in purge("--what", "chat", "--before", "30d", "--yes")
    assert not ChatLine.objects.exists()


def test_it_tells_what_came_free_as_it_had_promised(room: Room) -> None:
    say_much(room, 2_000)
    plan = purging.make_plan("chat", times.now_ms() - 30 * DAY_MS)
    freed = purging.carry_out(plan)
    assert freed.returned_bytes >= plan.returned_bytes == 0
    gained_bytes = freed.reusable_after_bytes - freed.reusable_before_bytes
    [promised] = plan.deletes
    if connection.vendor == "sqlite":
        assert 0.7 < gained_bytes / promised.reusable_bytes < 1.2
    say_much(room, 1)
    said = purge("--what", "chat", "--before", "30d", "--yes")
    assert "Inside the files" in said and "; 0 bytes went back to the system, 0 were" in said


def test_it_clears_out_ended_rooms_and_keeps_room_and_host(room: Room) -> None:
    say(room, 41, "old")
    Sharing.objects.create(user=room.host, room=room, level="area", until_ms=1)
    other = Room.objects.create(code="ASDFGH", title="Now", club=room.club, host=room.host)
    Membership.objects.create(room=other, user=room.host, role=Membership.Role.PLAYER)
    purge("--what", "rooms", "--before", "30d", "--yes")
    assert not ChatLine.objects.exists() and not Sharing.objects.exists()
    assert list(Membership.objects.order_by("pk").values_list("room", "role")) == [
        (room.pk, "host"),
        (other.pk, "player"),
    ]
    assert Room.objects.count() == 2


def test_it_removes_lapsed_sign_ins_with_their_tokens() -> None:
    user, now_ms = User.objects.create_user("Ana"), times.now_ms()
    ended = SignIn.objects.create(user=user, ended_at_ms=now_ms - 40 * DAY_MS)
    lapsed = SignIn.objects.create(user=user, seen_at=timezone.now() - timedelta(days=70))
    alive = SignIn.objects.create(user=user)
    for number, sign_in in enumerate((ended, lapsed, alive)):
        RefreshToken.objects.create(
            digest=str(number), sign_in=sign_in, expires_at_ms=now_ms + DAY_MS
        )
    assert "Removed 4 rows of 4" in purge("--what", "sign-ins", "--before", "30d", "--yes")
    assert [sign_in.pk for sign_in in SignIn.objects.all()] == [alive.pk]
    assert RefreshToken.objects.get().sign_in_id == alive.pk


def test_every_kind_has_rows_that_go_and_rows_that_stay(room: Room) -> None:
    now_ms = times.now_ms()
    for bet_id, days in ((1, 40), (2, 1)):
        BetDecision.objects.create(
            bet_id=f"{bet_id:032}", user_id=1, room_id=1, market_id=1, rule=1,
            at_ms=now_ms - days * DAY_MS,
        )  # fmt: skip
        Sharing.objects.create(
            user=room.host if days == 1 else User.objects.create_user("Bo"),
            room=room, level="area", until_ms=now_ms - days * DAY_MS,
        )  # fmt: skip
        Session.objects.create(
            session_key=str(bet_id), expire_date=timezone.now() - timedelta(days=days)
        )
        fixes(days, user_id=days)
    for word, model in (
        ("decisions", BetDecision), ("sharing", Sharing), ("sessions", Session),
        ("newest-positions", UserLocation),
    ):  # fmt: skip
        assert "Removed 1 rows of 1" in purge("--what", word, "--before", "30d", "--yes")
        assert model.objects.count() == 1


def test_it_refuses_to_touch_what_proves_the_coins() -> None:
    for word in KEPT:
        with pytest.raises(CommandError, match=f"{word} is never purged: the coins can be proved"):
            purge("--what", word, "--before", "30d", "--yes")


def test_no_kind_reaches_a_table_of_coins() -> None:
    reached = {rows.model for kind in KINDS.values() for rows in kind.older(times.now_ms())}
    assert not reached & set(KEPT.values())


def test_it_asks_before_what_cannot_be_taken_back(room: Room) -> None:
    say(room, 40, "old")
    with pytest.raises(CommandError, match="cannot be taken back"):
        purge("--what", "chat", "--before", "30d")
    assert ChatLine.objects.count() == 1


def test_it_exports_first_and_removes_exactly_that(room: Room, tmp_path: Path) -> None:
    say_much(room, 600)
    say(room, 1, "young")
    path = tmp_path / "chat.jsonl"
    said = purge("--what", "chat", "--before", "30d", "--yes", "--export", str(path))
    assert f"600 rows are in {path}." in said
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 600 and {line["model"] for line in lines} == {"rooms.chatline"}
    assert [other.name for other in tmp_path.iterdir()] == ["chat.jsonl"]
    assert path.stat().st_mode & 0o077 == 0
    call_command("loaddata", str(path), verbosity=0)
    assert ChatLine.objects.count() == 601


def test_it_removes_nothing_when_it_cannot_export(room: Room, tmp_path: Path) -> None:
    say(room, 40, "old")
    there = tmp_path / "there.jsonl"
    there.write_text("mine")
    for path, why in ((there, "is there already"), (tmp_path / "no" / "x.jsonl", "cannot be")):
        with pytest.raises(CommandError, match=why):
            purge("--what", "chat", "--before", "30d", "--yes", "--export", str(path))
    assert there.read_text() == "mine" and ChatLine.objects.count() == 1


def test_it_leaves_what_came_after_the_export(room: Room, tmp_path: Path, monkeypatch: Any) -> None:
    say(room, 40, "old")
    export = purge_export.export

    def export_and_say(*args: Any) -> Any:
        counts = export(*args)
        say(room, 40, "late")
        return counts

    monkeypatch.setattr(purge_export, "export", export_and_say)
    path = tmp_path / "chat.jsonl"
    purge("--what", "chat", "--before", "30d", "--yes", "--export", str(path))
    assert list(ChatLine.objects.values_list("line_id", flat=True)) == ["late"]


def test_it_removes_fixes_of_every_age(tmp_path: Path) -> None:
    for days in (20, 4, 2, 0):
        fixes(days, count=700)
    path = tmp_path / "fixes.jsonl"
    said = purge("--what", "fixes", "--before", "3d", "--yes", "--export", str(path))
    assert "Removed 1400 rows of 1400" in said
    lines = [json.loads(line)["pk"] for line in path.read_text().splitlines()]
    assert len({tuple(key) for key in lines}) == len(lines) == 1_400
    assert LocationFix.objects.count() == 1_400


@on_mariadb
def test_it_frees_what_it_said_it_would() -> None:
    fixes(20, count=2_000)
    for user_id in range(40):
        fixes(5, count=1_500, user_id=user_id)
    fixes(0, count=100)
    before = table_sizes.read()
    files = {p.name: p.file for p in before.table(partitions.TABLE).parts}
    plan = purging.make_plan("fixes", times.now_ms() - 2 * DAY_MS)
    assert plan.drop and plan.drop.count == 62_000 and plan.returned_bytes > 2 * 2**20
    freed = purging.carry_out(plan)
    after = {p.name: p.file for p in table_sizes.read().table(partitions.TABLE).parts}
    assert freed.returned_bytes == plan.returned_bytes
    assert freed.returned_bytes == before.file_bytes - table_sizes.read().file_bytes
    assert sorted(freed.gone) == sorted(files[name].name for name in plan.drop.names)  # type: ignore[union-attr]
    assert before.folder
    assert not any((before.folder / name).exists() for name in freed.gone)
    # Every other file is the one it was.
    assert after == {name: file for name, file in files.items() if name in after}
    assert LocationFix.objects.count() == 100


@on_mariadb
def test_it_stops_when_fixes_come_into_what_is_to_go(tmp_path: Path, monkeypatch: Any) -> None:
    fixes(5, count=10)
    export = purge_export.export

    def export_and_report(*args: Any) -> Any:
        counts = export(*args)
        fixes(5, user_id=8)
        return counts

    monkeypatch.setattr(purge_export, "export", export_and_report)
    words = ("--what", "fixes", "--before", "2d", "--yes", "--export", str(tmp_path / "f.jsonl"))
    with pytest.raises(CommandError, match="These days changed meanwhile"):
        purge(*words)
    assert LocationFix.objects.count() == 11


@on_mariadb
def test_it_stops_when_the_clock_was_first() -> None:
    fixes(5, count=10)
    plan = purging.make_plan("fixes", times.now_ms() - 2 * DAY_MS)
    purging.carry_out(plan)
    with pytest.raises(purging.PurgeStopped, match="These days changed meanwhile"):
        purging.carry_out(plan)


@contextmanager
def held(statement: str) -> Iterator[None]:
    """Somebody else begins a transaction with a statement and does not end it."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.fetchall()
            is_held.set()
            is_over.wait(HELD_S)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert is_held.wait(5)
    try:
        yield
    finally:
        is_over.set()
        other.join()


def test_it_gives_up_on_a_lock_and_leaves_nothing_half_done(room: Room) -> None:
    say(room, 40, "old")
    lock = " FOR UPDATE" if connection.vendor == "mysql" else ""
    with held(f"SELECT * FROM rooms_chatline{lock}"):
        began_s = time.monotonic()
        with pytest.raises(CommandError, match="Somebody holds a lock for longer than 1 s"):
            purge("--what", "chat", "--before", "30d", "--yes")
        assert time.monotonic() - began_s < HELD_S / 2
    assert ChatLine.objects.count() == 1
    assert "Removed 1 rows of 1" in purge("--what", "chat", "--before", "30d", "--yes")


@on_mariadb
def test_it_gives_up_on_a_reader_of_a_partition() -> None:
    fixes(5, count=10)
    days = partitions.present()
    with held(f"SELECT * FROM {partitions.TABLE} LIMIT 1"):
        began_s = time.monotonic()
        with pytest.raises(CommandError, match="0 rows were removed before"):
            purge("--what", "fixes", "--before", "2d", "--yes")
        assert time.monotonic() - began_s < HELD_S / 2
    assert partitions.present() == days and LocationFix.objects.count() == 10


@on_mariadb
def test_it_goes_back_to_its_usual_patience() -> None:
    def patience() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@lock_wait_timeout, @@innodb_lock_wait_timeout")
            return cursor.fetchone()

    before = patience()
    purge("--what", "chat", "--before", "30d", "--yes")
    assert patience() == before
