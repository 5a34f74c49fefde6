"""What operators may do about people, and that it acts at once."""

from unittest.mock import patch

from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.admin.forms import AccountForm
from accounts.admin.related import related_users
from accounts.auth import tokens
from accounts.handshake import middleware, refused_log, turns
from accounts.models import Ban, SignIn, User
from accounts.tests.pages import PASSWORD, Page
from accounts.tests.test_handshake import handshake
from web import limits, times

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

    def test_it_lets_support_give_nobody_rights_and_touch_no_operator(self):
        support = User.objects.create_user("Sue", "sue@example.org", PASSWORD, is_staff=True)
        rights = Permission.objects.filter(codename__in=("view_user", "change_user", "view_signin"))
        support.user_permissions.set(rights)
        self.client.force_login(support)
        form = {"nickname": "Alice", "email": "", "is_active": "on", **INLINE}
        made = {**form, "is_staff": "on", "is_superuser": "on"}
        self.assertEqual(self.client.post(f"{PEOPLE}{self.user.pk}/change/", made).status_code, 302)
        self.user.refresh_from_db()
        self.assertFalse(self.user.is_staff or self.user.is_superuser)
        for operator in (support, self.operator):
            for page in ("change", "password"):
                answer = self.client.post(f"{PEOPLE}{operator.pk}/{page}/", made)
                self.assertEqual(answer.status_code, 403, page)
        more = Permission.objects.filter(codename__in=("add_ban", "view_ban"))
        support.user_permissions.add(*more)
        ban = {"hours": "1", "reason": "A test."}
        self.client.post(f"{PEOPLE}{self.operator.pk}/act/ban/", ban)
        self.client.post("/admin/accounts/ban/add/", {**ban, "user": self.operator.pk})
        self.assertFalse(Ban.objects.exists())
        self.client.post("/admin/accounts/ban/add/", {**ban, "user": self.user.pk})
        self.assertEqual(Ban.objects.get().user, self.user)
        kept = Ban.objects.create(user=self.operator, reason="A test.", created_at_ms=1)
        self.client.post(f"{PEOPLE}{self.operator.pk}/act/lift_bans/", {"reason": "A test."})
        self.act("/admin/accounts/ban/", "lift", kept)
        kept.refresh_from_db()
        self.assertIsNone(kept.lifted_at_ms)
        standing = tokens.start(self.operator, device="", address="", user_agent="")
        self.client.post(f"{PEOPLE}{self.operator.pk}/act/end_sign_ins/", {"reason": "A test."})
        self.act("/admin/accounts/signin/", "end", standing.sign_in)
        self.assertIsNone(SignIn.objects.get(pk=standing.sign_in.pk).ended_at_ms)
        support.refresh_from_db()
        self.assertFalse(support.is_superuser)

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
        before_ms = times.now_ms()
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

    def make(self, email: str, nickname: str) -> HttpResponse:
        new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        asked = {"email": email, "nickname": nickname, **new}
        return self.client.post(f"{PEOPLE}add/", asked)

    def change(self, user: User, **said: str) -> HttpResponse:
        asked = {"nickname": user.nickname, "is_active": "on", **INLINE, **said}
        return self.client.post(f"{PEOPLE}{user.pk}/change/", asked)

    def test_it_makes_an_account_that_can_sign_in_and_is_no_guest(self):
        self.assertEqual(self.make(" Carol@Example.org ", "Carol  C").status_code, 302)
        carol = User.objects.get(nickname="Carol C")
        self.assertEqual((carol.email, carol.is_guest), ("carol@example.org", False))
        log_in = {"email": "Carol@Example.org", "password": PASSWORD}
        self.assertEqual(Page().ask("login/", log_in).status_code, 200)
        again = self.make("CAROL@example.org", "Other").context["adminform"].form.errors
        self.assertEqual(list(again), ["email"])

    def test_it_refuses_names_that_nobody_may_give_themselves(self):
        for nickname in ("Kim\u202e two\u200b", "x", "Kim\ufe0f"):
            refused = self.make("kim@example.org", nickname).context["adminform"].form.errors
            self.assertEqual(list(refused), ["nickname"], ascii(nickname))
            refused = AccountForm({"nickname": nickname}, instance=self.user).errors
            self.assertEqual(list(refused), ["nickname"], ascii(nickname))
        old = User.objects.create_user("Old\ufe0f")
        self.assertEqual(self.change(old, is_active="").status_code, 302)
        self.assertFalse(User.objects.get(pk=old.pk).is_active)
        self.assertEqual(list(self.make("", "Kim").context["adminform"].form.errors), ["email"])

    def test_it_makes_an_account_of_a_guest_who_is_given_an_e_mail(self):
        self.change(self.user, nickname="Alice  B")
        kept = User.objects.get(pk=self.user.pk)
        self.assertEqual((kept.nickname, kept.email, kept.is_guest), ("Alice B", None, True))
        self.change(kept, email="Alice@Example.org")
        kept = User.objects.get(pk=self.user.pk)
        self.assertEqual((kept.email, kept.is_guest), ("alice@example.org", False))
        refused = AccountForm({"nickname": "Alice", "email": ""}, instance=kept).errors
        self.assertEqual(list(refused), ["email"])

    def test_it_shows_the_bans_of_a_person_with_reason_and_end(self):
        path = f"{PEOPLE}{self.user.pk}/change/"
        self.assertContains(self.client.get(path), "Never banned.")
        for reason, until_ms in (("Spilled beer", None), ("Spoke of it", 1_900_000_000_000)):
            Ban.objects.create(user=self.user, reason=reason, created_at_ms=1, until_ms=until_ms)
        page = self.client.get(path)
        for told in ("Spilled beer", "for good", "Spoke of it", "2030-03-17"):
            self.assertContains(page, told)
        self.assertNotContains(page, "Never banned.")

    def test_it_shows_people_and_ends_in_korean(self):
        tokens.end_all(self.user, "ended by owner")
        Ban.objects.create(user=self.user, reason="x", created_at_ms=1)
        for path, column in (("signin/", "본인이 끝냄"), ("ban/", "사용자")):
            page = self.client.get(f"/admin/accounts/{path}", HTTP_ACCEPT_LANGUAGE="ko")
            self.assertContains(page, column)
            self.assertNotContains(page, ">User<")

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
        made = User.objects.create_superuser("Olga", " Olga@Example.org ", PASSWORD)
        self.assertEqual((made.email, made.is_guest), ("olga@example.org", False))
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
            handshake(
                origin or None, cookie="secret-token", bearer="" if origin else "Bearer secret"
            )
        page = self.client.get("/admin/handshakes/")
        self.assertContains(page, "http://evil.example")
        self.assertContains(page, "not signed by this server")
        self.assertContains(page, "http://127.0.0.1:8000")
        self.assertNotContains(page, "secret")

    def test_it_tells_every_refusal_in_the_language_of_the_operator(self):
        scope = {"headers": [], "path": "/ws/locations/"}
        for why in (middleware.NO_ORIGIN, middleware.TOO_BUSY, middleware.TOO_MANY):
            async_to_sync(refused_log.remember)(why, scope, "")
        page = self.client.get("/admin/handshakes/", HTTP_ACCEPT_LANGUAGE="ko")
        told = [row["sentence"] for row in page.context["rows"]]
        self.assertEqual(len(told), 3)
        self.assertEqual([each for each in told if each.isascii()], [])

    def test_it_shows_who_came_too_often(self):
        nobody_waits = patch.object(turns, "WAITING_MAX", 0)
        with nobody_waits, patch.dict(limits.LIMITS, strangers=(limits.Rate(1, burst=0),)):
            sent = handshake("http://127.0.0.1:8000")
        self.assertEqual(sent[0]["status"], 429)
        page = self.client.get("/admin/handshakes/")
        self.assertContains(page, "Too many sockets at once")

    def test_it_tries_from_here(self):
        with override_settings(PUBLIC_URL="http://127.0.0.1:1"):
            page = self.client.post("/admin/handshakes/", {"origin": "http://127.0.0.1:1"})
        self.assertContains(page, "Nobody listens")

    def test_it_is_for_operators_only(self):
        self.assertEqual(Client().get("/admin/handshakes/").status_code, 302)
