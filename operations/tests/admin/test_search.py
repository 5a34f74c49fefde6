"""The admin's searches find people and words in any alphabet and case."""

from django.contrib import admin
from django.test import Client, override_settings

from accounts.auth import bans, tokens
from accounts.models import User
from betting.models import Correction
from betting.tests.evenings import Evening
from locations.models import Device
from operations.tests.test_admin import PLAIN_FILES
from rooms.models import ChatLine, RoomAct, RoomSeat
from rooms.tests.people import member

OWN = ("accounts", "rooms", "betting", "locations")


@override_settings(ROOT_URLCONF="config.urls", STORAGES=PLAIN_FILES)
class AdminSearchTests(Evening):
    def test_every_search_finds_any_case_of_any_alphabet(self) -> None:
        user = member(self.room, "Ёжик Åsa")
        operator = User.objects.create_superuser("Olga", "olga@example.org", "a long password")
        User.objects.filter(pk=user.pk).update(email="ezhik@example.org")
        tokens.start(user)
        bans.ban(user, "Ругань")
        market = self.market()
        self.row(market)
        ChatLine.objects.create(
            room=self.room, user=user, line_id="1", text="Привет, Straße!", at_ms=1
        )
        RoomAct.objects.create(room=self.room, what="ban", of=user, of_name="Ёжик", at_ms=1)
        Device.objects.create(user=user, name="Телефон GROSS", digest="d", created_at_ms=1)
        Correction.objects.create(
            command="x", club=self.room.club, user=user, kind="grant", coins=1, at_ms=1, seq=1
        )
        RoomSeat.objects.create(
            room=self.room, role="cohost", digest="d", by=user, taken_by=user, expires_at_ms=1
        )
        browser = Client()
        browser.force_login(operator)
        code = self.room.code.lower()
        searches = {
            "accounts/user": ["ёжик", "A\u030aSA", "EZHIK@", str(user.pk)],
            "accounts/signin": ["ЁЖИК"],
            "accounts/ban": ["РУГАНЬ", "ЁЖИК"],
            "rooms/room": [code, self.room.title.upper(), "hANA"],
            "rooms/membership": [code, "ЁЖИК"],
            "rooms/chatline": [code, "ПРИВЕТ", "ёжик", "STRASSE", "straẞe"],
            "rooms/roomact": [code, "ЁЖИК"],
            "rooms/roomseat": [code, "ЁЖИК"],
            "betting/market": [code, "WHAT HAPPENS"],
            "betting/correction": ["ЁЖИК"],
            "locations/device": ["ТЕЛЕФОН", "ЁЖИК", "groß"],
        }
        for path, words in searches.items():
            for word in words:
                page = browser.get(f"/admin/{path}/", {"q": word})
                assert page.status_code == 200 and page.context["cl"].result_count >= 1, (
                    path,
                    word,
                )
            page = browser.get(f"/admin/{path}/", {"q": "щщщ"})
            assert page.context["cl"].result_count == 0, path


def test_no_search_compares_bytes() -> None:
    for model, page in admin.site._registry.items():
        if model._meta.app_label in OWN:
            for field in page.search_fields:
                is_exact = field.startswith("=") or field == "bet_id"
                assert is_exact or field.endswith("__folded"), (page, field)
