"""One socket from handshake to close, through a real server."""

import gc
import json
import time
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase
from websockets.exceptions import InvalidStatus

from accounts.auth import tokens
from accounts.models import Ban, SignIn
from accounts.sockets.registry import registry
from rooms import access, greeting, opening
from rooms.fanout.hub import get_hub, post_recheck
from rooms.models import Membership
from rooms.people import lines, moderation, renaming
from rooms.tests.people import member, room_of, somebody
from rooms.tests.room_server import PATIENCE_S, RoomClient, RoomServer, ending, hear, until
from web import limits, times


class Sockets(TransactionTestCase):
    def setUp(self) -> None:
        self.host = somebody("Hanna")
        self.room = room_of(self.host)
        self.ana = somebody("Ana")
        self.server = self.enterContext(RoomServer())

    def connect(self, *args, **options):
        return self.enterContext(self.server.connect(*args, **options))

    def join(self, user, room=None) -> RoomClient:
        return self.enterContext(self.server.join(room or self.room, user))

    def refusal(self, *args, **options) -> int:
        with self.assertRaises(InvalidStatus) as refused:
            self.server.connect(*args, **options)
        return refused.exception.response.status_code

    # --- The door

    def test_it_refuses_strange_origins_and_unknown_rooms_before_accepting(self):
        self.assertEqual(self.refusal(self.room.code, self.ana, origin="http://evil.example"), 403)
        self.assertEqual(self.refusal("AAAAAA", self.ana), 404)
        self.assertEqual(self.refusal("nonsense", self.ana), 404)

    def test_it_names_the_problem_of_those_it_does_not_know(self):
        self.assertEqual(ending(self.connect(self.room.code)), (4401, "missing"))
        bearer = {"additional_headers": {"Authorization": "Bearer nonsense"}}
        self.assertEqual(ending(self.connect(self.room.code, **bearer)), (4401, "invalid"))

    def test_it_makes_a_member_and_welcomes(self):
        client = self.join(self.ana)
        self.assertEqual(Membership.objects.get(user=self.ana).state, "in")
        you = {"id": self.ana.pk, "nickname": "Ana", "role": "player", "muted": False}
        self.assertEqual(client.welcome["you"], you)
        self.assertEqual(client.welcome["room"]["code"], self.room.code)
        self.assertEqual(client.welcome["here"], 1)
        self.assertEqual(client.welcome["chat"], [])
        self.assertGreater(client.welcome["now_ms"], 0)

    def test_it_sends_away_the_banned_the_removed_and_those_who_come_too_late(self):
        self.join(self.ana)
        for state in ("banned", "removed"):
            Membership.objects.filter(user=self.ana).update(state=state)
            self.assertEqual(ending(self.connect(self.room.code, self.ana)), (4403, state))
        opening.end_room(self.room)
        self.assertEqual(ending(self.connect(self.room.code, self.host))[0], 4410)

    def test_it_reads_once_for_all_who_come_back_together(self):
        people = [member(self.room, f"P{number}") for number in range(24)]
        cookies = [tokens.start(person).access for person in people]
        self.join(self.ana)
        ran: list[str] = []
        execute = CursorWrapper.execute

        def count(cursor, sql, params=None):
            if "membership" in sql and "shown_as" in sql and "FOR UPDATE" not in sql:
                ran.append(sql)
            return execute(cursor, sql, params)

        def come(cookie):
            bearer = {"Authorization": f"Bearer {cookie}"}
            return self.connect(self.room.code, additional_headers=bearer)

        with mock.patch.object(CursorWrapper, "execute", count), ThreadPoolExecutor(24) as pool:
            sockets = list(pool.map(come, cookies))
        for socket in sockets:
            socket.send('{"type": "hello"}')
        names = {hear(socket, "welcome")["you"]["nickname"] for socket in sockets}
        self.assertEqual(names, {person.nickname for person in people})
        own = [sql for sql in ran if '"user_id" IN' in sql or "`user_id` IN" in sql]
        self.assertLess(len(own), len(people))
        self.assertEqual([sql for sql in ran if "INSERT" in sql], [])

    def test_it_sends_away_as_ever_while_others_are_in_the_room(self):
        self.join(self.ana)
        bo = member(self.room, "Bo")
        for state in ("banned", "removed"):
            Membership.objects.filter(user=bo).update(state=state)
            self.assertEqual(ending(self.connect(self.room.code, bo)), (4403, state))
        Membership.objects.filter(user=bo).update(state="left")
        self.assertEqual(self.join(bo).welcome["you"]["nickname"], "Bo")
        self.assertEqual(Membership.objects.get(user=bo).state, "in")

    def test_it_keeps_nothing_of_a_socket_that_is_closed(self):
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        with self.server.join(self.room, self.ana):
            kept = self.server.in_loop(self._kept)
        until(lambda: [one() for one in kept] == [None, None])

    def _kept(self):
        """References to the one socket here and to its connection, which keep nothing."""
        [reader] = get_hub().crowd.of_user(self.room.pk, self.ana.pk)
        [connection] = self.server.uvicorn.server_state.connections
        return [weakref.ref(reader), weakref.ref(connection)]

    def test_it_tells_who_finds_a_full_room_to_come_back(self):
        full = room_of(self.host, capacity=2)
        member(full, "Bo")
        socket = self.connect(full.code, self.ana)
        self.assertEqual(hear(socket, "error")["code"], "room_full")
        self.assertEqual(ending(socket), (4000, "room_full"))

    def test_it_replaces_the_oldest_of_six_sockets(self):
        clients = [self.join(self.ana) for _ in range(6)]
        self.assertEqual(ending(clients[0].socket), (4409, "replaced"))
        for client in clients[1:]:
            client.say({"type": "ping", "t": 7})
            self.assertEqual(client.hear("pong")["t"], 7)

    def test_it_waits_for_hello_and_not_for_ever(self):
        with mock.patch.object(greeting, "HELLO_S", 0.1):
            socket = self.connect(self.room.code, self.ana)
            self.assertEqual(ending(socket), (4000, "no hello"))

    # --- What is said

    def test_it_wants_to_hear_hello_first(self):
        socket = self.connect(self.room.code, self.ana)
        socket.send(json.dumps({"type": "chat.say", "text": "Hi", "id": "a1"}))
        error = hear(socket, "error")
        self.assertEqual((error["code"], error["re"]), ("malformed", "a1"))
        RoomClient(socket)

    def test_it_closes_after_three_messages_nobody_understands(self):
        colourful = {"type": "chat.say", "text": "Hi", "colour": "red"}
        # Three people, because who talked nonsense is let in again only after a while.
        for name, nonsense in (("Al", "{"), ("Bea", b"\x00\x01"), ("Cy", colourful)):
            client = self.join(somebody(name))
            for _ in range(2):
                client.say(nonsense)
                self.assertEqual(client.hear("error")["code"], "malformed")
            client.say(nonsense)
            self.assertEqual(ending(client.socket), (1008, "nonsense"))

    def test_it_answers_a_burst_of_nonsense_before_it_closes(self):
        client = self.join(self.ana)
        for number in range(3):
            client.socket.protocol.send_text(
                b'{"type": "chat.say", "text": 7, "id": "%d"}' % number
            )
        client.socket.socket.sendall(b"".join(client.socket.protocol.data_to_send()))
        self.assertEqual([client.hear("error")["re"] for _ in range(3)], ["0", "1", "2"])
        self.assertEqual(ending(client.socket), (1008, "nonsense"))

    def test_it_names_the_message_it_could_not_parse(self):
        client = self.join(self.ana)
        client.say({"type": "chat.say", "text": 7, "id": "mine"})
        self.assertEqual(client.hear("error")["re"], "mine")
        client.say({"type": "chat.say", "text": "x" * 501})
        self.assertIsNone(client.hear("error")["re"])

    def test_it_takes_four_kibibytes_and_no_more(self):
        client = self.join(self.ana)
        client.say({"type": "chat.say", "text": "🐌" * 500})
        self.assertEqual(client.hear("chat")["text"], "🐌" * 500)
        client.say({"type": "chat.say", "text": "x" * 4096})
        self.assertEqual(ending(client.socket)[0], 1009)

    def test_it_answers_a_ping_and_every_hello(self):
        client = self.join(self.ana)
        client.say({"type": "ping", "t": 12})
        self.assertEqual(set(client.hear("pong")), {"type", "t", "now_ms"})
        apart_s, began_s = 0.3, time.monotonic()
        with mock.patch.object(greeting, "HELLOS_APART_S", apart_s):
            for number in range(20):
                client.say({"type": "hello"})
                client.say({"type": "ping", "t": number})
            heard = Counter()
            while not heard["welcome"] or heard["pong"] < 20:
                heard[json.loads(client.socket.recv(timeout=PATIENCE_S))["type"]] += 1
            self.assertLessEqual(heard["welcome"], 2 + (time.monotonic() - began_s) / apart_s)
            self.assertEqual(heard["error"], 0)
            client.say({"type": "hello"})
            self.assertEqual(client.hear("welcome")["you"]["nickname"], "Ana")

    def test_it_tells_everybody_what_somebody_says(self):
        ana, host = self.join(self.ana), self.join(self.host)
        ana.say({"type": "chat.say", "text": " Go  snails! ", "id": "a1"})
        for client in (ana, host):
            line = client.hear("chat")
            self.assertEqual(set(line), {"type", "id", "from", "text", "at_ms"})
            self.assertEqual(line["text"], "Go snails!")
            self.assertEqual(line["from"], {"id": self.ana.pk, "nickname": "Ana"})
        late = self.join(somebody("Bo"))
        self.assertEqual([said["id"] for said in late.welcome["chat"]], [line["id"]])

    def test_it_lets_nobody_flood_the_chat(self):
        with mock.patch.dict(limits.LIMITS, chat=(limits.Rate(0.001, 5),)):
            client = self.join(self.ana)
        for number in range(6):
            client.say({"type": "chat.say", "text": "Hi", "id": str(number)})
        error = client.hear("error")
        self.assertEqual((error["code"], error["re"]), ("too_fast", "5"))

    def test_it_closes_on_those_who_send_without_end(self):
        with mock.patch.dict(limits.LIMITS, messages=(limits.Rate(0.001, 200),)):
            client = self.join(self.ana)
        # In one piece: the close may come before all are sent, and then sending waits in vain.
        for number in range(260):
            client.socket.protocol.send_text(b'{"type": "ping", "t": %d}' % number)
        client.socket.socket.sendall(b"".join(client.socket.protocol.data_to_send()))
        self.assertEqual(ending(client.socket), (4029, "too fast"))

    # --- What the server decides meanwhile

    def test_it_closes_the_sockets_of_an_ended_sign_in(self):
        first, second = tokens.start(self.ana), tokens.start(self.ana)
        clients = []
        for fresh in (first, second):
            headers = {"Authorization": f"Bearer {fresh.access}"}
            socket = self.connect(self.room.code, additional_headers=headers)
            clients.append(RoomClient(socket))
        tokens.end([tokens.prove(first.access).sign_in_id], "logout")
        self.assertEqual(ending(clients[0].socket), (4401, "revoked"))
        clients[1].say({"type": "ping", "t": 1})
        clients[1].hear("pong")

    def test_it_closes_the_sockets_of_the_banned_and_the_removed(self):
        ana, bo = self.join(self.ana), self.join(member(self.room, "Bo"))
        Ban.objects.create(user=self.ana, reason="", by=None, created_at_ms=times.now_ms())
        self.assertEqual(ending(ana.socket), (4401, "revoked"))
        standing = Membership.objects.get(user__nickname="Bo")
        moderation.send_away(self.host, standing)
        self.assertEqual(ending(bo.socket), (4403, "removed"))

    def test_it_closes_on_those_who_left_and_ends_with_the_room(self):
        ana, host = self.join(self.ana), self.join(self.host)
        access.leave(self.ana, self.room)
        self.assertEqual(ending(ana.socket), (4403, "left"))
        opening.end_room(self.room)
        self.assertEqual(host.hear("room", 2)["room"]["status"], "ended")
        self.assertEqual(ending(host.socket), (4410, "ended"))

    def test_it_tells_a_muted_person_and_hears_them_no_more(self):
        client = self.join(self.ana)
        standing = Membership.objects.get(user=self.ana)
        moderation.mute(self.host, standing, moderation.FOR_GOOD_MS)
        self.assertEqual(client.hear("notice", 2)["code"], "muted")
        client.say({"type": "chat.say", "text": "Hi", "id": "x"})
        error = client.hear("error")
        self.assertEqual((error["code"], error["re"]), ("muted", "x"))

    def test_it_takes_a_deleted_line_off_every_page_within_a_second(self):
        ana, host = self.join(self.ana), self.join(self.host)
        ana.say({"type": "chat.say", "text": "Abuse"})
        line_id = host.hear("chat")["id"]
        until(lambda: len(self.server.hub()._subscribed) == 2)
        lines.delete(self.host, self.room, line_id, "Abuse")
        for client in (ana, host):
            self.assertEqual(client.hear("chat.gone", 1)["id"], line_id)
        self.assertEqual(self.join(self.ana).welcome["chat"], [])

    def test_it_keeps_to_the_mode_of_the_chat(self):
        ana, host = self.join(self.ana), self.join(self.host)
        for mode, code in (("off", "muted"), ("reactions", "muted"), ("slow", "too_fast")):
            opening.change_room(self.room, chat_mode=mode)
            post_recheck(self.room.pk)
            self.assertEqual(ana.hear("room", 2)["room"]["chat_mode"], mode)
            for text in ("👏", "Hi"):
                ana.say({"type": "chat.say", "text": text, "id": mode})
            error = ana.hear("error")
            self.assertEqual((error["code"], error["re"]), (code, mode))
            host.say({"type": "chat.say", "text": mode})
            while host.hear("chat")["text"] != mode:
                pass

    def test_it_speaks_under_the_new_name_at_once(self):
        client = self.join(self.ana)
        renaming.rename(self.ana, "Bo")
        post_recheck(self.room.pk)
        until(lambda: [each.shown_as for each in self._readers()] == ["Bo"])
        client.say({"type": "chat.say", "text": "Me"})
        self.assertEqual(client.hear("chat")["from"]["nickname"], "Bo")

    def _readers(self):
        return list(self.server.hub().crowd.rooms[self.room.pk].readers)

    def test_it_tells_the_room_when_it_changes(self):
        client = self.join(self.ana)
        opening.change_room(self.room, title="New name", hosts_may_bet=True)
        post_recheck(self.room.pk)
        told = client.hear("room", 2)["room"]
        self.assertEqual((told["title"], told["hosts_may_bet"]), ("New name", True))

    def test_it_counts_people_and_not_sockets(self):
        clients = [self.join(self.ana), self.join(self.ana)]
        self.join(self.host)
        while clients[0].hear("people")["here"] != 2:
            pass

    def test_it_forgets_a_socket_that_hung_up(self):
        client = self.join(self.ana)
        hub, registered = self.server.hub(), self.server.in_loop(registry)
        self.assertEqual(len(list(registered)), 1)
        client.socket.close()
        until(lambda: not hub.crowd.rooms)
        self.assertEqual(len(list(registered)), 0)
        self.assertEqual(SignIn.objects.count(), 1)
