"""A user takes a copy of everything that is kept of them."""

import json
from typing import Any
from unittest import mock

from django.test import TransactionTestCase, override_settings

from accounts.models import User
from betting.actions import wallets
from betting.tests.evenings import Evening
from locations.fixes.fix import Fix
from locations.history import storage
from operations import own_copy
from rooms import access
from rooms.tests.people import Caller, room_of, somebody
from web.times import now_ms


def copy_of(user: User) -> Any:
    return json.loads(b"".join(own_copy.pieces(user)))


@override_settings(ROOT_URLCONF="config.urls")
class OwnCopyTests(Evening):
    def test_it_holds_account_bets_ledger_chat_sign_ins_and_positions(self) -> None:
        user = self.users[0]
        User.objects.filter(pk=user.pk).update(email="ana@example.org")
        user.refresh_from_db()
        self.ana.ask("POST", f"rooms/{self.room.code}/chat/", {"text": "Go, Ana!"})
        fix = Fix(fix_ms=now_ms(), received_ms=now_ms(), lat_e7=525000000, lon_e7=134000000)
        storage.write([(user.pk, fix)])
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        self.step(market, "lock")
        self.settle(market, 0)

        copy = copy_of(user)
        account = copy["account"]
        assert (account["nickname"], account["email"]) == ("ana", "ana@example.org")
        assert account["wallets"] == [{"club": "main", "coins": 1010}]
        assert [line["text"] for line in copy["chat"]] == ["Go, Ana!"]
        assert [(bet["stake"], bet["payout"]) for bet in copy["bets"]] == [(30, 40)]
        assert [line["kind"] for line in copy["ledger"]] == ["payout", "bet", "grant"]
        assert [fix["lat"] for fix in copy["positions"]] == [52.5]
        assert [room["code"] for room in copy["rooms"]] == [self.room.code]
        assert len(copy["sign_ins"]) == 1
        others = copy_of(self.users[2])
        assert not (others["bets"] or others["chat"] or others["positions"])

    def test_it_is_read_in_pieces_that_are_bounded(self) -> None:
        user = self.users[0]
        fixes = [Fix(fix_ms=now_ms() - n, received_ms=now_ms(), lat_e7=1, lon_e7=1)
                 for n in range(7)]  # fmt: skip
        storage.write((user.pk, fix) for fix in fixes)
        for number in range(5):
            self.ana.ask("POST", f"rooms/{self.room.code}/chat/", {"text": f"Line {number}"})
        with mock.patch.object(own_copy, "ROWS_PER_PIECE", 2):
            found = list(own_copy.pieces(user))
        copy = json.loads(b"".join(found))
        assert [line["text"] for line in copy["chat"]] == [f"Line {n}" for n in range(5)]
        assert sorted(fix.fix_ms for fix in fixes) == [fix["fix_ms"] for fix in copy["positions"]]
        assert max(piece.count(b"\n") for piece in found) <= 2


@override_settings(ROOT_URLCONF="config.urls")
class OwnCopyCallTests(TransactionTestCase):
    def test_its_owner_gets_it_as_a_file_and_a_stranger_gets_nothing(self) -> None:
        user = somebody("ana")
        room = room_of(user)
        access.enter(user, room)
        wallets.welcome(user.pk, room.club_id)
        answer = Caller(user).ask("GET", "me/export/")
        copy = json.loads(b"".join(answer))  # type: ignore[arg-type]
        assert copy["account"]["id"] == user.pk
        assert [line["coins"] for line in copy["ledger"]] == [1000]
        assert "attachment" in answer["Content-Disposition"]
        assert answer["Cache-Control"] == "no-store"
        assert Caller().ask("GET", "me/export/").status_code == 401
