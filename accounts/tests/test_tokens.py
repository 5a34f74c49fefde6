"""Refresh tokens survive lost answers, and end with a copy."""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

from django.test import SimpleTestCase, TestCase, TransactionTestCase, override_settings

from accounts.auth import bans, cookies, revocation, tokens
from accounts.models import RefreshToken, SignIn, User
from accounts.tests.crowds import at_once
from accounts.tests.pages import Page
from web import times


def later(seconds: float):
    """Set this process's clock so many seconds ahead."""
    at_ms = times.now_ms() + round(seconds * 1000)
    return patch.object(tokens, "now_ms", return_value=at_ms)


class Refreshing(TestCase):
    def setUp(self) -> None:
        self.user = User.objects.create_user("Alice")
        self.first = tokens.start(self.user, device="d" * 32)

    def refresh(self, token: str | None, device: str = "d" * 32):
        assert token is not None
        return tokens.refresh(token, device=device)

    def has_ended(self) -> bool:
        return SignIn.objects.get().ended_at_ms is not None

    def test_it_proves_nothing_by_absurd_claims_under_the_right_key(self):
        claims = tokens.AccessToken(self.first.access).payload
        for absurd in (
            {"exp": 10**30}, {"exp": -(10**30)}, {"exp": 1e308}, {"exp": "soon"}, {"iat": 10**30},
            {"nbf": 10**30}, {"user": 2**70}, {"user": -1}, {"user": 0}, {"user": 1e400},
            {"user": None}, {"sign_in": 7}, {"sign_in": "x" * 9_000}, {"token_type": 10**30},
        ):  # fmt: skip
            forged = tokens.KeyRing().encode(claims | absurd)
            with self.subTest(absurd):
                header = {"HTTP_AUTHORIZATION": f"Bearer {forged}"}
                self.assertEqual(self.client.get("/api/auth/me/", **header).status_code, 401)
                with self.assertRaises(tokens.Unproven):
                    tokens.prove(forged)

    def test_it_rotates(self):
        second = self.refresh(self.first.refresh)
        self.assertNotIn(second.refresh, (None, self.first.refresh))
        self.assertIsNotNone(self.refresh(second.refresh).refresh)
        self.assertEqual(tokens.prove(second.access).user_id, self.user.pk)

    def test_it_gives_another_successor_however_late_while_none_was_used(self):
        for hours in (0, 0.002, 0.01, 1, 3, 24, 29 * 24):
            with later(hours * 3600):
                again = self.refresh(self.first.refresh)
                tokens.prove(again.access)
        with later(29 * 86_400 + 300):
            self.assertIsNotNone(self.refresh(again.refresh))
        self.assertFalse(self.has_ended())

    def test_it_takes_any_of_the_successors_that_were_handed_out(self):
        one, other = (self.refresh(self.first.refresh) for _ in range(2))
        self.assertNotEqual(one.refresh, other.refresh)
        self.assertIsNotNone(self.refresh(other.refresh))
        self.assertIsNotNone(self.refresh(one.refresh))
        self.assertFalse(self.has_ended())

    def test_it_ends_the_family_when_an_older_token_is_used_after_a_successor(self):
        second = self.refresh(self.first.refresh)
        third = self.refresh(second.refresh)
        self.assertIsNone(self.refresh(self.first.refresh))
        self.assertEqual(SignIn.objects.get().ended_why, "reused")
        self.assertIsNone(self.refresh(third.refresh))

    def test_a_guest_survives_a_day_in_which_every_second_answer_is_lost(self):
        kept, copied = self.first.refresh, ""
        for number in range(50):
            with later(number * 1728):
                answer = self.refresh(kept)
                tokens.prove(answer.access)
                self.assertEqual(tokens.forget_expired(), 0)
            if number == 20:
                copied = kept
            if number % 2:
                kept = answer.refresh
        self.assertFalse(self.has_ended())
        with later(86_400):
            self.assertIsNone(self.refresh(copied))
        self.assertTrue(self.has_ended())

    def test_it_keeps_no_token_that_is_over(self):
        token = self.first.refresh
        for _ in range(10):
            token = self.refresh(token).refresh
        self.assertEqual(RefreshToken.objects.count(), 2)

    def test_it_ends_the_family_when_another_device_uses_it_again(self):
        self.refresh(self.first.refresh)
        self.assertIsNone(self.refresh(self.first.refresh, device=""))
        self.assertTrue(self.has_ended())

    def test_it_knows_neither_strange_nor_expired_tokens(self):
        self.assertIsNone(self.refresh("nonsense"))
        with later(tokens.REFRESH_LIFETIME_S + 1):
            self.assertIsNone(self.refresh(self.first.refresh))
        self.assertFalse(self.has_ended())

    def test_it_refuses_the_banned_and_the_ended(self):
        ban = bans.ban(self.user, "no", until_ms=times.now_ms() + 60_000)
        self.assertIsNone(self.refresh(self.first.refresh))
        ban.delete()
        tokens.end([self.first.sign_in.pk], "logged out")
        self.assertIsNone(self.refresh(self.first.refresh))

    def test_it_keeps_the_reason_of_the_first_end(self):
        self.assertEqual(tokens.end_all(self.user, "first"), 1)
        self.assertEqual(tokens.end_all(self.user, "second"), 0)
        self.assertEqual(SignIn.objects.get().ended_why, "first")

    def test_it_ends_the_family_when_a_forgotten_token_is_used_again(self):
        third = self.refresh(self.refresh(self.first.refresh).refresh)
        self.assertFalse(RefreshToken.objects.filter(generation=1).exists())
        self.assertIsNone(self.refresh(self.first.refresh))
        self.assertTrue(self.has_ended())
        self.assertIsNone(self.refresh(third.refresh))

    def test_it_ends_nothing_for_a_token_that_was_never_issued(self):
        family = self.first.sign_in.pk.hex
        seal = self.first.refresh.partition(":")[2]
        for token in (
            family,
            f"{family}never issued",
            f"{family}never issued:{seal}",
            f"{family}:",
        ):
            self.assertIsNone(self.refresh(token))
        self.assertFalse(self.has_ended())

    def test_it_removes_expired_tokens(self):
        self.assertEqual(tokens.forget_expired(), 0)
        with later(tokens.REFRESH_LIFETIME_S + 1):
            self.assertEqual(tokens.forget_expired(), 1)

    def test_it_tells_who_ended_since(self):
        since_ms = times.now_ms()
        other = User.objects.create_user("Bob")
        self.assertFalse(revocation.ended_since(since_ms).sign_ins)
        tokens.end_all(self.user, "logged out")
        bans.ban(other, "no")
        ended = revocation.ended_since(since_ms)
        self.assertEqual(ended.sign_ins, {str(self.first.sign_in.pk)})
        self.assertEqual(ended.users, {other.pk})
        with self.assertNumQueries(2):
            self.assertFalse(revocation.ended_since(since_ms + 3_600_000).users)


class Clocks(SimpleTestCase):
    def proves(self, *, begun_s: float, lasting_s: float) -> str:
        """What is said of a token that began so many seconds from now, by our clock."""
        token = tokens.AccessToken()
        begun = token.current_time + timedelta(seconds=begun_s)
        token["user"], token["sign_in"] = 1, str(uuid4())
        token.set_iat(at_time=begun)
        token.set_exp(from_time=begun, lifetime=timedelta(seconds=lasting_s))
        try:
            tokens.prove(str(token))
        except tokens.Unproven as unproven:
            return unproven.why
        return "proven"

    def test_it_takes_tokens_of_a_machine_whose_clock_is_a_little_ahead(self):
        self.assertEqual(self.proves(begun_s=1, lasting_s=300), "proven")
        self.assertEqual(self.proves(begun_s=tokens.CLOCKS_APART_S - 1, lasting_s=300), "proven")
        self.assertEqual(self.proves(begun_s=60, lasting_s=300), "invalid")

    def test_it_lets_no_token_live_longer_for_that(self):
        self.assertEqual(self.proves(begun_s=-299, lasting_s=310), "proven")
        self.assertEqual(self.proves(begun_s=-302, lasting_s=300), "expired")


class RefreshingAtOnce(TransactionTestCase):
    def test_a_hundred_at_once_are_all_renewed_and_any_answer_may_be_the_last(self):
        first = tokens.start(User.objects.create_user("Alice"), device="d" * 32)
        answers = at_once(100, lambda: tokens.refresh(first.refresh, device="d" * 32))
        renewed = [answer.refresh for answer in answers if answer]
        self.assertEqual(len(set(renewed)), 100)
        at_last = at_once(2, lambda: tokens.refresh(renewed[-1], device="d" * 32))
        self.assertEqual(len([answer for answer in at_last if answer]), 2)
        self.assertIsNone(tokens.refresh(first.refresh, device="d" * 32))
        self.assertEqual(SignIn.objects.get().ended_why, "reused")


@override_settings(ROOT_URLCONF="accounts.tests.urls")
class RefreshingOverHttp(TestCase):
    def setUp(self) -> None:
        self.page = Page()
        self.page.guest()
        self.old = self.page.cookies[cookies.REFRESH].value

    def test_it_renews_the_cookies(self):
        answer = self.page.ask("refresh/")
        self.assertEqual(answer.status_code, 200)
        self.assertGreater(answer.json()["access_expires_at_ms"], times.now_ms() + 290_000)
        self.assertNotEqual(self.page.cookies[cookies.REFRESH].value, self.old)

    def test_it_sets_both_cookies_again_where_the_answer_was_lost(self):
        self.page.ask("refresh/")
        self.page.cookies[cookies.REFRESH] = self.old
        with later(3600):
            answer = self.page.ask("refresh/")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(cookies.ACCESS, answer.cookies)
        self.assertNotIn(answer.cookies[cookies.REFRESH].value, ("", self.old))

    def test_it_takes_cookies_away_that_are_good_for_nothing(self):
        self.page.ask("refresh/")
        self.page.ask("refresh/")
        self.page.cookies[cookies.REFRESH] = self.old
        answer = self.page.ask("refresh/")
        self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (401, "sign_in"))
        self.assertEqual(answer.cookies[cookies.REFRESH]["max-age"], 0)
        self.assertEqual(Page().ask("refresh/").status_code, 401)

    def test_it_leaves_the_cookies_of_a_sign_in_that_began_in_the_place_of_this_one(self):
        self.assertEqual(self.page.register().status_code, 201)
        new = self.page.cookies[cookies.REFRESH].value
        # A socket was told of the end before the new cookies came.
        self.page.cookies[cookies.REFRESH] = self.old
        answer = self.page.ask("refresh/")
        self.assertEqual((answer.status_code, dict(answer.cookies)), (401, {}))
        self.page.cookies[cookies.REFRESH] = new
        self.assertEqual(self.page.ask("refresh/").status_code, 200)
