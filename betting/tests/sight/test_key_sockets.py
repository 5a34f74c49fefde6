"""Programs read a room live by a key in place of a screen's code, until the key is over."""

from typing import Any

from django.test import override_settings

from accounts.auth import tokens
from betting.tests.room_clients import RoomTestCase
from betting.tests.sight.test_screens import ROUTE
from rooms.keys import narrow_keys
from rooms.models import RoomKey
from rooms.tests.people import Caller, room_of, somebody
from rooms.tests.room_server import RoomClient, RoomServer, ending
from web.times import now_ms


@override_settings(ROOT_URLCONF="betting.tests.urls")
class KeySocketTests(RoomTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.enterContext(RoomServer(ROUTE))

    def key(self, *rights: str, **fields: Any) -> tuple[RoomKey, str]:
        return narrow_keys.make(
            self.host, fields.get("room", self.room), name="Bot", rights=rights, days=1
        )

    def connect(self, text: str) -> Any:
        offers: list[Any] = ["ringside.v1", f"screen.{text}"]
        address = f"/ws/screens/{self.room.code}/"
        return self.enterContext(self.server.open(address, None, subprotocols=offers))

    def test_it_reads_a_room_and_counts_as_nobody(self) -> None:
        bot = RoomClient(self.connect(self.key("read")[1]))
        assert bot.welcome["you"]["role"] == "screen"
        assert (bot.welcome["here"], bot.welcome["chat"]) == (0, [])
        assert RoomKey.objects.get().used_at_ms > 0

    def test_it_opens_nothing_without_the_right_or_in_another_room(self) -> None:
        others = room_of(somebody("Otto"))
        _key, elsewhere = narrow_keys.make(others.host, others, name="Bot", rights=["read"], days=1)
        for text in (self.key("ask", "chat")[1], elsewhere, "rk_made-up"):
            assert ending(self.connect(text)) == (4401, "invalid")

    def test_it_closes_when_the_key_is_over(self) -> None:
        kept = RoomClient(self.connect(self.key("read")[1]))
        ended, late = self.key("read"), self.key("read")
        bots = [RoomClient(self.connect(text)) for _key, text in (ended, late)]
        path = f"rooms/{self.room.code}/keys/{ended[0].pk}/"
        assert Caller(self.host).ask("DELETE", path).status_code == 204
        RoomKey.objects.filter(pk=late[0].pk).update(expires_at_ms=now_ms() - 1)
        for bot, (_key, text) in zip(bots, (ended, late), strict=True):
            assert ending(bot.socket) == (4401, "revoked")
            assert ending(self.connect(text)) == (4401, "revoked")
        kept.say({"type": "ping", "t": 1})
        kept.hear("pong")
        tokens.end_all(self.host, "ended by owner")
        assert ending(kept.socket) == (4401, "revoked")
