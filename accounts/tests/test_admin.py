"""What operators may do about people, and that it acts at once."""

from unittest.mock import patch

from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from accounts import doorman, handshake, limits, tokens, turned_away
from accounts.models import Ban, SignIn, User
from accounts.related import related_users
from accounts.tests.pages import PASSWORD, Page
from accounts.tests.test_handshake import knock

PEOPLE = "/admin/accounts/user/"
INLINE = {"sign_ins-TOTAL_FORMS": "0", "sign_ins-INITIAL_FORMS": "0"}
# Nothing has collected the static files of a test.
PLAIN_FILES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@override_settings(ROOT_URLCONF="accounts.tests.urls", STORAGES=PLAIN_FILES)
class Operating(TestCase):
    def setUp(self) -> None:
        self.operator = User.objects.create_superuser("Op", "op@example.org", PASSWORD)
        self.client.force_login(self.operator)
        self.page = Page()
        self.user = User.objects.get(pk=self.page.guest()["id"])

    def act(self, path, action, *chosen):
        chosen_ids = [str(each.pk) for each in chosen]
        body = {"action": action, "_selected_action": chosen_ids, "reason": "A test."}
        self.assertEqual(self.client.post(path, body).status_code, 302)

    def queries(self, path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            self.assertEqual(self.client.get(path).status_code, 200)
        return len(seen)

    def status(self) -> int:
        return self.page.get("/api/auth/sign-ins/").status_code

    def test_it_finds_people_by_id_nickname_and_e_mail(self):
        User.objects.create_user("Bob", "bob@example.org", PASSWORD)
        for query, found, missed in (
            (self.user.pk, "Alice", "Bob"),
            ("bob@", "Bob", "Alice"),
            ("Alic", "Alice", "Bob"),
        ):
            page = self.client.get(PEOPLE, {"q": query})
            rows = [user.nickname for user in page.context["cl"].result_list]
            self.assertIn(found, rows)
            self.assertNotIn(missed, rows)

    def test_it_shows_every_page_without_a_query_for_each_row(self):
        paths = (PEOPLE, "/admin/accounts/signin/", "/admin/accounts/ban/")
        Ban.objects.create(user=self.user, reason="x", created_at_ms=1, until_ms=2, lifted_at_ms=3)
        for path in paths:
            before = self.queries(path)
            for number in range(5):
                other = User.objects.create_user(f"Bob {number}")
                tokens.start(other)
                Ban.objects.create(user=other, reason="x", created_at_ms=1)
            self.assertEqual(self.queries(path), before, path)
        for path in (*paths[:1], paths[2]):
            self.assertEqual(self.client.get(f"{path}add/").status_code, 200)
        sign_in = SignIn.objects.first()
        self.assertEqual(self.client.get(f"{paths[1]}{sign_in.pk}/change/").status_code, 200)

    def test_it_bans_at_once_with_a_reason_and_an_end(self):
        ban = {"user": self.user.pk, "reason": "cheating", "hours": "2"}
        before_ms = tokens.now_ms()
        self.client.post("/admin/accounts/ban/add/", ban)
        self.assertEqual(self.status(), 403)
        kept = Ban.objects.get()
        self.assertEqual((kept.by, kept.until_ms - kept.created_at_ms), (self.operator, 7_200_000))
        self.assertGreaterEqual(kept.created_at_ms, before_ms)
        self.act("/admin/accounts/ban/", "lift", kept)
        self.assertEqual(self.status(), 200)

    def test_it_bans_for_good_and_lifts_from_the_list_of_people(self):
        self.client.post("/admin/accounts/ban/add/", {"user": self.user.pk, "reason": "x"})
        self.assertIsNone(Ban.objects.get().until_ms)
        self.assertEqual(self.status(), 403)
        self.act(PEOPLE, "lift_bans", self.user)
        self.assertEqual(self.status(), 200)

    def test_it_ends_sign_ins(self):
        self.act(PEOPLE, "end_sign_ins", self.user)
        self.assertEqual(self.status(), 401)
        self.page.guest()
        self.act("/admin/accounts/signin/", "end", SignIn.objects.get(ended_at_ms=None))
        self.assertEqual(self.status(), 401)

    def test_it_ends_sign_ins_of_whoever_becomes_inactive_or_gets_a_password(self):
        self.client.post(f"{PEOPLE}{self.user.pk}/change/", {"nickname": "Alice", **INLINE})
        self.assertFalse(User.objects.get(pk=self.user.pk).is_active)
        self.assertEqual(SignIn.objects.get().ended_why, "inactive")
        other = Page()
        owner = User.objects.get(pk=other.register().json()["user"]["id"])
        new = {"password1": "another long password", "password2": "another long password"}
        self.client.post(f"{PEOPLE}{owner.pk}/password/", {**new, "usable_password": "true"})
        self.assertEqual(SignIn.objects.get(user=owner).ended_why, "password changed")

    def test_it_ends_and_lifts_nothing_for_those_who_may_only_look(self):
        ban = Ban.objects.create(user=self.user, reason="x", created_at_ms=1)
        User.objects.filter(pk=self.operator.pk).update(is_superuser=False)
        for named in ("view_signin", "view_ban"):
            self.operator.user_permissions.add(Permission.objects.get(codename=named))
        for path, act, chosen in (
            ("/admin/accounts/signin/", "end", self.user.sign_ins.get()),
            ("/admin/accounts/ban/", "lift", ban),
        ):
            self.client.post(path, {"action": act, "_selected_action": [str(chosen.pk)]})
        self.assertIsNone(SignIn.objects.get().ended_at_ms)
        self.assertIsNone(Ban.objects.get().lifted_at_ms)

    def test_it_shows_related_accounts_and_punishes_nobody(self):
        other = User.objects.get(pk=Page().guest("Bob")["id"])
        self.assertEqual([user for user, _why in related_users(self.user)], [other])
        page = self.client.get(f"{PEOPLE}{self.user.pk}/change/")
        self.assertContains(page, f"Bob ({other.pk})")
        self.assertContains(page, "network")
        self.assertFalse(Ban.objects.exists())

    def test_it_makes_an_account_that_is_no_guest(self):
        new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        asked = {"email": "carol@example.org", "nickname": "Carol", **new}
        answer = self.client.post(f"{PEOPLE}add/", asked)
        self.assertEqual(answer.status_code, 302, answer.context and answer.context["errors"])
        self.assertFalse(User.objects.get(nickname="Carol").is_guest)

    def test_it_never_deletes_people(self):
        self.assertEqual(self.client.get(f"{PEOPLE}{self.user.pk}/delete/").status_code, 403)


@override_settings(ROOT_URLCONF="accounts.tests.urls", STORAGES=PLAIN_FILES)
class OperatorsDoor(TestCase):
    def setUp(self) -> None:
        self.operator = User.objects.create_superuser("Op", "op@example.org", PASSWORD)
        self.browser = Client()

    def log_in(self, password: str) -> int:
        ask = {"username": "op@example.org", "password": password}
        return self.browser.post("/admin/login/", ask).status_code

    def test_it_lets_an_operator_in(self):
        self.assertEqual(self.log_in(PASSWORD), 302)
        self.assertEqual(self.browser.get("/admin/").status_code, 200)

    def test_it_limits_attempts(self):
        self.assertEqual([self.log_in("wrong") for _ in range(5)], [200] * 5)
        self.assertEqual(self.log_in(PASSWORD), 200)

    def test_it_puts_a_banned_operator_out(self):
        self.log_in(PASSWORD)
        Ban.objects.create(user=self.operator, reason="x", created_at_ms=1)
        self.assertEqual(self.browser.get("/admin/").status_code, 302)


@override_settings(ROOT_URLCONF="accounts.tests.urls", STORAGES=PLAIN_FILES)
class WhyNot(TestCase):
    def setUp(self) -> None:
        self.client.force_login(User.objects.create_superuser("Op", "op@example.org", PASSWORD))

    def test_it_shows_the_last_refusals_in_plain_words(self):
        for origin in ("http://evil.example", ""):
            knock(origin or None, cookie="secret-token", bearer="" if origin else "Bearer secret")
        page = self.client.get("/admin/handshakes/")
        self.assertContains(page, "http://evil.example")
        self.assertContains(page, "not signed by this server")
        self.assertContains(page, "http://127.0.0.1:8000")
        self.assertNotContains(page, "secret")

    def test_it_tells_every_refusal_in_the_language_of_the_operator(self):
        scope = {"headers": [], "path": "/ws/locations/"}
        for why in (handshake.NO_ORIGIN, handshake.TOO_BUSY, handshake.TOO_MANY):
            async_to_sync(turned_away.remember)(why, scope, "")
        page = self.client.get("/admin/handshakes/", HTTP_ACCEPT_LANGUAGE="ko")
        told = [row["sentence"] for row in page.context["rows"]]
        self.assertEqual(len(told), 3)
        self.assertEqual([each for each in told if each.isascii()], [])

    def test_it_shows_who_came_too_often(self):
        nobody_waits = patch.object(doorman, "WAITING_MAX", 0)
        with nobody_waits, patch.dict(limits.LIMITS, strangers=(limits.Rate(1, burst=0),)):
            sent = knock("http://127.0.0.1:8000")
        self.assertEqual(sent[0]["status"], 429)
        page = self.client.get("/admin/handshakes/")
        self.assertContains(page, "Too many sockets at once")

    def test_it_tries_from_here(self):
        with override_settings(PUBLIC_URL="http://127.0.0.1:1"):
            page = self.client.post("/admin/handshakes/", {"origin": "http://127.0.0.1:1"})
        self.assertContains(page, "Nobody listens")

    def test_it_is_for_operators_only(self):
        self.assertEqual(Client().get("/admin/handshakes/").status_code, 302)
