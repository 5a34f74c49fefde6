"""Coming in, staying in and going out, over HTTP."""

from contextlib import suppress
from unittest import mock

from django.test import TestCase, override_settings

from accounts import arrivals
from accounts.auth import bans, cookies, entry
from accounts.auth.tokens import prove
from accounts.models import SignIn, User
from accounts.tests.pages import PASSWORD, Page
from accounts.tests.test_tokens import later
from web import limits
from web.refusals import Refused


@override_settings(ROOT_URLCONF="accounts.tests.urls")
class ComingIn(TestCase):
    def setUp(self) -> None:
        self.page = Page()

    def sign_ins(self) -> int:
        return self.page.get("/api/auth/sign-ins/").status_code

    def test_it_makes_a_guest_with_the_name_they_chose(self):
        answer = self.page.ask("guest/", {"nickname": "  Ali  Baba "})
        self.assertEqual(answer.status_code, 201)
        user = User.objects.get()
        expected = {"user": {"id": user.pk, "nickname": "Ali Baba", "is_guest": True}}
        self.assertEqual(answer.json(), expected)
        self.assertEqual(self.sign_ins(), 200)

    def test_it_names_a_guest_who_has_no_name(self):
        answer = self.page.ask("guest/", HTTP_ACCEPT_LANGUAGE="ko")
        self.assertGreaterEqual(len(answer.json()["user"]["nickname"]), 2)

    def test_it_leaves_a_signed_in_guest_who_they_are(self):
        user = self.page.guest()
        again = self.page.ask("guest/", {"nickname": "Another"})
        self.assertEqual((again.status_code, again.json()["user"]), (200, user))

    def test_it_knows_a_guest_whose_access_ran_out(self):
        guest = self.page.guest()
        self.page.let_access_expire()
        again = self.page.ask("guest/")
        self.assertEqual((again.status_code, again.json()["user"]), (200, guest))
        self.page.let_access_expire()
        account = self.page.register(nickname="Bob")
        expected = {"id": guest["id"], "nickname": "Bob", "is_guest": False}
        self.assertEqual((account.status_code, account.json()["user"]), (201, expected))
        self.assertEqual(User.objects.count(), 1)

    def test_it_knows_a_guest_while_two_tabs_renew(self):
        guest = self.page.guest()
        old = self.page.cookies[cookies.REFRESH].value
        self.page.ask("refresh/")
        self.page.let_access_expire()
        self.page.cookies[cookies.REFRESH] = old
        self.assertEqual(self.page.ask("guest/").json()["user"], guest)
        self.page.cookies[cookies.REFRESH] = old
        with later(3600):
            self.assertEqual(self.page.ask("guest/").json()["user"], guest)

    def test_it_takes_nobody_for_the_guest_who_logged_out(self):
        guest = self.page.guest()
        refresh = self.page.cookies[cookies.REFRESH].value
        self.page.ask("logout/")
        self.page.cookies[cookies.REFRESH] = refresh
        self.assertNotEqual(self.page.guest("Bob")["id"], guest["id"])

    def test_it_lets_no_banned_guest_come_in_as_another(self):
        bans.ban(User.objects.get(pk=self.page.guest()["id"]), "cheating")
        for _ in range(2):
            for answer in (self.page.ask("guest/"), self.page.register()):
                self.assertEqual(answer.status_code, 403)
                self.assertIn("cheating", answer.json()["error"]["message"])
            self.page.let_access_expire()
        self.assertEqual(User.objects.count(), 1)

    def test_it_tells_those_who_asked_about_an_arrival(self):
        told = []
        arrivals.on_arrival.append(told.append)
        try:
            self.page.guest()
            self.page.register()
        finally:
            arrivals.on_arrival.pop()
        self.assertEqual([user.pk for user in told], [User.objects.get().pk] * 2)

    def test_it_refuses_a_name_that_cannot_be_shown(self):
        for name in (
            "x",
            "a" * 21,
            "a\u202eb",
            "a\u0000b",
            "\u3164\u3164",
            "e\u0301\u0301\u0301\u0301",
            "Ann\ufe0f", "A\u034fnn", "Ann\U000e0100", "A\u17b4n", "A\u180bn", "A\U0001d159n",
            "A\U00016fe4n", "A\ufffcn", "❤\ufe0f\ufe0f",
        ):  # fmt: skip
            answer = self.page.ask("guest/", {"nickname": name})
            self.assertEqual(answer.json()["error"]["code"], "nickname_refused", ascii(name))
        self.assertFalse(User.objects.exists())

    def test_it_takes_a_name_with_an_emoji_as_phones_write_it(self):
        self.assertEqual(self.page.guest("Ann ❤\ufe0f")["nickname"], "Ann ❤\ufe0f")

    def test_it_upgrades_a_guest_in_place_with_new_tokens(self):
        guest = self.page.guest()
        old_access = self.page.cookies[cookies.ACCESS].value
        old = prove(old_access)
        answer = self.page.register(nickname="Bob")
        self.assertEqual(answer.status_code, 201)
        expected = {"id": guest["id"], "nickname": "Bob", "is_guest": False}
        self.assertEqual(answer.json()["user"], expected)
        self.assertEqual(SignIn.objects.get(pk=old.sign_in_id).ended_why, "upgraded")
        self.assertEqual(self.sign_ins(), 200)
        self.page.cookies[cookies.ACCESS] = old_access
        self.assertEqual(self.sign_ins(), 401)

    def test_it_upgrades_a_guest_also_where_too_many_came_in(self):
        self.page.guest()
        with suppress(Refused):
            for _ in range(20):
                limits.check_address("guests", "127.0.0.1")
        stranger = Page().register("bob@example.org", "Bob")
        self.assertEqual(stranger.json()["error"]["code"], "too_fast")
        self.assertEqual(self.page.register().status_code, 201)

    def test_it_limits_how_many_e_mails_a_guest_may_try(self):
        User.objects.create_user("Alice", "alice@example.org", PASSWORD)
        self.page.guest()
        with mock.patch.dict(limits.LIMITS, log_ins_account=(limits.Rate(0.001, 10),)):
            codes = [self.page.register().json()["error"]["code"] for _ in range(11)]
        self.assertEqual(codes, ["email_taken"] * 10 + ["too_fast"])

    def test_it_registers_a_stranger(self):
        answer = self.page.register("Carol@Example.ORG", "Carol")
        self.assertEqual(answer.status_code, 201)
        self.assertEqual(User.objects.get().email, "carol@example.org")
        self.assertTrue(User.objects.get().password.startswith("argon2"))

    def test_it_refuses_an_e_mail_that_is_taken(self):
        self.page.register()
        other = Page()
        guest = other.guest("Bob")
        answer = other.register("ALICE@example.org", "Bob")
        self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (409, "email_taken"))
        self.assertTrue(User.objects.get(pk=guest["id"]).is_guest)

    def test_it_answers_a_registration_again_as_the_first_time(self):
        guest = self.page.guest()
        before = {name: self.page.cookies[name].value for name in (cookies.ACCESS, cookies.REFRESH)}
        first = self.page.register(nickname="Bob")
        # With the new cookies; with those of the guest, as a lost answer leaves them; with none.
        again = [self.page.register(nickname="Bob")]
        for name, value in before.items():
            self.page.cookies[name] = value
        again.append(self.page.register(nickname="Bob"))
        self.assertEqual(self.sign_ins(), 200)
        again.append(Page().register(nickname="Bob"))
        for answer in again:
            self.assertEqual((answer.status_code, answer.json()), (201, first.json()))
        self.assertEqual(User.objects.get().pk, guest["id"])

    def test_it_answers_registrations_of_two_tabs_at_once(self):
        self.page.guest()
        present = SignIn.objects.select_related("user").get()
        self.page.register(nickname="Bob")
        # These were let in while the first was under way.
        caller = entry.Caller(device="", address="192.0.2.1", user_agent="")
        ask = {"nickname": "Bob", "password": PASSWORD, "caller": caller, "present": present}
        second = entry.register(email="alice@example.org", **ask)
        self.assertEqual((second.user.pk, second.user.is_guest), (present.user_id, False))
        with self.assertRaises(Refused) as refused:
            entry.register(email="bob@example.org", **ask)
        self.assertIn("in another tab", str(refused.exception.message))

    def test_it_takes_nobody_into_an_account_by_its_e_mail_alone(self):
        self.page.register()
        stranger = {"email": "alice@example.org", "nickname": "Bo", "password": PASSWORD[1:]}
        with mock.patch.dict(limits.LIMITS, log_ins=(limits.Rate(0.001, 5),)):
            codes = [Page().ask("register/", stranger).json()["error"]["code"] for _ in range(6)]
        self.assertEqual(codes, ["email_taken"] * 5 + ["too_fast"])

    def test_it_refuses_weak_passwords_and_nonsense(self):
        nameless = self.page.ask("guest/", {"nickname": None})
        self.assertEqual(nameless.json()["error"]["code"], "malformed")
        for password in ("short", "password123"):
            ask = {"email": "a@example.org", "nickname": "Al", "password": password}
            self.assertEqual(
                self.page.ask("register/", ask).json()["error"]["code"], "weak_password"
            )
        good = {"email": "a@example.org", "nickname": "Al", "password": PASSWORD}
        for broken in ({"email": "no"}, {"email": 1}, {"password": "x" * 257}, {"is_staff": True}):
            answer = self.page.ask("register/", good | broken)
            self.assertEqual(answer.status_code, 400)
            self.assertEqual(answer.json()["error"]["code"], "malformed")
        self.assertFalse(User.objects.exists())

    def test_it_logs_in_and_leaves_the_guest_behind(self):
        owner = self.page.register().json()["user"]
        for is_late in (False, True):
            other = Page()
            guest = other.guest("Bob")
            if is_late:
                other.let_access_expire()
            answer = other.ask("login/", {"email": "Alice@example.org", "password": PASSWORD})
            self.assertEqual((answer.status_code, answer.json()["user"]), (200, owner))
            self.assertTrue(User.objects.get(pk=guest["id"]).is_guest)
            self.assertEqual(SignIn.objects.get(user=guest["id"]).ended_why, "replaced")

    def test_it_says_the_same_for_a_wrong_password_and_an_unknown_e_mail(self):
        self.page.register()
        wrong = Page().ask("login/", {"email": "alice@example.org", "password": "x"})
        unknown = Page().ask("login/", {"email": "nobody@example.org", "password": "x"})
        self.assertEqual(wrong.status_code, 401)
        self.assertEqual(wrong.json()["error"]["code"], "wrong_credentials")
        self.assertEqual(wrong.json(), unknown.json())

    def test_it_counts_log_ins_by_account_however_its_e_mail_is_written(self):
        User.objects.create_superuser("Alice", "alice@example.org", PASSWORD)
        spellings = ("alice@example.org", "Alice@Example.org", " alice@example.org")
        with mock.patch.dict(limits.LIMITS, log_ins_account=(limits.Rate(0.001, 3),)):
            last = {"email": "alice@example.org ", "password": PASSWORD}
            asked = [*({"email": email, "password": "wrong"} for email in spellings), last]
            codes = [self.page.ask("login/", body).json()["error"]["code"] for body in asked]
            self.assertEqual(codes, ["wrong_credentials"] * 3 + ["too_fast"])
            door = {"username": "alice@example.org ", "password": PASSWORD}
            self.assertEqual(self.client.post("/admin/login/", door).status_code, 200)

    def test_it_ends_the_sign_in_at_log_out(self):
        self.page.guest()
        access = self.page.cookies[cookies.ACCESS].value
        answer = self.page.ask("logout/")
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(self.sign_ins(), 401)
        self.assertEqual(
            Page().get("/api/auth/sign-ins/", HTTP_AUTHORIZATION=f"Bearer {access}").status_code,
            401,
        )
        self.assertEqual(self.page.ask("logout/").status_code, 204)

    def test_it_logs_out_with_the_refresh_cookie_alone(self):
        self.page.guest()
        del self.page.cookies[cookies.ACCESS]
        self.assertEqual(self.page.ask("logout/").status_code, 204)
        self.assertEqual(SignIn.objects.get().ended_why, "logged out")

    def test_it_refuses_a_banned_user_at_once_and_says_why(self):
        user = User.objects.get(pk=self.page.guest()["id"])
        bans.ban(user, "cheating")
        for answer in (self.page.get("/api/auth/sign-ins/"), self.page.ask("refresh/")):
            self.assertEqual(answer.status_code, 403)
            self.assertIn("cheating", answer.json()["error"]["message"])
        bans.lift(user)
        self.assertEqual(self.sign_ins(), 200)

    def test_it_refuses_the_inactive_and_the_deleted_at_once(self):
        user = User.objects.get(pk=self.page.guest()["id"])
        User.objects.update(is_active=False)
        self.assertEqual(self.sign_ins(), 401)
        user.delete()
        self.assertEqual(self.sign_ins(), 401)

    def test_it_forgets_a_ban_that_is_over(self):
        user = User.objects.get(pk=self.page.guest()["id"])
        bans.ban(user, "for a moment", until_ms=1)
        self.assertEqual(self.sign_ins(), 200)


@override_settings(ROOT_URLCONF="accounts.tests.urls")
class OwnAccount(TestCase):
    def setUp(self) -> None:
        self.page = Page()
        self.page.register()
        self.elsewhere = Page()
        self.elsewhere.ask("login/", {"email": "alice@example.org", "password": PASSWORD})

    def test_it_changes_the_password_and_ends_every_other_sign_in(self):
        ask = {"current": PASSWORD, "new": "another long password"}
        self.assertEqual(self.page.ask("password/", ask).status_code, 200)
        self.assertEqual(self.page.get("/api/auth/sign-ins/").status_code, 200)
        self.assertEqual(self.elsewhere.get("/api/auth/sign-ins/").status_code, 401)
        log_in = {"email": "alice@example.org", "password": ask["new"]}
        self.assertEqual(Page().ask("login/", log_in).status_code, 200)
        self.assertEqual(Page().ask("login/", log_in | {"password": PASSWORD}).status_code, 401)

    def test_it_keeps_the_password_when_the_present_one_is_wrong(self):
        answer = self.page.ask("password/", {"current": "no", "new": "another long password"})
        self.assertEqual(answer.json()["error"]["code"], "wrong_credentials")
        self.assertEqual(self.elsewhere.get("/api/auth/sign-ins/").status_code, 200)

    def test_it_lists_the_own_sign_ins_and_ends_one(self):
        listed = self.page.get("/api/auth/sign-ins/").json()["results"]
        self.assertEqual([each["is_this"] for each in listed].count(True), 1)
        (other,) = (each["id"] for each in listed if not each["is_this"])
        stranger = Page()
        stranger.guest()
        self.assertEqual(stranger.ask(f"sign-ins/{other}/", method="DELETE").status_code, 404)
        self.assertEqual(self.page.ask(f"sign-ins/{other}/", method="DELETE").status_code, 204)
        self.assertEqual(self.elsewhere.get("/api/auth/sign-ins/").status_code, 401)
        self.assertEqual(len(self.page.get("/api/auth/sign-ins/").json()["results"]), 1)

    def test_it_ends_all_others_or_all(self):
        answer = self.page.ask("sign-ins/end/", {"others_only": True})
        self.assertEqual(answer.json(), {"ended": 1})
        self.assertEqual(self.page.get("/api/auth/sign-ins/").status_code, 200)
        self.assertEqual(self.page.ask("sign-ins/end/").json(), {"ended": 1})
        self.assertEqual(self.page.get("/api/auth/sign-ins/").status_code, 401)
