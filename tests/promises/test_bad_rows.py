"""A row that nobody can take stands alone: what comes behind it goes on."""

import msgspec
import pytest
from django.db import connection, transaction

from betting.bank.values import Entry
from betting.ledger import projections
from betting.models import Market, Wallet
from locations import clock_steps, live
from locations.fixes.fix import Fix
from locations.history import exporting, storage
from locations.live.functions import QUEUE, pack_fix
from locations.models import BetDecision, LocationFix
from operations.clock import schedule
from operations.storage import purge_export
from rooms import access, chat, inside
from rooms import live as rooms_live
from rooms.models import ChatLine, Club, Room
from rooms.tests.people import somebody
from web import times
from web.live.live_redis import ask
from web.rows import set_aside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty():
    ask([("FLUSHDB",)])


def aside() -> list[tuple[str, int]]:
    return [(row.what, row.user_id) for row in set_aside.rows()]


def a_room() -> Room:
    club, _ = Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})
    host = somebody("Host")
    room = Room.objects.create(code="HAQQ22", title="Hall", club=club, host=host)
    access.enter(host, room)
    return room


def test_positions_go_on_behind_one_that_nobody_can_take():
    now_ms = times.now_ms()
    fixes = [(7, Fix(now_ms + n, now_ms, 1, 2)) for n in range(40)]
    fixes[20] = (8, Fix(now_ms, now_ms, 1, 2, accuracy_dm=-5))
    for user_id, fix in fixes:
        ask([("XADD", QUEUE, "*", "u", user_id, "f", pack_fix(fix))])
    ask([("XADD", QUEUE, "*", "u", 9, "f", b"\xc1"), ("XADD", QUEUE, "*", "nonsense", 1)])
    ask([("XADD", QUEUE, "*", "u", 10, "f", pack_fix(Fix(now_ms, now_ms, 1, 2)))])
    clock_steps.flush()
    assert live.waiting_count() == 0
    assert LocationFix.objects.filter(user_id=7).count() == 39
    assert LocationFix.objects.filter(user_id=10).count() == 1
    assert sorted(aside()) == [("position", 0), ("position", 0), ("position", 8)]
    live.erase(8)
    assert ("position", 8) not in aside()


def say(room: Room, text: str, **more) -> None:
    line = msgspec.structs.replace(chat._line(room.host_id, "Host", text), **more)
    rooms_live.ask(rooms_live.say(room.pk, chat._frame(line)))


def test_chat_goes_on_behind_a_line_that_nobody_can_take():
    room = a_room()
    say(room, "one")
    say(room, "bad", at_ms=2**63)
    for frame in (b"{", b'{"type":"chat"}'):
        ask([("XADD", rooms_live.UNCOPIED, "*", "room", room.pk, "frame", frame)])
    ask([("XADD", rooms_live.UNCOPIED, "*", "frame", "{}")])
    say(room, "two")
    schedule.copy_chat()
    assert set(ChatLine.objects.values_list("text", flat=True)) == {"one", "two"}
    assert rooms_live.uncopied(10) == []
    assert sorted(aside()) == [("chat", 0), ("chat", 0), ("chat", 0), ("chat", room.host_id)]


@pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite holds any text")
def test_chat_goes_on_where_the_database_holds_no_emoji():
    room, table = a_room(), ChatLine._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb3")
    try:
        for word in ("one", "\U0001f600", "two"):
            say(room, word)
        schedule.copy_chat()
        assert set(ChatLine.objects.values_list("text", flat=True)) == {"one", "two"}
        assert aside() == [("chat", room.host_id)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
            )
    set_aside.put_back()
    schedule.copy_chat()
    assert "\U0001f600" in ChatLine.objects.values_list("text", flat=True)
    assert aside() == []


def test_a_room_opens_with_a_line_in_its_tail_that_nobody_can_read():
    room = a_room()
    say(room, "one")
    ask([("LPUSH", f"rooms:{{{room.pk}}}:chat", "{")])
    assert [line.text for line in chat.recent_by_request(room.pk, 50)] == ["one"]


def test_decisions_go_on_behind_one_that_nobody_can_take():
    found = inside.unsure()
    for bet_id in (
        "6f1f9df4-7e7c-4a0c-9a51-5ecb5d4b4a6e",
        "no id",
        "7f1f9df4-7e7c-4a0c-9a51-5ecb5d4b4a6e",
    ):
        kept = inside.BetDecision(user_id=7, room_id=1, market_id=5, bet_id=bet_id, decision=found)
        assert inside.keep(kept)
    ask([("XADD", rooms_live.DECISIONS, "*", "decision", "{")])
    clock_steps.record_decisions()
    assert BetDecision.objects.count() == 2
    assert sorted(aside()) == [("decision", 0), ("decision", 7)]


def entry(seq: int, kind: str, **more) -> Entry:
    fields = {
        "market_id": None, "user_id": None, "outcome_id": None, "coins": 0, "command": "",
        "at_ms": 1, "wallet_after": None, "position_after": None, **more,
    }  # fmt: skip
    return Entry(epoch=1, seq=seq, kind=kind, chain="", **fields)


def test_what_sql_shows_of_coins_goes_on_behind_a_row_that_it_refuses():
    room = a_room()
    users = [somebody(f"u{n}").pk for n in range(9)]
    entries = [
        entry(n + 1, "grant", user_id=user_id, coins=5, wallet_after=-5 if n == 4 else 5)
        for n, user_id in enumerate(users)
    ]
    with transaction.atomic():
        projections.project(room.club_id, entries)
    assert Wallet.objects.filter(user_id__in=users, coins=5).count() == 8
    assert aside() == [("shown coins", users[4])]


def test_questions_go_on_behind_one_whose_entry_makes_no_sense():
    room = a_room()
    markets = [
        Market.objects.create(room=room, question=f"Q{n}?", created_by=room.host, created_at_ms=1)
        for n in range(3)
    ]
    entries = [
        entry(n + 1, "open", market_id=market.pk, command="closes:soon" if n == 1 else "closes:")
        for n, market in enumerate(markets)
    ]
    entries = [each for each in entries if each.command != "closes:"] + [
        entry(9 + n, "open", market_id=markets[n].pk, command="closes:0") for n in (0, 2)
    ]
    with transaction.atomic():
        projections.project(room.club_id, entries)
    shown = list(Market.objects.order_by("pk").values_list("status", flat=True))
    assert [status == "open" for status in shown] == [True, False, True]
    assert aside() == [("shown question", 0)]


def test_an_own_history_is_exported_with_a_row_of_another_time():
    now_ms = times.now_ms()
    storage.write([(7, Fix(now_ms, now_ms, 1, 2, source=99)), (7, Fix(now_ms + 1, now_ms, 1, 2))])
    LocationFix.objects.filter(fix_ms=now_ms + 1).update(flags=65_535)
    assert exporting.as_json(7).count(b'"fix_ms"') == 2
    assert exporting.as_gpx(7).count(b"<trkpt") == 2


def test_a_purge_exports_and_removes_all_but_a_row_that_stands_in_the_way(tmp_path, caplog):
    room = a_room()
    for number in range(5):
        ChatLine.objects.create(room=room, user=room.host, line_id=f"l{number}", text="x", at_ms=1)
    rows = ChatLine.objects.all()
    bad = rows.order_by("pk")[2]
    bad.text = "\ud83d"

    class WithOneBad(type(rows)):
        pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            purge_export, "in_order", lambda _rows: [[bad if r.pk == bad.pk else r for r in rows]]
        )
        counts = purge_export.export(tmp_path / "out.jsonl", [rows])
    assert counts == [4]
    assert "cannot be exported" in caplog.text


def test_every_question_behind_one_that_fails_is_locked_all_the_same():
    done = []

    def act(number: int) -> None:
        if number == 1:
            raise RuntimeError
        done.append(number)

    with pytest.raises(RuntimeError):
        schedule._each([1, 2, 3], act)
    assert done == [2, 3]
