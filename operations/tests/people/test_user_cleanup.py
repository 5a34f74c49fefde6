"""A user who asks for it is forgotten, once the last bet was played to the end."""

from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from accounts import forgetting
from accounts.auth import tokens
from accounts.models import Forgetting, SignIn, User
from betting import bank
from betting.audit.reconcile import reconcile
from betting.models import LedgerEntry, Market, Wallet
from betting.tests.evenings import Evening, code_of
from betting.tests.scenario import dump
from locations.fixes.fix import Fix
from locations.history import storage
from locations.models import BetDecision, Device, LocationFix, UserLocation
from operations.clock import user_cleanup
from rooms import chat, live
from rooms.models import ChatLine, Membership, Room, RoomAct
from rooms.tests.people import Caller, room_of, somebody
from web.rows import set_aside
from web.times import now_ms

PASSWORD = "correct horse battery"
SECRET = "Zacharias"


def let_pass() -> None:
    """Ten seconds go by, in which pages and requests that are under way end."""
    Membership.objects.exclude(state="in").update(changed_at_ms=1)
    SignIn.objects.exclude(ended_at_ms=None).update(ended_at_ms=1)
    User.objects.exclude(signed_out_at_ms=None).update(signed_out_at_ms=1)


def turns(count: int = 3) -> None:
    for _ in range(count):
        user_cleanup.forget_users()
        let_pass()


@override_settings(ROOT_URLCONF="config.urls")
class ForgettingTests(Evening):
    def setUp(self) -> None:
        super().setUp()
        self.user = self.users[0]
        self.club = self.room.club_id

    def live_in(self) -> dict[str, Any]:
        """Leave a trace of the user everywhere; the question that they have coins on."""
        self.ana.ask("PATCH", "auth/me/", {"nickname": SECRET})
        User.objects.filter(pk=self.user.pk).update(
            email="zac@example.org", password="x", is_guest=False
        )
        self.ana.ask("POST", f"rooms/{self.room.code}/chat/", {"text": f"{SECRET} was here"})
        chat.copy_chat()
        line = ChatLine.objects.get(user=self.user)
        path = f"rooms/{self.room.code}/chat/{line.line_id}/"
        assert code_of(self.host.ask("DELETE", path)) == "ok"
        self.ana.ask("POST", f"rooms/{self.room.code}/chat/", {"text": "My name is Zac"})
        fix = Fix(fix_ms=now_ms(), received_ms=now_ms(), lat_e7=1, lon_e7=1)
        storage.write([(self.user.pk, fix)])
        Device.objects.create(user=self.user, name="Phone", digest="d", created_at_ms=1)
        BetDecision.objects.create(
            bet_id="8b3f8b5e-6a3c-4c35-9c2e-3e1f1b0f6d10", user_id=self.user.pk, rule=1,
            room_id=self.room.pk, market_id=1, at_ms=1, proof="fix", where="inside",
        )  # fmt: skip
        set_aside.put("chat", ValueError(), user_id=self.user.pk, fields={"frame": "x"})
        market = self.market()
        self.bet(self.ana, market, 0, 30)
        self.bet(self.bo, market, 1, 10)
        return market

    def ask(self, who: Caller) -> Any:
        return who.ask("POST", "auth/forget/")

    def is_done(self, user: User | None = None) -> bool:
        return Forgetting.objects.get(pk=(user or self.user).pk).done_at_ms is not None

    def check_forgotten(self) -> None:
        user = User.objects.get(pk=self.user.pk)
        assert (user.nickname, user.email, user.is_active) == (f"#{user.pk}", None, False)
        assert not user.has_usable_password()
        for model in (SignIn, ChatLine, Device):
            assert not model.objects.filter(user=user).exists(), model
        for model in (LocationFix, BetDecision):
            assert not model.objects.filter(user_id=user.pk).exists(), model
        assert not UserLocation.objects.filter(pk=user.pk).exists()
        assert [row.user_id for row in set_aside.rows() if row.user_id == user.pk] == []
        [frames] = live.ask(live.tail(self.room.pk, 100))
        assert not any("Zac" in frame for frame in frames)
        acts = RoomAct.objects.all()
        told = [f"{act.by_name} {act.of_name} {act.detail} {act.reason}" for act in acts]
        assert told and not any("Zac" in line for line in told)
        assert Membership.objects.get(room=self.room, user=user).shown_as == f"#{user.pk}"
        for text in self.dumped():
            assert "Zac" not in text and "zac@" not in text

    def dumped(self) -> list[str]:
        """Every text that SQL keeps of anything that names a person."""
        models = (User, SignIn, Membership, ChatLine, RoomAct, Market)
        return [str(row) for model in models for row in model.objects.values()]

    def test_it_plays_the_open_bets_to_the_end_and_forgets_all_but_a_number(self) -> None:
        market = self.live_in()
        assert self.ask(self.ana).status_code == 202
        turns()
        # Still a person: the bet stands, they can see it, and they place no other.
        assert User.objects.get(pk=self.user.pk).nickname == SECRET and not self.is_done()
        assert self.ana.ask("GET", "me/bets/").json()["results"][0]["payout"] is None
        assert code_of(self.bet(self.ana, market, 0, 30)) == "not_member"
        enter = self.ana.ask("POST", f"rooms/{self.room.code}/enter/")
        assert code_of(enter) == "forbidden"
        opened = self.ana.ask("POST", "rooms/", {"title": "More", "visibility": "public"})
        assert code_of(opened) == "forbidden"

        self.step(market, "lock")
        assert self.settle(market, 0).status_code == 200
        paid = LedgerEntry.objects.get(user_id=self.user.pk, kind="payout")
        assert paid.coins == 40
        turns()
        assert self.is_done()
        self.check_forgotten()
        burn = LedgerEntry.objects.get(user_id=self.user.pk, kind="burn")
        assert (burn.coins, burn.wallet_after) == (1010, 0)
        assert LedgerEntry.objects.filter(user_id=self.user.pk, kind="bet").count() == 1
        assert self.ana.ask("GET", "auth/me/").status_code == 401
        assert self.coins(self.bo) == 990
        assert reconcile(self.club, deep=True).is_green

    def test_it_is_the_same_asked_twice_or_by_two_and_when_done_again(self) -> None:
        first, again = self.ask(self.ana), self.ask(self.ana)
        assert first.status_code == again.status_code == 202
        assert first.json() == again.json() == self.ana.ask("GET", "auth/forget/").json()
        turns()
        seq = bank.head(self.club).seq
        Forgetting.objects.update(done_at_ms=None)
        turns()
        assert self.is_done() and bank.head(self.club).seq == seq
        assert self.bo.ask("GET", "auth/forget/").json() == {"asked_at_ms": None}

    def test_stopped_anywhere_in_between_the_next_turn_goes_on(self) -> None:
        market = self.live_in()
        self.ask(self.ana)
        self.step(market, "lock")
        self.settle(market, 0)
        turns(2)
        for stop in (
            "rooms.chat.take_out_all_of",
            "rooms.people.forgotten_members._rename",
            "rooms.people.forgotten_members._forget_in_logs",
            "locations.history.storage.erase",
            "web.rows.set_aside.forget",
            "betting.actions.guest_coins._burn",
            "betting.actions.forgotten_bettors.rename_decider",
            "accounts.forgetting.note_done",
        ):
            with mock.patch(stop, side_effect=SystemExit), pytest.raises(SystemExit):
                turns(1)
            assert not self.is_done(), stop
            let_pass()
        turns()
        assert self.is_done()
        self.check_forgotten()
        burns = LedgerEntry.objects.filter(user_id=self.user.pk, kind="burn")
        assert [burn.coins for burn in burns] == [1010]

    def test_one_whose_turn_fails_holds_up_nobody(self) -> None:
        self.ask(self.ana)
        self.ask(self.bo)
        rename, failing = live.forget_here, self.user.pk

        def fail(room_id: int, user_id: int) -> None:
            if user_id == failing:
                raise live.LiveAway
            rename(room_id, user_id)

        with mock.patch.object(live, "forget_here", fail), pytest.raises(live.LiveAway):
            user_cleanup.forget_users()
        bo = Membership.objects.get(room=self.room, user=self.users[1])
        assert bo.state == Membership.State.LEFT

    def test_a_host_is_forgotten_with_the_room_once_its_question_is_decided(self) -> None:
        market = self.market()
        self.bet(self.bo, market, 1, 10)
        self.ask(self.host)
        turns()
        assert Room.objects.get(pk=self.room.pk).is_live and not self.is_done(self.host_user)
        operator = User.objects.create_superuser("Olga", "olga@example.org", PASSWORD)
        assert self.step(market, "void", Caller(operator), reason="Gone.").status_code == 200
        turns(4)
        assert self.is_done(self.host_user)
        assert not Room.objects.get(pk=self.room.pk).is_live
        named = Market.objects.get(pk=market["id"]).settlement["by"]["id"]
        assert named == operator.pk

    def test_a_room_goes_on_with_its_cohost(self) -> None:
        Membership.objects.filter(room=self.room, user=self.users[1]).update(role="cohost")
        self.market()
        self.ask(self.host)
        turns()
        assert self.is_done(self.host_user) and Room.objects.get(pk=self.room.pk).is_live
        shown = self.bo.ask("GET", f"rooms/{self.room.code}/").json()
        assert shown["host"] == {"id": self.host_user.pk, "nickname": f"#{self.host_user.pk}"}

    def test_the_decider_of_a_settlement_is_a_number_afterwards(self) -> None:
        market = self.market()
        self.step(market, "lock")
        self.row(market)
        self.ask(self.host)
        turns()
        told = str(list(Market.objects.values_list("settlement", flat=True)))
        assert "Hana" not in told

    def test_an_operator_asks_for_a_person_and_by_command(self) -> None:
        operator = User.objects.create_superuser("Olga", "olga@example.org", PASSWORD)
        admin = Client()
        admin.force_login(operator)
        body = {"action": "forget", "_selected_action": [self.user.pk], "reason": "By letter."}
        admin.post(f"/admin/accounts/user/{self.user.pk}/act/forget/", body)
        assert Forgetting.objects.get(pk=self.user.pk).by == operator
        out = StringIO()
        call_command("forget", self.users[1].pk, stdout=out)
        call_command("forget", stdout=out)
        assert [user.pk for user in forgetting.waiting()] == [self.user.pk, self.users[1].pk]
        assert str(self.user) in out.getvalue()
        for nobody in (operator.pk, 10**9):
            with pytest.raises(CommandError):
                call_command("forget", nobody)
        turns()
        assert self.is_done() and self.is_done(self.users[1])

    def test_a_guest_who_never_bet_leaves_nothing_in_the_bank(self) -> None:
        guest = Caller(somebody("Passer-by"))
        guest.ask("POST", f"rooms/{self.room.code}/enter/")
        assert self.ask(guest).status_code == 202
        turns()
        assert guest.user and self.is_done(guest.user)
        assert Wallet.objects.get(user=guest.user).coins == 0
        assert dump(self.club)[bank.Keys(self.club).wallets][str(guest.user.pk)] == "0"


class OriginTests(Evening):
    def test_a_sign_in_that_ended_a_month_ago_keeps_neither_address_nor_browser(self) -> None:
        user = somebody("Zoe")
        origin = {"device": "d", "address": "192.0.2.7", "user_agent": "Browser"}
        day_ms = 86_400_000
        kept = [tokens.start(user, **origin).sign_in, tokens.start(user, **origin).sign_in]
        old = tokens.start(user, **origin).sign_in
        for sign_in, days in ((kept[1], 29), (old, 31)):
            SignIn.objects.filter(pk=sign_in.pk).update(ended_at_ms=now_ms() - days * day_ms)
        lost = tokens.start(user, **origin).sign_in
        SignIn.objects.filter(pk=lost.pk).update(seen_at="2020-01-01T00:00:00Z")
        forgetter = user_cleanup.OriginForgetter()
        for _ in range(2):
            forgetter.step()
            forgetter.step()
            for sign_in in SignIn.objects.filter(user=user):
                told = (sign_in.device, sign_in.address, sign_in.user_agent)
                is_kept = sign_in.pk in {each.pk for each in kept}
                assert told == (tuple(origin.values()) if is_kept else ("", "", ""))

    def test_no_clock_that_is_ahead_forgets_them(self) -> None:
        sign_in = tokens.start(somebody("Zoe"), address="192.0.2.7").sign_in
        tokens.end([sign_in.pk], "logged out")
        ahead_ms = now_ms() + 200 * 86_400_000
        with mock.patch("web.times.now_ms", return_value=ahead_ms):
            user_cleanup.OriginForgetter().step()
        sign_in.refresh_from_db()
        assert sign_in.address == "192.0.2.7"


def test_a_room_of_somebody_else_is_left_alone(db: None) -> None:
    host, other = somebody("Hana"), somebody("Odo")
    room = room_of(other)
    forgetting.ask(host)
    turns()
    assert Room.objects.get(pk=room.pk).is_live
