"""Many at one door."""

import time

import pytest
from django.test import TransactionTestCase, override_settings

from accounts.tests.crowds import at_once
from rooms import access, codes, live, opening, places
from rooms.models import Membership, Room, RoomAct
from rooms.people import moderation, seats
from rooms.tests.people import room_of, somebody
from web.refusals import Refused
from web.times import now_ms


class EnteringTests(TransactionTestCase):
    def test_it_gives_the_last_place_to_one_of_many(self):
        room = room_of(somebody("Hanna"), capacity=4)
        people = [somebody(f"P{number}") for number in range(8)]
        waiting = list(people)

        def enter() -> str:
            try:
                access.enter(waiting.pop(), room)
            except Refused as refused:
                return refused.code
            return "ok"

        self.assertEqual(sorted(at_once(8, enter)), ["ok"] * 3 + ["room_full"] * 5)
        self.assertEqual(access.count_members(room), 4)

    def test_it_gives_the_place_of_somebody_away_to_the_next(self):
        room = room_of(somebody("Hanna"), capacity=2)
        ana, bo = somebody("Ana"), somebody("Bo")
        access.enter(ana, room)
        long_ago_ms = now_ms() - 601_000
        Membership.objects.filter(room=room).update(entered_at_ms=long_ago_ms)
        live.ask(live.renew(room.pk, [room.host_id, ana.pk], time.time() - 590))
        with self.assertRaisesMessage(Refused, "room_full"):
            access.enter(bo, room)
        live.forget_here(room.pk, ana.pk)
        access.enter(bo, room)
        # A member who comes back is never turned away.
        self.assertEqual(access.enter(ana, room).state, "in")

    def test_it_keeps_a_place_for_ten_minutes_after_entering(self):
        room = room_of(somebody("Hanna"), capacity=2)
        access.enter(somebody("Ana"), room)
        with self.assertRaisesMessage(Refused, "room_full"):
            access.enter(somebody("Bo"), room)

    def test_it_holds_every_place_while_nobody_knows_who_is_here(self):
        room = room_of(somebody("Hanna"), capacity=2)
        access.enter(somebody("Ana"), room)
        Membership.objects.filter(room=room).update(entered_at_ms=1)
        away = override_settings(REDIS_LIVE_URL="unix:///nowhere/live.sock")
        with away, self.assertRaisesMessage(Refused, "room_full"):
            access.enter(somebody("Bo"), room)

    def test_it_gives_a_seat_to_one_of_many_who_open_its_link_at_once(self):
        host = somebody("Hanna")
        room = room_of(host)
        token = seats.offer(host, room, "cohost").token
        waiting = [somebody(f"P{number}") for number in range(6)]

        def take() -> str:
            try:
                return seats.take(waiting.pop(), token).role
            except Refused as refused:
                return refused.code

        self.assertEqual(sorted(at_once(6, take)), ["cohost"] + ["forbidden"] * 5)

    def test_it_records_one_removal_of_many_hosts_at_once(self):
        host, ana = somebody("Hanna"), somebody("Ana")
        room = room_of(host)
        access.enter(ana, room)

        def remove() -> None:
            moderation.send_away(host, Membership.objects.get(room=room, user=ana))

        at_once(6, remove)
        self.assertEqual(RoomAct.objects.filter(what="remove").count(), 1)

    def test_it_makes_one_member_of_somebody_who_enters_many_times_at_once(self):
        room, ana = room_of(somebody("Hanna")), somebody("Ana")
        told = []
        access.on_enter.append(lambda user, room: told.append(user))
        self.addCleanup(access.on_enter.pop)
        at_once(6, lambda: access.enter(ana, room))
        self.assertEqual(Membership.objects.filter(user=ana).count(), 1)
        self.assertEqual(told, [ana])

    def test_it_opens_one_room_for_one_key_asked_many_times_at_once(self):
        host = somebody("Hanna")
        room_of(host)
        key = "6f1f0d6e-8d5e-4b6f-9a51-3b0d3f8f2a11"
        fields = {"title": "Derby", "visibility": "public"}
        rooms = at_once(5, lambda: opening.open_room(host, key=key, **fields))
        self.assertEqual({room.pk for room in rooms}, {Room.objects.get(key=key).pk})


def test_it_reads_codes_as_people_write_them():
    code = codes.new_code()
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (
        f" {code.lower()} ",
        wide,
        wide.lower(),
        f"{code[:3]}-{code[3:]}",
        f"\u202a{code}\u202c\u200b",
        f"{code[:3]}\u00ad{code[3:]}\ufeff",
        f"{wide[:3]}\u30fc{wide[3:]}",
        " ".join(code),
        f"{code[:3]}\u3000{code[3:]}",
        f"{code[:3]}–{code[3:]}",
    ):
        assert codes.read_code(typed) == code, typed
    for text in ("", "ABC", "ABCDEFG", "ABCDE0", "ABCDEI", "ABCDEÉ"):
        assert codes.read_code(text) is None


@pytest.mark.parametrize(
    ("lat", "lon", "metres"),
    [(0, 1, 111_195), (1, 0, 111_195), (0, 180, 20_015_114), (0, 0, 0)],
)
def test_it_measures_along_the_earth(lat, lon, metres):
    assert round(places.distance_m(0, 0, lat, lon)) == metres


def test_it_draws_boxes_that_hold_their_circle():
    for lat, lon in ((0, 0), (60, 179.99), (-89.99, 10), (37.5, 127)):
        south, north, west, east = places.box(lat, lon, 5_000)
        assert south < lat < north
        assert west <= lon <= east
        assert places.distance_m(lat, lon, north, lon) >= 4_999
