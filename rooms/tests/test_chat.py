"""What is said is told, kept for a while in live, and for good in SQL."""

from unittest import mock

import pytest
from django.test import TestCase, override_settings

from rooms import chat, live
from rooms.facts import facts_of
from rooms.models import ChatLine
from rooms.tests.people import Caller, code_of, member, room_of, somebody
from web import limits


def say(room, user, text):
    """Say a line without asking whether the user may."""
    speaker = chat.Speaker(user.pk, user.nickname, "host", is_muted=False)
    return chat.say_by_request(facts_of(room), speaker, text)


@override_settings(ROOT_URLCONF="rooms.tests.urls")
class Chat(TestCase):
    def setUp(self) -> None:
        self.host = somebody("Hanna")
        self.room = room_of(self.host)
        self.ana = Caller(member(self.room, "Ana"))

    def say(self, text, caller=None):
        body = {"text": text}
        return (caller or self.ana).ask("POST", f"rooms/{self.room.code}/chat/", body)

    def heard(self):
        return self.ana.ask("GET", f"rooms/{self.room.code}/chat/").json()["results"]

    def test_it_says_a_line_and_shows_it(self):
        line = self.say("  Go  snails! ").json()
        self.assertEqual(set(line), {"id", "from", "text", "at_ms"})
        self.assertEqual(line["text"], "Go snails!")
        self.assertEqual(line["from"], {"id": self.ana.user.pk, "nickname": "Ana"})
        self.assertEqual(self.heard(), [line])

    def test_it_counts_code_points(self):
        self.assertEqual(code_of(self.say("🐌" * 500)), "ok")
        for text in ("", "  ", "🐌" * 501, "a\u202eb", 7, None):
            self.assertEqual(code_of(self.say(text)), "malformed")

    def test_it_lets_nobody_talk_too_fast(self):
        with mock.patch.dict(limits.LIMITS, chat=(limits.Rate(0.001, 5),)):
            codes = [code_of(self.say(f"{n}")) for n in range(6)]
            self.assertEqual(codes, ["ok"] * 5 + ["too_fast"])
            self.assertEqual(code_of(self.say("I may", Caller(self.host))), "ok")

    def test_it_keeps_the_last_hundred_lines(self):
        for number in range(103):
            say(self.room, self.host, f"{number}")
        texts = [line["text"] for line in self.heard()]
        self.assertEqual(texts, [f"{n}" for n in range(102, 2, -1)])

    def test_it_copies_each_line_once(self):
        for number in range(3):
            say(self.room, self.host, f"{number}")
        entries = live.uncopied(10)
        self.assertEqual(chat.copy_chat(), 3)
        self.assertEqual(chat.copy_chat(), 0)
        # Killed before it forgot what it had copied, the clock copies again.
        for _entry, fields in entries:
            live.ask([("XADD", live.UNCOPIED, "*", *sum(fields.items(), ()))])
        self.assertEqual(chat.copy_chat(), 3)
        kept = ChatLine.objects.order_by("line_id").values_list("text", flat=True)
        self.assertEqual(list(kept), ["0", "1", "2"])

    def test_it_copies_around_people_who_are_gone(self):
        gone = somebody("Gone")
        say(self.room, gone, "Bye")
        say(self.room, self.host, "Hello")
        gone.delete()
        self.assertEqual(chat.copy_chat(), 2)
        self.assertEqual(ChatLine.objects.get().text, "Hello")

    def test_it_reads_from_sql_what_live_forgot(self):
        lines = [self.say(f"{n}").json() for n in range(3)]
        chat.copy_chat()
        live.ask([("FLUSHALL",)])
        self.assertEqual(self.heard(), lines[::-1])


@pytest.mark.django_db
def test_it_keeps_lines_without_the_live_instance(settings):
    host = somebody("Hanna")
    room = room_of(host)
    settings.REDIS_LIVE_URL = "unix:///nobody/listens.sock"
    line = say(room, host, "Still here")
    assert chat.recent_by_request(room.pk, 10) == [line]
    assert ChatLine.objects.get().text == "Still here"
