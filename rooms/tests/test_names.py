"""Nicknames in a room: told apart by a number, and never who somebody is."""

from django.test import TestCase, TransactionTestCase, override_settings

from accounts.models import User
from accounts.tests.crowds import at_once
from rooms import access, chat
from rooms.messages import Person
from rooms.models import Membership
from rooms.names import fits, free_name
from rooms.tests.people import Caller, member, room_of, somebody
from rooms.tests.room_server import RoomServer


def test_it_knows_a_nickname_with_and_without_a_number():
    assert fits("Mika", "Mika") and fits("Mika 2", "Mika") and fits("Mika 2", "Mika 2")
    for other in (None, "Mika", "Mika two", "Mika 2x", "Mika2"):
        assert not fits(other, "Mik")
    assert not fits("Mika two", "Mika") and not fits(None, "Mika")


@override_settings(ROOT_URLCONF="rooms.tests.urls")
class Names(TestCase):
    def setUp(self) -> None:
        self.host = somebody("Mika")
        self.room = room_of(self.host)

    def name(self, user: User) -> str | None:
        return Membership.objects.get(room=self.room, user=user).shown_as

    def test_it_numbers_those_who_share_a_nickname(self):
        people = [member(self.room, "Mika") for _ in range(3)]
        self.assertEqual(self.name(self.host), "Mika")
        self.assertEqual([self.name(who) for who in people], ["Mika 2", "Mika 3", "Mika 4"])
        self.assertEqual(User.objects.filter(nickname="Mika").count(), 4)

    def test_it_passes_over_a_number_that_somebody_chose_as_a_name(self):
        member(self.room, "Mika 2")
        self.assertEqual(self.name(member(self.room, "Mika")), "Mika 3")
        self.assertEqual(self.name(member(self.room, "Mika 2")), "Mika 2 2")
        self.assertEqual(self.name(member(self.room, "Mik_")), "Mik_")

    def test_it_numbers_those_whose_names_look_the_same(self):
        # A Cyrillic М, full-width letters, capitals, strokes, a character that draws nothing.
        for nickname in ("\u041cika", "\uff2dika", "mika", "Mlka", "M1ka", "Mika\ufe0f"):
            shown = self.name(member(self.room, nickname))
            self.assertNotEqual(shown, nickname)
            self.assertTrue(fits(shown, nickname))
        self.assertEqual(self.name(member(self.room, "Mïka")), "Mïka")
        skeletons = Membership.objects.filter(room=self.room).values_list("skeleton", flat=True)
        self.assertEqual(len(set(skeletons)), 8)

    def test_it_numbers_letters_of_any_script_that_are_drawn_alike(self):
        names = (
            "Ꮇika ꓟika Мika Μika Ⲙika 𐌑ika ｍika 𝐌ika 𝓜ika 𝕄ika Ⅿika ꮇika мika ᴍika "
            "Miка MiKа Mikɑ Mikα Mikа Mik⍺ Mіka Mιka Mɩka Mıka MꙇkA Mꭵka Mℹka MiᏦa MiꓗA Mik𝛂"
        )
        for nickname in names.split():
            shown = self.name(member(self.room, nickname))
            self.assertNotEqual(shown, nickname)
            self.assertTrue(fits(shown, nickname))

    def test_it_passes_over_names_from_before_there_were_looks(self):
        Membership.objects.filter(room=self.room).update(skeleton=None)
        self.assertEqual(self.name(member(self.room, "Mika")), "Mika 2")

    def test_it_looks_at_a_name_from_before_when_its_owner_comes_again(self):
        Membership.objects.filter(room=self.room).update(skeleton=None)
        access.enter(self.host, self.room)
        self.assertNotEqual(self.name(member(self.room, "\u041cika")), "\u041cika")

    def test_it_keeps_a_name_for_those_who_come_back(self):
        second = member(self.room, "Mika")
        access.leave(second, self.room)
        third = member(self.room, "Mika")
        access.enter(second, self.room)
        self.assertEqual((self.name(second), self.name(third)), ("Mika 2", "Mika 3"))

    def test_it_starts_anew_in_every_room(self):
        second, elsewhere = member(self.room, "Mika"), room_of(somebody("Hanna"))
        access.enter(second, elsewhere)
        self.assertEqual(Membership.objects.get(room=elsewhere, user=second).shown_as, "Mika")

    def test_it_names_those_anew_who_changed_their_nickname(self):
        second = member(self.room, "Mika")
        User.objects.filter(pk=self.host.pk).update(nickname="Noor")
        member(self.room, "Noor")
        self.assertEqual(access.arrive(self.room.pk, self.host.pk).shown_as, "Noor 2")
        self.assertEqual(access.arrive(self.room.pk, second.pk).shown_as, "Mika 2")
        shown = Caller().ask("GET", f"rooms/{self.room.code}/").json()["host"]
        self.assertEqual(shown, {"id": self.host.pk, "nickname": "Noor 2"})
        listed = Caller().ask("GET", "rooms/").json()["results"][0]["host"]
        self.assertEqual(listed["nickname"], "Noor 2")

    def test_it_names_memberships_from_before_there_were_names(self):
        second = somebody("Mika")
        Membership.objects.create(room=self.room, user=second)
        self.assertEqual(self.members()[second.pk], "Mika")
        self.assertEqual(access.arrive(self.room.pk, second.pk).shown_as, "Mika 2")
        self.assertEqual(self.members()[second.pk], "Mika 2")

    def test_it_lets_members_come_back_with_one_read(self):
        second = member(self.room, "Mika")
        with self.assertNumQueries(1):
            access.arrive(self.room.pk, second.pk)
        with self.assertNumQueries(1):
            access.look_up(self.room.code, None, "")

    def test_it_shows_the_name_of_the_room_in_members_and_chat(self):
        second = member(self.room, "Mika")
        self.assertEqual(self.members(), {self.host.pk: "Mika", second.pk: "Mika 2"})
        path = f"rooms/{self.room.code}/chat/"
        said = Caller(second).ask("POST", path, {"text": "Hello"}).json()
        self.assertEqual(said["from"], {"id": second.pk, "nickname": "Mika 2"})
        while chat.copy_chat():
            pass
        [kept] = chat._kept(self.room.pk, 5)
        self.assertEqual(kept.sender, Person(second.pk, "Mika 2"))

    def members(self) -> dict[int, str]:
        rows = Caller(self.host).ask("GET", f"rooms/{self.room.code}/members/").json()["results"]
        return {row["user"]["id"]: row["user"]["nickname"] for row in rows}


class AtTheSocket(TransactionTestCase):
    def test_it_tells_the_name_of_the_room_to_its_owner_and_to_the_others(self):
        host = somebody("Mika")
        room, second = room_of(host), somebody("Mika")
        server = self.enterContext(RoomServer())
        there = self.enterContext(server.join(room, host))
        client = self.enterContext(server.join(room, second))
        self.assertEqual(client.welcome["you"]["nickname"], "Mika 2")
        self.assertEqual(client.welcome["room"]["host"]["nickname"], "Mika")
        client.say({"type": "chat.say", "text": "Hello"})
        self.assertEqual(there.hear("chat")["from"], {"id": second.pk, "nickname": "Mika 2"})

    def test_it_gives_no_name_twice_to_many_at_once(self):
        room = room_of(somebody("Hanna"))
        waiting = [somebody("Mika") for _ in range(6)]
        at_once(6, lambda: access.enter(waiting.pop(), room))
        names = Membership.objects.exclude(user=room.host).values_list("shown_as", flat=True)
        self.assertEqual(sorted(names), ["Mika", *(f"Mika {number}" for number in range(2, 7))])
        self.assertEqual(free_name(room, somebody("Mika")), "Mika 7")
