"""One room in several processes: one of them tells figures, and touches go where a user is.

Each server here has an event loop, a hub and a channel layer of its own, as a process has.
"""

import itertools
import json
import time
from typing import Any
from unittest import mock

from django.test import TransactionTestCase

from rooms.fanout import company, hub, layer, outgoing
from rooms.fanout.conflation import REST_S, Pools
from rooms.fanout.hub import Touch
from rooms.tests.people import room_of, somebody
from rooms.tests.room_server import RoomClient, RoomServer, until
from rooms.tests.test_telling import Counted

PROCESSES = 4


def sent(kind: str) -> float:
    """How many messages of a kind were sent by all processes here."""
    return layer.sent.labels(kind)._value.get()


class ManyProcesses(TransactionTestCase):
    def setUp(self) -> None:
        self.source = Counted()
        self.enterContext(mock.patch.object(hub, "source", self.source))
        # Looks that come soon, and news that the figures do not come from.
        self.enterContext(mock.patch.object(company, "LOOK_S", 0.05))
        self.enterContext(mock.patch.object(company, "UNSURE_S", 0.2))
        self.host, self.ana = somebody("Hanna"), somebody("Ana")
        self.room = room_of(self.host)
        self.servers: list[RoomServer] = []

    def start(self) -> RoomServer:
        server = self.enterContext(RoomServer())
        self.servers.append(server)
        return server

    def join(self, server: RoomServer, user: Any) -> RoomClient:
        return self.enterContext(server.join(self.room, user))

    def here(self, server: RoomServer) -> Any:
        return server.hub().crowd.rooms[self.room.pk]

    def until_known(self, *servers: RoomServer) -> None:
        """Wait until each process knows who is elsewhere, and nobody is unsure."""
        heres = [self.here(server) for server in servers]
        is_alone = len(servers) == 1

        def known() -> bool:
            held = [set(here.users) for here in heres]
            both = [own & set().union(*held[:n], *held[n + 1 :]) for n, own in enumerate(held)]
            found = [set(here.elsewhere) for here in heres]
            return found == both and all(here.is_alone == is_alone for here in heres)

        until(known)

    def is_known_elsewhere(self, server: RoomServer) -> bool:
        """Whether another process has said that Ana is there; a guess ends sooner."""
        until_s = self.here(server).elsewhere.get(self.ana.pk, 0.0)
        return bool(until_s > time.monotonic() + 1)

    def pools(self, server: RoomServer, version: int) -> None:
        text = json.dumps({"type": "pools", "version": version})
        there = server.hub()
        server.in_loop(there.pools, Pools(self.room.pk, 3, version, text))

    def hears(self, client: RoomClient, version: int) -> None:
        while client.hear("pools")["version"] != version:
            pass

    def test_one_tells_the_figures_for_all_and_another_when_it_is_silent(self) -> None:
        servers = [self.start() for _ in range(PROCESSES)]
        clients = [self.join(server, self.ana) for server in servers]
        self.until_known(*servers)
        versions, began_s, before = itertools.count(1), time.monotonic(), sent("pools")
        while time.monotonic() - began_s < 6 * REST_S:
            for server in servers:
                version = next(versions)
                self.pools(server, version)
        for client in clients:
            self.hears(client, version)
        # Each for itself they would tell 4 a second each. A busy machine makes two speak at once.
        self.assertLess(sent("pools") - before, PROCESSES + 7 * (time.monotonic() - began_s))
        for server in servers:
            version = next(versions)
            self.pools(server, version)
            for client in clients:
                self.hears(client, version)

    def test_in_a_room_in_one_process_nothing_about_bets_travels(self) -> None:
        server = self.start()
        client, other = self.join(server, self.ana), self.join(server, self.host)
        self.until_known(server)
        before = sent("pools"), sent("touched")
        self.pools(server, 7)
        server.in_loop(server.hub().touched, self.room.pk, Touch([self.ana.pk], "bet"))
        self.hears(other, 7)
        self.assertEqual(client.hear("wallet")["coins"], 7)
        self.assertEqual((sent("pools"), sent("touched")), before)
        # Another process is told of from its first socket on.
        second = self.start()
        late = self.join(second, self.host)
        until(lambda: not self.here(server).is_alone)
        self.pools(server, 8)
        self.hears(late, 8)

    def test_a_touch_travels_only_where_the_user_is_elsewhere_too(self) -> None:
        first, second = self.start(), self.start()
        self.join(first, self.ana)
        at_home, away = self.join(first, self.host), self.join(second, self.ana)
        self.until_known(first, second)
        away.hear("wallet")
        before = sent("touched")
        first.in_loop(first.hub().touched, self.room.pk, Touch([self.host.pk], "bet"))
        at_home.hear("wallet")
        self.assertEqual(sent("touched"), before)
        touch = Touch([self.host.pk, self.ana.pk], "bet", 5, [(0, 1), (0, 2)])
        first.in_loop(first.hub().touched, self.room.pk, touch)
        away.hear("wallet")
        self.assertIn((self.room.pk, [Touch([self.ana.pk], "bet", 5)]), self.source.touches)
        until(lambda: sent("touched") > before)
        self.assertEqual(sent("touched"), before + 1)

    def test_who_comes_to_a_second_process_is_told_what_changed_on_the_way(self) -> None:
        first, second = self.start(), self.start()
        before = self.join(first, self.ana)
        self.join(second, self.host)
        self.until_known(first, second)
        self.source.touches.clear()
        self.join(second, self.ana)
        until(lambda: len(self.source.touches) == 2)
        before.hear("wallet")

    def test_a_lost_word_of_another_process_is_made_good(self) -> None:
        with mock.patch.object(company.Company, "hear"):
            first, second = self.start(), self.start()
            self.join(first, self.ana)
            away = self.join(second, self.ana)
            until(lambda: not self.here(first).elsewhere)
        until(lambda: self.here(first).elsewhere)
        first.in_loop(first.hub().touched, self.room.pk, Touch([self.ana.pk], "bet"))
        away.hear("wallet")

    def test_processes_that_lost_each_other_ask_anew_whom_the_other_has(self) -> None:
        with mock.patch.object(company, "REPEAT_AFTER_LOOKS", 1_000_000):
            first, second = self.start(), self.start()
            self.join(first, self.ana)
            self.join(second, self.ana)
            until(lambda: self.is_known_elsewhere(first) and self.is_known_elsewhere(second))
            there, group = second.hub(), layer.group(self.room.pk)
            second.in_loop(there._layer.group_discard, group, there._channel)
            both = [self.here(first), self.here(second)]
            until(lambda: all(here.is_alone and not here.elsewhere for here in both))
            self.source.touches.clear()
            second.in_loop(there._layer.group_add, group, there._channel)
            until(lambda: self.is_known_elsewhere(first) and self.is_known_elsewhere(second))
            # Both tell her sockets what she has: a change may have been missed.
            until(lambda: len(self.source.touches) >= 2)

    def test_a_process_that_lost_the_layer_tells_what_its_users_have(self) -> None:
        server = self.start()
        client = self.join(server, self.ana)
        self.until_known(server)
        [shard] = server.in_loop(lambda: hub.get_hub()._layer._shards)
        server.in_loop(shard._pubsub.connection.disconnect)
        client.hear("wallet")
        self.assertEqual(self.source.touches, [(self.room.pk, [Touch([self.ana.pk], "news")])])

    def test_a_touch_that_was_not_sent_is_made_good_elsewhere(self) -> None:
        first, second = self.start(), self.start()
        self.join(first, self.host)
        away = self.join(second, self.ana)
        self.until_known(first, second)
        there = first.hub()

        def overflow() -> None:
            for user in (self.ana, self.host):
                touch = layer.touched(self.room.pk, Touch([user.pk], "bet"), "first")
                there._outgoing.post(self.room.pk, touch)

        with mock.patch.object(outgoing, "WAITING_MAX", 1):
            first.in_loop(overflow)
            away.hear("wallet")
