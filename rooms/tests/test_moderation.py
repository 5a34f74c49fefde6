"""The log of acts, deleted lines, chat modes, seats, own rooms and other names."""

import time
from unittest import mock

import pytest
from django.test import TestCase, override_settings

from rooms import acts, chat, live
from rooms.models import ChatLine, Membership, Room, RoomAct, RoomSeat
from rooms.people import moderation, renaming, seats, staked
from rooms.tests.people import Caller, code_of, member, room_of, somebody
from web.refusals import Refused


@override_settings(ROOT_URLCONF="rooms.tests.urls", PUBLIC_URL="https://ring.example")
class RoomTestCase(TestCase):
    def setUp(self) -> None:
        self.host = somebody("Hanna")
        self.room = room_of(self.host)
        self.caller = Caller(self.host)
        self.cohost = Caller(member(self.room, "Coco", "cohost"))
        self.moderator = Caller(member(self.room, "Mo", "moderator"))
        self.ana = Caller(member(self.room, "Ana"))

    def ask(self, caller, method, path, body=None):
        return caller.ask(method, f"rooms/{self.room.code}/{path}", body)

    def act(self, caller, on, action, **fields):
        body = {"action": action} | fields
        return self.ask(caller, "POST", f"members/{on.user.pk}/", body)

    def say(self, caller, text="Hello"):
        return self.ask(caller, "POST", "chat/", {"text": text})

    def said(self):
        return [line["text"] for line in self.ask(self.ana, "GET", "chat/").json()["results"]]

    def log(self):
        found = self.ask(self.caller, "GET", "acts/").json()["results"]
        return [(act["by"]["nickname"], act["what"]) for act in found]


class Log(RoomTestCase):
    def test_it_records_who_did_what_to_whom_and_why_once(self):
        for _ in range(2):
            self.act(self.moderator, self.ana, "ban", reason="Spam")
        self.act(self.moderator, self.ana, "unban")
        newest, first = self.ask(self.caller, "GET", "acts/").json()["results"]
        self.assertEqual(newest["what"], "unban")
        first.pop("id"), first.pop("at_ms")
        self.assertEqual(
            first,
            {
                "what": "ban", "words": "banned", "reason": "Spam", "detail": "",
                "by": {"id": self.moderator.user.pk, "nickname": "Mo"},
                "of": {"id": self.ana.user.pk, "nickname": "Ana"},
            },
        )  # fmt: skip

    def test_it_records_settings_and_roles_with_what_was_before(self):
        self.ask(self.caller, "PATCH", "", {"chat_mode": "off", "title": "Derby"})
        self.ask(self.caller, "PATCH", "", {"chat_mode": "off"})
        self.act(self.caller, self.ana, "make_moderator")
        details = [act.detail for act in acts.page(self.room.pk, before_id=None, count=9)]
        self.assertEqual(
            details, ["player → moderator", "title: Snail Derby → Derby", "chat_mode: on → off"]
        )

    def test_it_pages_the_log_and_shows_it_to_those_who_run_the_room(self):
        for number in range(53):
            acts.record(self.room.pk, RoomAct.What.RENAME, by=self.host, detail=f"{number}")
        first = self.ask(self.cohost, "GET", "acts/").json()
        rest = self.cohost.get(first["next"]).json()
        told = [act["detail"] for act in first["results"] + rest["results"]]
        self.assertEqual(told, [f"{number}" for number in range(52, -1, -1)])
        self.assertIsNone(rest["next"])
        for caller in (self.moderator, self.ana):
            self.assertEqual(code_of(self.ask(caller, "GET", "acts/")), "forbidden")

    def test_it_changes_and_removes_no_act(self):
        acts.record(self.room.pk, RoomAct.What.MUTE, by=self.host)
        act = RoomAct.objects.get()
        for change in (act.save, act.delete):
            with self.assertRaises(TypeError):
                change()

    def test_it_keeps_the_names_of_people_who_are_erased(self):
        self.act(self.caller, self.ana, "remove")
        self.ana.user.delete()
        self.assertEqual(RoomAct.objects.get().of_name, "Ana")
        [act] = self.ask(self.caller, "GET", "acts/").json()["results"]
        self.assertIsNone(act["of"])


class Acting(RoomTestCase):
    def test_it_answers_two_who_act_on_one_person_at_once(self):
        first = Membership.objects.get(user=self.ana.user)
        second = Membership.objects.get(user=self.ana.user)
        moderation.send_away(self.host, first, reason="Enough")
        # The second read the membership before the first had changed it.
        moderation.send_away(self.cohost.user, second, reason="Me too")
        with self.assertRaisesMessage(Refused, "not_member"):
            moderation.give_role(self.host, second, "moderator")
        self.assertEqual(self.log(), [("Hanna", "remove")])

    def test_it_keeps_the_host_in_the_room_whoever_asks(self):
        operator = somebody("Operator")
        operator.is_staff = operator.is_superuser = True
        operator.save()
        on = mock.Mock(user=self.host)
        for action in ("remove", "ban", "make_player"):
            for caller in (self.cohost, self.caller, Caller(operator)):
                self.assertEqual(code_of(self.act(caller, on, action)), "forbidden")
        self.assertEqual(self.log(), [])

    def test_it_lets_no_moderator_ban_a_cohost(self):
        self.assertEqual(code_of(self.act(self.moderator, self.cohost, "ban")), "forbidden")

    def test_it_undoes_each_act(self):
        for done, undone in (("mute", "unmute"), ("remove", "unban"), ("ban", "unban")):
            self.assertEqual(code_of(self.act(self.caller, self.ana, done)), "ok")
            self.assertEqual(code_of(self.act(self.caller, self.ana, undone)), "ok")
            self.assertEqual(code_of(self.ask(self.ana, "POST", "enter/")), "ok")
            self.assertEqual(code_of(self.say(self.ana)), "ok")
        self.act(self.caller, self.ana, "make_cohost")
        self.act(self.caller, self.ana, "make_player")
        self.assertEqual(Membership.objects.get(user=self.ana.user).role, "player")
        expected = ["mute", "unmute", "remove", "unban", "ban", "unban", "make_cohost"]
        self.assertEqual([what for _by, what in self.log()][::-1], [*expected, "make_player"])

    def test_it_finds_people_by_name_and_tells_what_they_staked(self):
        self.act(self.caller, self.ana, "mute", minutes=30, reason="Loud")
        told = lambda room_id, user_ids: {self.ana.user.pk: 70}  # noqa: E731
        with mock.patch.object(staked, "source", told):
            rows = self.ask(self.moderator, "GET", "members/?q=ANA").json()["results"]
        self.assertEqual([row["user"]["nickname"] for row in rows], ["Ana"])
        self.assertEqual((rows[0]["staked"], rows[0]["reason"]), (70, "Loud"))
        self.assertAlmostEqual(rows[0]["since_ms"], time.time() * 1000, delta=60_000)
        self.assertAlmostEqual(rows[0]["muted_until_ms"], time.time() * 1000, delta=31 * 60_000)
        [row] = self.ask(self.ana, "GET", "members/?q=mo").json()["results"]
        self.assertEqual(set(row), {"user", "role", "muted", "state"})

    def test_it_shows_the_removed_to_those_who_may_let_them_back(self):
        self.act(self.caller, self.ana, "remove", reason="Enough")
        rows = self.ask(self.moderator, "GET", "members/?q=ana").json()["results"]
        self.assertEqual([(row["state"], row["reason"]) for row in rows], [("removed", "Enough")])


class Lines(RoomTestCase):
    def delete(self, caller, line, reason=""):
        body = {"reason": reason} if reason else None
        return self.ask(caller, "DELETE", f"chat/{line['id']}/", body)

    def test_it_takes_a_line_from_the_tail_the_copy_and_the_history(self):
        line, other = self.say(self.ana, "Abuse").json(), self.say(self.ana, "Fine").json()
        for _ in range(2):
            self.assertEqual(self.delete(self.moderator, line, "Abuse").status_code, 204)
        chat.copy_chat()
        self.assertEqual(self.said(), ["Fine"])
        live.ask([("FLUSHALL",)])
        self.assertEqual(self.said(), ["Fine"])
        kept = ChatLine.objects.get(line_id=line["id"])
        self.assertEqual((kept.text, bool(kept.gone_at_ms)), ("Abuse", True))
        [act] = RoomAct.objects.all()
        self.assertEqual((act.by_name, act.detail, act.reason), ("Mo", "Abuse", "Abuse"))
        self.assertEqual(code_of(self.delete(self.ana, other)), "forbidden")

    def test_it_finds_a_line_that_the_tail_has_lost(self):
        line = self.say(self.ana, "Old").json()
        live.ask([("DEL", f"rooms:{{{self.room.pk}}}:chat")])
        self.assertEqual(self.delete(self.caller, line).status_code, 204)
        self.assertEqual(ChatLine.objects.get().text, "Old")

    def test_it_finishes_when_it_is_repeated_after_a_stop(self):
        line = self.say(self.ana, "Half").json()
        with mock.patch.object(chat, "take_out", side_effect=live.LiveAway):
            self.assertEqual(code_of(self.delete(self.caller, line)), "unavailable")
        self.assertEqual(self.delete(self.caller, line).status_code, 204)
        self.assertEqual(self.said(), [])
        self.assertEqual(self.log(), [("Hanna", "delete_line")])

    def test_it_refuses_lines_of_higher_roles_and_of_other_rooms(self):
        line = self.say(self.cohost, "Order!").json()
        self.assertEqual(code_of(self.delete(self.moderator, line)), "forbidden")
        other = Caller(self.host)
        room = room_of(self.host)
        path = f"rooms/{room.code}/chat/{line['id']}/"
        self.assertEqual(code_of(other.ask("DELETE", path)), "not_found")
        own = self.say(self.moderator, "Oops").json()
        self.assertEqual(self.delete(self.moderator, own).status_code, 204)


class Modes(RoomTestCase):
    def turn(self, mode):
        Room.objects.filter(pk=self.room.pk).update(chat_mode=mode)

    def test_it_takes_a_mode_at_the_opening_and_later(self):
        body = {"title": "Quiet", "visibility": "public", "chat_mode": "off"}
        room = self.caller.ask("POST", "rooms/", body).json()
        self.assertEqual(room["chat_mode"], "off")
        changed = self.caller.ask("PATCH", f"rooms/{room['code']}/", {"chat_mode": "slow"}).json()
        self.assertEqual(changed["chat_mode"], "slow")
        for wrong in ("loud", None, 1):
            answer = self.caller.ask("PATCH", f"rooms/{room['code']}/", {"chat_mode": wrong})
            self.assertEqual(code_of(answer), "malformed")

    def test_it_lets_those_alone_speak_who_run_the_room_while_it_is_off(self):
        self.turn("off")
        self.assertEqual(code_of(self.say(self.ana)), "muted")
        for caller in (self.caller, self.cohost, self.moderator):
            self.assertEqual(code_of(self.say(caller)), "ok")

    def test_it_takes_one_line_in_ten_seconds_while_it_is_slow(self):
        self.turn("slow")
        self.assertEqual(code_of(self.say(self.ana)), "ok")
        answer = self.say(self.ana)
        self.assertEqual(code_of(answer), "too_fast")
        self.assertTrue(1 <= int(answer["Retry-After"]) <= 10)
        for _ in range(2):
            self.assertEqual(code_of(self.say(self.cohost)), "ok")
        live.ask([("DEL", f"rooms:{{{self.room.pk}}}:turn:{self.ana.user.pk}")])
        self.assertEqual(code_of(self.say(self.ana)), "ok")

    def test_it_takes_reactions_alone(self):
        self.turn("reactions")
        self.assertEqual(code_of(self.say(self.ana, "👏")), "ok")
        self.assertEqual(code_of(self.say(self.ana, "Hi")), "muted")
        self.assertEqual(code_of(self.say(self.cohost, "Hi")), "ok")
        for text in ("❤️🔥", "👩‍🚀", "👏👏👏"):
            self.assertTrue(chat.is_reaction(text), text)
        for text in ("👏 Hi", "1", "👏" * 9, "http://a.b", "ㅋㅋ", "！"):
            self.assertFalse(chat.is_reaction(text), text)


@pytest.mark.django_db
def test_it_slows_a_chat_without_the_live_instance(settings):
    host = somebody("Hanna")
    room = room_of(host, chat_mode="slow")
    ana = member(room, "Ana")
    settings.REDIS_LIVE_URL = "unix:///nobody/listens.sock"
    settings.ROOT_URLCONF = "rooms.tests.urls"
    caller = Caller(ana)
    answers = [caller.ask("POST", f"rooms/{room.code}/chat/", {"text": "Hi"}) for _ in range(2)]
    assert [code_of(answer) for answer in answers] == ["ok", "too_fast"]


class Seats(RoomTestCase):
    def offer(self, caller=None):
        return self.ask(caller or self.caller, "POST", "seats/", {"role": "cohost"})

    def take(self, caller, offered):
        token = offered["link"].split("#")[1]
        return caller.ask("POST", "seats/", {"seat": token})

    def test_it_seats_the_first_visitor_and_the_same_one_again(self):
        answer = self.offer()
        self.assertEqual(answer.status_code, 201)
        offered, device = answer.json(), Caller(somebody("Phone"))
        self.assertTrue(offered["link"].startswith("https://ring.example/seat/#"))
        self.assertTrue(offered["qr"].startswith("data:image/svg+xml"))
        self.assertAlmostEqual(offered["expires_at_ms"], time.time() * 1000 + 600_000, delta=30_000)
        for _ in range(2):
            taken = self.take(device, offered).json()
            self.assertEqual((taken["role"], taken["room"]["code"]), ("cohost", self.room.code))
        self.assertEqual(code_of(self.take(Caller(somebody("Bo")), offered)), "forbidden")
        self.assertEqual(self.log(), [("Phone", "take_seat"), ("Hanna", "offer_seat")])
        self.assertEqual(code_of(self.ask(device, "PATCH", "", {"title": "Mine"})), "ok")

    def test_it_ends_after_ten_minutes_for_everybody(self):
        offered, device = self.offer().json(), Caller(somebody("Phone"))
        self.take(device, offered)
        RoomSeat.objects.update(expires_at_ms=1)
        self.assertEqual(code_of(self.take(device, offered)), "expired")
        self.assertEqual(code_of(self.take(device, {"link": "#nothing"})), "not_found")

    def test_it_is_not_used_up_by_the_host(self):
        offered = self.offer().json()
        self.assertEqual(self.take(self.caller, offered).json()["role"], "host")
        self.assertEqual(self.take(self.ana, offered).json()["role"], "cohost")

    def test_it_is_offered_by_the_host_alone(self):
        for caller in (self.cohost, self.moderator, self.ana, Caller(somebody("Bo"))):
            self.assertEqual(code_of(self.offer(caller)), "forbidden")
        for body in ({}, {"role": "host"}, {"role": "cohost", "more": 1}):
            answer = self.ask(self.caller, "POST", "seats/", body)
            self.assertEqual(code_of(answer), "malformed")

    def test_it_seats_in_a_full_room_and_never_the_banned_or_after_the_end(self):
        Room.objects.update(capacity=2)
        offered = self.offer().json()
        self.act(self.caller, self.ana, "ban")
        self.assertEqual(code_of(self.take(self.ana, offered)), "forbidden")
        self.assertEqual(code_of(self.take(Caller(somebody("Phone")), offered)), "ok")
        last = self.offer().json()
        self.ask(self.caller, "POST", "end/")
        self.assertEqual(code_of(self.take(Caller(somebody("Bo")), last)), "room_ended")
        self.assertEqual(code_of(self.offer()), "room_ended")

    def test_it_keeps_no_token(self):
        offered = seats.offer(self.host, self.room, "cohost")
        self.assertNotIn(offered.token, str(RoomSeat.objects.values().get()))


class Own(RoomTestCase):
    def test_it_lists_rooms_one_runs_or_is_in_unlisted_and_ended_too(self):
        hidden = room_of(self.host, visibility="unlisted")
        self.ask(self.caller, "POST", "end/")
        found = self.caller.ask("GET", "me/rooms/").json()
        told = [(room["code"], room["status"], room["role"]) for room in found["results"]]
        self.assertEqual(told, [(hidden.code, "live", "host"), (self.room.code, "ended", "host")])
        self.ask(self.ana, "POST", "leave/")
        self.assertEqual(self.ana.ask("GET", "me/rooms/").json()["results"], [])
        self.assertEqual(code_of(Caller().ask("GET", "me/rooms/")), "sign_in")

    def test_it_pages_them(self):
        rooms = [Room(host=self.host, club=self.room.club, code=f"ZZZZ{n:02d}") for n in range(52)]
        for room in rooms:
            room.save()
            Membership.objects.create(room=room, user=self.host, role="host")
        first = self.caller.ask("GET", "me/rooms/").json()
        rest = self.caller.get(first["next"]).json()
        self.assertEqual((len(first["results"]), len(rest["results"])), (50, 3))
        self.assertIsNone(rest["next"])

    def test_it_renames_in_every_room_and_logs_the_former_name(self):
        member(self.room, "Bo")
        told = renaming.rename(self.ana.user, "Bo")
        self.assertEqual(told, [(self.room.pk, "Bo 2")])
        self.assertEqual(renaming.rename(self.ana.user, "Bo"), [])
        [act] = RoomAct.objects.all()
        self.assertEqual((act.what, act.detail, act.by_name), ("rename", "Ana → Bo 2", "Bo 2"))
        self.assertEqual(self.say(self.ana).json()["from"]["nickname"], "Bo 2")
