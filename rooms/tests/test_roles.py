"""Rights of host, moderator, player and stranger at every call; and acts on members."""

from django.test import TestCase, override_settings

from rooms import access
from rooms.models import Membership, Room
from rooms.people import moderation
from rooms.tests.people import Caller, code_of, member, room_of, somebody
from web.times import now_ms


@override_settings(ROOT_URLCONF="rooms.tests.urls")
class Roles(TestCase):
    def setUp(self) -> None:
        self.host = somebody("Hanna")
        self.room = room_of(self.host)
        self.people = {
            "host": self.host,
            "cohost": member(self.room, "Coco", "cohost"),
            "moderator": member(self.room, "Mo", "moderator"),
            "player": member(self.room, "Ana"),
            "stranger": somebody("Bo"),
        }
        self.callers = {name: Caller(user) for name, user in self.people.items()}
        self.callers["nobody"] = Caller()

    def ask(self, who: str, method: str, path: str, body=None):
        return self.callers[who].ask(method, f"rooms/{self.room.code}/{path}", body)

    def act(self, who: str, on: str, action: str, **fields) -> str:
        user = self.people[on]
        return code_of(self.ask(who, "POST", f"members/{user.pk}/", {"action": action} | fields))

    def standing(self, who: str) -> Membership:
        return Membership.objects.get(room=self.room, user=self.people[who])

    def answers(self, method: str, path: str, body=None) -> dict[str, str]:
        names = ("nobody", "stranger", "player", "moderator", "cohost", "host")
        return {who: code_of(self.ask(who, method, path, body)) for who in names}

    def test_it_lets_everybody_look_at_a_room(self):
        self.assertEqual(set(self.answers("GET", "").values()), {"ok"})

    def test_it_lets_those_who_run_a_room_change_it(self):
        no = "forbidden"
        expected = {
            "nobody": "sign_in", "stranger": no, "player": no, "moderator": no, "cohost": "ok",
            "host": "ok",
        }  # fmt: skip
        self.assertEqual(self.answers("PATCH", "", {"title": "New"}), expected)
        self.assertEqual(self.answers("POST", "end/"), expected)

    def test_it_lets_members_speak_and_read(self):
        expected = dict.fromkeys(("player", "moderator", "cohost", "host"), "ok")
        expected |= {"nobody": "sign_in", "stranger": "not_member"}
        self.assertEqual(self.answers("POST", "chat/", {"text": "Hello"}), expected)
        self.assertEqual(self.answers("GET", "chat/"), expected)
        self.assertEqual(self.answers("GET", "members/"), expected)

    def test_it_lets_anybody_signed_in_enter_and_leave(self):
        self.assertEqual(self.answers("POST", "enter/")["stranger"], "ok")
        self.assertEqual(self.answers("POST", "leave/")["stranger"], "ok")
        self.assertEqual(self.answers("POST", "enter/")["nobody"], "sign_in")
        self.assertEqual(self.standing("host").role, "host")

    def test_it_lets_nobody_act_on_their_equals_or_betters(self):
        who = ("player", "moderator", "cohost", "host")
        for by_rank, by in enumerate(who):
            for on_rank, on in enumerate(who):
                may = by != "player" and by_rank > on_rank
                for action in ("mute", "unmute", "remove"):
                    answer = self.act(by, on, action)
                    self.assertEqual(answer, "ok" if may else "forbidden", (by, on, action))
                Membership.objects.filter(user=self.people[on]).update(state="in", role=on)
        self.assertEqual(self.act("stranger", "player", "mute"), "forbidden")

    def test_it_lets_only_higher_roles_give_roles(self):
        self.assertEqual(self.act("moderator", "player", "make_moderator"), "forbidden")
        self.assertEqual(self.act("cohost", "player", "make_cohost"), "forbidden")
        self.assertEqual(self.act("cohost", "player", "make_moderator"), "ok")
        self.assertEqual(self.act("host", "player", "make_cohost"), "ok")
        self.assertEqual(self.act("host", "player", "make_cohost"), "ok")
        self.assertEqual(self.standing("player").role, "cohost")
        self.assertEqual(self.act("host", "player", "make_player"), "ok")
        self.assertEqual(self.standing("player").role, "player")
        self.assertEqual(self.act("host", "player", "make_host"), "malformed")
        self.assertEqual(self.act("host", "stranger", "mute"), "not_found")

    def test_it_mutes_for_minutes_or_until_unmuted(self):
        self.assertEqual(self.act("moderator", "player", "mute", minutes=5), "ok")
        left_ms = self.standing("player").muted_until_ms - now_ms()
        self.assertTrue(290_000 < left_ms <= 300_000)
        self.assertEqual(code_of(self.ask("player", "POST", "chat/", {"text": "Hi"})), "muted")
        self.assertTrue(self.ask("player", "POST", "enter/").json()["muted"])
        self.assertEqual(self.act("moderator", "player", "mute"), "ok")
        self.assertEqual(self.standing("player").muted_until_ms, moderation.FOR_GOOD_MS)
        self.assertEqual(self.act("moderator", "player", "unmute"), "ok")
        self.assertEqual(code_of(self.ask("player", "POST", "chat/", {"text": "Hi"})), "ok")
        self.assertEqual(self.act("moderator", "player", "mute", minutes=0), "malformed")

    def test_it_lets_the_removed_come_back_and_the_banned_stay_out(self):
        self.assertEqual(self.act("host", "moderator", "remove", reason="Enough"), "ok")
        self.assertEqual(
            code_of(self.ask("moderator", "POST", "chat/", {"text": "a"})), "forbidden"
        )
        self.assertEqual(code_of(self.ask("moderator", "POST", "enter/")), "ok")
        self.assertEqual(self.standing("moderator").role, "player")
        for _ in range(2):
            self.assertEqual(self.act("host", "player", "ban", reason="Enough"), "ok")
        answer = self.ask("player", "POST", "enter/")
        self.assertEqual(code_of(answer), "forbidden")
        self.assertIn("Enough", answer.json()["error"]["message"])
        self.assertEqual(self.act("host", "player", "unban"), "ok")
        self.assertEqual(code_of(self.ask("player", "POST", "enter/")), "ok")

    def test_it_ends_a_ban_when_its_minutes_are_over(self):
        self.act("host", "player", "ban", minutes=5)
        self.assertEqual(code_of(self.ask("player", "POST", "enter/")), "forbidden")
        Membership.objects.update(banned_until_ms=now_ms() - 1)
        self.assertEqual(code_of(self.ask("player", "POST", "enter/")), "ok")

    def test_it_shows_members_with_roles_and_the_banned_to_moderators(self):
        self.act("host", "player", "ban")
        seen = {
            m["user"]["nickname"]
            for m in self.ask("moderator", "GET", "members/").json()["results"]
        }
        self.assertEqual(seen, {"Hanna", "Coco", "Mo", "Ana"})
        access.enter(self.people["stranger"], self.room)
        answer = self.ask("stranger", "GET", "members/").json()
        self.assertIsNone(answer["next"])
        self.assertEqual(
            answer["results"][0],
            {
                "user": {"id": self.people["stranger"].pk, "nickname": "Bo"},
                "role": "player",
                "muted": False,
                "state": "in",
            },
        )
        self.assertNotIn("Ana", [m["user"]["nickname"] for m in answer["results"]])

    def test_it_shows_a_crowd_to_those_only_who_run_the_room(self):
        crowd = [somebody(f"P{n}") for n in range(197)]
        Membership.objects.bulk_create(Membership(room=self.room, user=user) for user in crowd)
        self.assertEqual(code_of(self.ask("player", "GET", "members/")), "forbidden")
        seen, path = [], f"/api/rooms/{self.room.code}/members/"
        while path:
            page = self.callers["host"].get(path).json()
            seen += page["results"]
            path = page["next"]
        self.assertEqual(len({m["user"]["id"] for m in seen}), 201)

    def test_it_lets_an_operator_run_every_room(self):
        chief = somebody("Chief")
        chief.is_staff = chief.is_superuser = True
        chief.save()
        answer = Caller(chief).ask("POST", f"rooms/{self.room.code}/end/")
        self.assertEqual(code_of(answer), "ok")
        self.assertFalse(Room.objects.get().is_live)
