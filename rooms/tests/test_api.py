"""Rooms over HTTP: opening, finding, changing, entering, leaving, ending."""

import random
import uuid
from unittest import mock

from django.test import TestCase, override_settings

from rooms import access
from rooms.api import listing
from rooms.models import Membership, Room
from rooms.places import snapped
from rooms.tests.people import Caller, code_of, member, room_of, somebody
from web import limits


@override_settings(ROOT_URLCONF="rooms.tests.urls")
class Rooms(TestCase):
    def setUp(self) -> None:
        self.host = somebody("Hanna")
        self.caller = Caller(self.host)

    def open(self, **fields):
        body = {"title": "Snail Derby", "visibility": "public"} | fields
        return self.caller.ask("POST", "rooms/", body)

    def test_it_opens_a_room_with_exactly_the_promised_fields(self):
        answer = self.open()
        self.assertEqual(answer.status_code, 201)
        room = answer.json()
        self.assertRegex(room.pop("code"), "^[A-HJKMNP-Z2-9]{6}$")
        self.assertGreater(room.pop("created_at_ms"), 1_600_000_000_000)
        expected = {
            "title": "Snail Derby",
            "club": "main",
            "visibility": "public",
            "status": "live",
            "host": {"id": self.host.pk, "nickname": "Hanna"},
            "capacity": 500,
            "hosts_may_bet": False,
            "official_after_s": 15,
            "unattended_after_s": 1800,
            "open_at_most_s": 86_400,
            "stream_delay_s": 0,
            "chat_mode": "on",
            "evening_public": False,
            "here": 0,
            "open_markets": 0,
            "place": None,
        }
        self.assertEqual(room, expected)

    def test_it_opens_one_room_for_one_key(self):
        key = str(uuid.uuid4())
        first, second = self.open(key=key), self.open(key=key)
        self.assertEqual(first.status_code, 201)
        self.assertEqual((second.status_code, second.json()), (201, first.json()))
        self.assertEqual(Room.objects.count(), 1)

    def test_it_refuses_what_is_no_room(self):
        for fields in (
            {"title": ""},
            {"title": "x" * 81},
            {"title": 7},
            {"visibility": "secret"},
            {"capacity": 1},
            {"capacity": 10_001},
            {"capacity": 20.0},
            {"capacity": True},
            {"capacity": "20"},
            {"surprise": 1},
            {"key": "no uuid"},
            {"place": {"lat": 91, "lon": 0, "radius_m": 50, "bets_need_presence": True}},
            {"place": {"lat": 0, "lon": 0, "radius_m": 29, "bets_need_presence": True}},
            {"place": {"lat": 0, "lon": 0, "bets_need_presence": True}},
            {"place": {"lat": 0, "lon": 0, "radius_m": 50}},
            {"key": None},
        ):
            self.assertEqual(code_of(self.open(**fields)), "malformed", fields)
        self.assertEqual(code_of(self.open(title="x" * 80, place=None)), "ok")

    def test_it_opens_no_room_for_strangers_and_ten_an_hour_for_others(self):
        body = {"title": "Derby", "visibility": "public"}
        self.assertEqual(code_of(Caller().ask("POST", "rooms/", body)), "sign_in")
        codes = [code_of(self.open(title=f"Derby {number}")) for number in range(11)]
        self.assertEqual(codes, ["ok"] * 10 + ["too_fast"])

    def test_it_finds_a_room_by_its_code_without_regard_to_case(self):
        room = room_of(self.host)
        answer = Caller().ask("GET", f"rooms/{room.code.lower()}/")
        self.assertEqual(answer.json()["code"], room.code)
        for code in ("NOSUCH", "IIIIII", "%20", "x" * 50):
            self.assertEqual(code_of(Caller().ask("GET", f"rooms/{code}/")), "not_found")

    def test_it_hides_unlisted_rooms_from_an_address_that_guesses(self):
        listed, hidden = room_of(self.host), room_of(self.host, visibility="unlisted")
        self.assertEqual(code_of(Caller().ask("GET", f"rooms/{hidden.code}/")), "ok")
        with mock.patch.dict(limits.LIMITS, code_misses=(limits.Rate(0.001, 30),)):
            codes = {code_of(Caller().ask("GET", "rooms/AAAAAA/")) for _ in range(31)}
            self.assertEqual(codes, {"not_found", "too_fast"})
            self.assertEqual(code_of(Caller().ask("GET", f"rooms/{hidden.code}/")), "too_fast")
            self.assertEqual(code_of(Caller().ask("GET", f"rooms/{listed.code}/")), "ok")

    def test_it_lists_public_live_rooms_newest_first_in_pages(self):
        rooms = [room_of(self.host, title=f"Room {n}") for n in range(9)]
        Room.objects.filter(pk=rooms[0].pk).update(status="ended")
        Room.objects.filter(pk=rooms[1].pk).update(visibility="unlisted")
        Room.objects.bulk_create(
            Room(code=f"{n:06d}", title="Many", club=rooms[0].club, host=self.host)
            for n in range(50)
        )
        first = Caller().ask("GET", "rooms/").json()
        self.assertEqual(len(first["results"]), 50)
        rest = Caller().get(first["next"]).json()
        self.assertEqual(
            [r["title"] for r in rest["results"]], [f"Room {n}" for n in range(8, 1, -1)]
        )
        self.assertIsNone(rest["next"])

    def test_it_finds_rooms_by_their_words(self):
        room = room_of(self.host, title="Snail Derby")
        room_of(self.host, title="Quiz")
        for words in ("snail", "derby", room.code.lower()):
            results = Caller().get("/api/rooms/", {"q": words}).json()["results"]
            self.assertEqual([r["code"] for r in results], [room.code])

    def test_it_tells_bands_and_no_distances(self):
        seoul = {"place_lat": 37.5665, "place_lon": 126.978, "place_radius_m": 150}
        room_of(self.host, title="There", **seoul)
        room_of(self.host, title="Anywhere")
        bands = {}
        for name, lat in (("at", 37.5665), ("near", 37.574), ("town", 37.6), ("far", 38.0)):
            found = Caller().get("/api/rooms/", {"lat": lat, "lon": 126.978}).json()["results"]
            there = next(room for room in found if room["title"] == "There")
            self.assertEqual(len(found), 2)
            self.assertEqual(set(there["place"]), {"radius_m", "bets_need_presence", "band"})
            bands[name] = there["place"]["band"]
        expected = {"at": "inside", "near": "under_1_km", "town": "under_5_km", "far": "far"}
        self.assertEqual(bands, expected)

    def test_it_answers_the_same_for_all_places_in_a_cell_wherever_it_is_asked(self):
        chance = random.Random(7)
        lat, lon = snapped(59.91, 10.75)
        for north, east in ((-0.00049, -0.00098), (0.00049, 0.00098), (0.0001, -0.0005)):
            room_of(self.host, place_lat=lat + north, place_lon=lon + east, place_radius_m=30)
        # To the north, with a radius that ends between the middle of the cell and the places.
        questions = [listing.Search(lat=lat + 0.01, lon=lon, radius_m=1_113)]
        for reach_deg in 12 * (0.002, 0.003, 0.01, 0.05):
            asked = listing.Search(
                lat=lat + chance.uniform(-reach_deg, reach_deg),
                lon=lon + chance.uniform(-2 * reach_deg, 2 * reach_deg),
                radius_m=chance.choice((None, chance.uniform(0, 111_000 * reach_deg))),
            )
            questions.append(asked)
        for asked in questions:
            found, _more = listing.public_rooms(asked)
            self.assertIn(len(found), (0, 3), asked)
            self.assertLessEqual(len({each.band for each in found}), 1, asked)

    def test_it_answers_only_so_many_questions_from_a_position(self):
        asked = {"lat": 37.57, "lon": 126.978}
        two = {"nearby": (limits.Rate(0.01, 2),)}
        with mock.patch.dict(limits.LIMITS, two):
            for asking in (Caller(somebody("Ana")), Caller(somebody("Bo")), Caller()):
                codes = [code_of(asking.get("/api/rooms/", asked)) for _ in range(3)]
                self.assertEqual(codes, ["ok", "ok", "too_fast"])
                self.assertEqual(code_of(asking.get("/api/rooms/")), "ok")
            self.assertEqual(code_of(Caller().get("/api/rooms/", asked)), "too_fast")

    def test_it_lists_only_what_lies_in_the_radius(self):
        room_of(self.host, place_lat=37.5665, place_lon=126.978, place_radius_m=150)
        room_of(self.host)
        for lat, count in ((37.57, 1), (37.7, 0)):
            asked = {"lat": lat, "lon": 126.978, "radius_m": 2000}
            self.assertEqual(len(Caller().get("/api/rooms/", asked).json()["results"]), count)

    def test_it_refuses_half_a_position_and_nonsense(self):
        for asked in ({"lat": 1}, {"radius_m": 5}, {"lat": "nan", "lon": 1}, {"before": "x"}):
            self.assertEqual(code_of(Caller().get("/api/rooms/", asked)), "malformed", asked)

    def test_it_counts_its_queries_when_it_lists(self):
        for _ in range(5):
            room_of(self.host)
        with self.assertNumQueries(1):
            Caller().get("/api/rooms/")

    def test_it_enters_once_and_lets_people_leave_and_come_back(self):
        room, ana = room_of(self.host), Caller(somebody("Ana"))
        for _ in range(2):
            answer = ana.ask("POST", f"rooms/{room.code}/enter/").json()
            self.assertEqual((answer["role"], answer["muted"]), ("player", False))
            self.assertEqual(answer["room"]["code"], room.code)
        self.assertEqual(Membership.objects.filter(room=room).count(), 2)
        for _ in range(2):
            self.assertEqual(code_of(ana.ask("POST", f"rooms/{room.code}/leave/")), "ok")
            self.assertIsNone(access.membership(room, ana.user))
        self.assertEqual(code_of(ana.ask("POST", f"rooms/{room.code}/enter/")), "ok")
        self.assertIsNotNone(access.membership(room, ana.user))

    def test_it_tells_those_who_asked_that_somebody_entered(self):
        told = []
        access.on_enter.append(lambda user, room: told.append((user, room)))
        self.addCleanup(access.on_enter.pop)
        room, ana = room_of(self.host), Caller(somebody("Ana"))
        ana.ask("POST", f"rooms/{room.code}/enter/")
        ana.ask("POST", f"rooms/{room.code}/enter/")
        self.assertEqual(told, [(self.host, room), (ana.user, room)])

    def test_it_lets_in_as_many_as_there_is_room_for(self):
        room = room_of(self.host, capacity=2)
        ana, bo = Caller(somebody("Ana")), Caller(somebody("Bo"))
        self.assertEqual(code_of(ana.ask("POST", f"rooms/{room.code}/enter/")), "ok")
        self.assertEqual(code_of(bo.ask("POST", f"rooms/{room.code}/enter/")), "room_full")
        self.assertEqual(code_of(ana.ask("POST", f"rooms/{room.code}/enter/")), "ok")
        ana.ask("POST", f"rooms/{room.code}/leave/")
        self.assertEqual(code_of(bo.ask("POST", f"rooms/{room.code}/enter/")), "ok")

    def test_it_changes_what_is_asked_and_nothing_else(self):
        room = room_of(self.host)
        place = {"lat": 1.5, "lon": -2, "radius_m": 40, "bets_need_presence": True}
        answer = self.caller.ask(
            "PATCH", f"rooms/{room.code}/", {"title": " New  name ", "place": place}
        ).json()
        self.assertEqual(answer["title"], "New name")
        self.assertEqual(answer["place"], {"radius_m": 40, "bets_need_presence": True})
        answer = self.caller.ask("PATCH", f"rooms/{room.code}/", {"place": None}).json()
        self.assertEqual((answer["title"], answer["place"]), ("New name", None))
        answer = self.caller.ask("PATCH", f"rooms/{room.code}/", {"title": None})
        self.assertEqual(code_of(answer), "malformed")

    def test_it_ends_a_room_once_everything_is_decided(self):
        room = room_of(self.host)
        access.set_open_markets(room.pk, 1)
        ana = Caller(member(room, "Ana"))
        self.assertEqual(
            code_of(self.caller.ask("POST", f"rooms/{room.code}/end/")), "market_undecided"
        )
        access.set_open_markets(room.pk, 0)
        for _ in range(2):
            answer = self.caller.ask("POST", f"rooms/{room.code}/end/")
            self.assertEqual(answer.json()["status"], "ended")
        for caller, method, path, body in (
            (ana, "POST", "enter/", None),
            (ana, "POST", "chat/", {"text": "hi"}),
            (self.caller, "PATCH", "", {"title": "x"}),
        ):
            answer = caller.ask(method, f"rooms/{room.code}/{path}", body)
            self.assertEqual(code_of(answer), "room_ended", path)
        self.assertEqual(code_of(ana.ask("POST", f"rooms/{room.code}/leave/")), "ok")
