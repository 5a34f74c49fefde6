"""Guests who never bet and stay away are forgotten; everybody else is not."""

import time
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.test import override_settings
from django.utils import timezone

from accounts.auth import bans, tokens
from accounts.models import RefreshToken, SignIn, User
from betting import bank
from betting.actions import guest_coins, wallets
from betting.audit.rebuild import rebuild
from betting.audit.reconcile import reconcile, silent
from betting.models import LedgerEntry, Wallet
from betting.tests.evenings import Evening
from betting.tests.scenario import dump
from locations.models import Device
from operations.clock import schedule
from operations.clock.guest_cleanup import ACCOUNTS_PER_STEP, GuestForgetter
from operations.clock.schedule import record
from rooms import access, live
from rooms.tests.people import Caller, member, somebody
from web import times


class GuestTests(Evening):
    def setUp(self) -> None:
        super().setUp()
        self.club = self.room.club_id
        self.guest = self.passer_by()

    def passer_by(self, days_ago: int = 8) -> User:
        """A guest who came, got the welcome coins, looked around and went."""
        guest = member(self.room, "pat")
        wallets.welcome(guest.pk, self.club)
        tokens.start(guest)
        record()
        self.age(guest, days_ago)
        return guest

    def age(self, guest: User, days: int) -> None:
        then = timezone.now() - timedelta(days=days)
        User.objects.filter(pk=guest.pk).update(joined_at=then)
        SignIn.objects.filter(user=guest).update(seen_at=then)
        SignIn.objects.filter(user=guest).exclude(ended_at_ms=None).update(ended_at_ms=1)

    def turn(self) -> None:
        """Look at everybody once, with nobody's sockets lingering from the turn before."""
        SignIn.objects.exclude(ended_at_ms=None).update(ended_at_ms=1)
        forgetter = GuestForgetter()
        for _ in range(2 + User.objects.count() // ACCOUNTS_PER_STEP):
            forgetter.step()

    def is_there(self, guest: User) -> bool:
        return User.objects.filter(pk=guest.pk).exists()

    def test_it_burns_the_coins_and_removes_the_account_in_two_turns(self) -> None:
        self.turn()
        assert self.is_there(self.guest)
        (sign_in,) = SignIn.objects.filter(user=self.guest)
        assert (sign_in.ended_why, bool(sign_in.ended_at_ms)) == ("unseen", True)
        self.turn()
        assert not self.is_there(self.guest)
        burn = LedgerEntry.objects.get(user_id=self.guest.pk, kind="burn")
        assert (burn.coins, burn.wallet_after) == (1000, 0)
        held = dump(self.club)
        assert str(self.guest.pk) not in held[bank.Keys(self.club).wallets]
        assert not any(str(self.guest.pk) in command for command in held["{c1}:grants"])
        assert not Wallet.objects.filter(user_id=self.guest.pk).exists()
        assert reconcile(self.club, deep=True).is_green

    def test_a_second_turn_and_a_second_clock_change_nothing_more(self) -> None:
        for _ in range(2):
            self.turn()
        seq = bank.head(self.club).seq
        self.turn()
        assert guest_coins.remove_coins([self.guest.pk]) == {self.guest.pk}
        assert bank.head(self.club).seq == seq

    def test_stopped_anywhere_in_between_the_next_turn_goes_on(self) -> None:
        for stop in (
            "betting.actions.guest_coins._burn",
            "betting.actions.guest_coins._forget",
            "betting.ledger.record_all",
            "betting.ledger.drop_empty_wallets",
            "accounts.guests.remove",
        ):
            guest = self.passer_by()
            self.turn()
            with mock.patch(stop, side_effect=SystemExit), self.assertRaises(SystemExit):
                self.turn()
            self.turn()
            assert not self.is_there(guest), stop
            burns = LedgerEntry.objects.filter(user_id=guest.pk, kind="burn")
            assert [burn.coins for burn in burns] == [1000], stop
            assert reconcile(self.club, deep=True).is_green, stop

    def test_who_comes_back_between_the_turns_stays(self) -> None:
        self.turn()
        caller = Caller(self.guest)
        self.turn()
        assert self.is_there(self.guest) and self.coins(caller) == 1000

    def test_who_becomes_an_account_between_the_turns_stays(self) -> None:
        self.turn()
        User.objects.filter(pk=self.guest.pk).update(is_guest=False, email="pat@example.org")
        self.turn()
        assert self.is_there(self.guest)

    def test_who_is_given_coins_at_the_last_moment_stays_with_them(self) -> None:
        self.turn()
        give = bank.grant(self.club, self.guest.pk, 7, "gift")
        burned = guest_coins._burn

        def burn_and_give(club_id: int, user_id: int) -> None:
            burned(club_id, user_id)
            bank.run(give)

        with mock.patch.object(guest_coins, "_burn", burn_and_give):
            self.turn()
        assert self.is_there(self.guest)
        assert bank.run(bank.read(self.club, [], [self.guest.pk])).coins == {self.guest.pk: 7}

    def test_it_keeps_who_bet_hosts_or_was_seen(self) -> None:
        market = self.market()
        staying = {"bettor": self.passer_by(), "host": self.host_user}
        self.bet(Caller(staying["bettor"]), market, 0, 10)
        staying |= {"late": self.passer_by(6), "operator's friend": self.passer_by()}
        wallets.Correction.objects.create(
            command="x", club=self.room.club, user=staying["operator's friend"], kind="grant",
            coins=1, reason="Thanks.", at_ms=1, seq=1,
        )  # fmt: skip
        banned, phone, socket = (self.passer_by() for _ in range(3))
        bans.ban(banned, "Cheating.")
        Device.objects.create(
            user=phone, name="Phone", digest="d", created_at_ms=1,
            seen_at_ms=time.time_ns() // 1_000_000,
        )  # fmt: skip
        live.ask(live.renew(self.room.pk, [socket.pk], time.time()))
        for who in staying.values():
            self.age(who, 6 if who == staying["late"] else 8)
        for _ in range(3):
            self.turn()
        for name, who in {**staying, "banned": banned, "phone": phone, "socket": socket}.items():
            assert self.is_there(who), name
        assert not self.is_there(self.guest)

    def test_a_rebuilt_bank_knows_nothing_of_them(self) -> None:
        for _ in range(2):
            self.turn()
        before = dump(self.club)
        rebuild(self.club, progress=silent)
        after = dump(self.club)
        for key in (bank.Keys(self.club).wallets, bank.Keys(self.club).grants):
            assert set(after[key]) == set(before[key])
        bank.open_gate()
        assert reconcile(self.club, deep=True).is_green

    def test_nobody_leaves_while_an_engine_is_away(self) -> None:
        self.turn()
        with (
            mock.patch.object(live, "ask", side_effect=live.LiveAway),
            self.assertRaises(live.LiveAway),
        ):
            self.turn()
        assert self.is_there(self.guest)

    def test_nobody_leaves_by_one_clock_that_is_ahead(self) -> None:
        guest = self.passer_by(days_ago=1)
        ahead_ms = times.now_ms() + 200 * times.DAY_MS
        with mock.patch("web.times.now_ms", return_value=ahead_ms):
            for _turn in range(2):
                GuestForgetter().step()
                schedule.forget_tokens()
        self.assertTrue(User.objects.filter(pk=guest.pk).exists())
        self.assertTrue(RefreshToken.objects.filter(sign_in__user=guest).exists())

    @override_settings(GUESTS_KEPT_DAYS=0)
    def test_an_operator_may_keep_them_for_ever(self) -> None:
        for _ in range(3):
            self.turn()
        assert self.is_there(self.guest)

    def test_it_looks_at_a_hundred_at_a_time(self) -> None:
        many = [User(nickname=f"g{n}", joined_at=datetime(2026, 1, 1, tzinfo=UTC))
                for n in range(ACCOUNTS_PER_STEP + 20)]  # fmt: skip
        User.objects.bulk_create(many)
        before = User.objects.count()
        forgetter = GuestForgetter()
        forgetter.step()
        assert before - ACCOUNTS_PER_STEP <= User.objects.count() < before
        forgetter.step()
        assert not User.objects.filter(nickname__startswith="g").exists()
        assert access.count_members(self.room) and somebody("later").pk
