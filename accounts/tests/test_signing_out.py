"""Signed out everywhere: sign-ins and the admin's sessions, by whoever decides it."""

from io import StringIO

from django.contrib.auth.management.commands import changepassword
from django.core.management import call_command
from django.test import Client, TestCase, override_settings

from accounts.auth import tokens
from accounts.models import SignIn, User
from accounts.tests.pages import PASSWORD, Page
from accounts.tests.test_admin import PEOPLE, PLAIN_FILES

NEXT_PASSWORD = "another long password"


class Typed(changepassword.Command):
    """The command `manage.py changepassword`, with somebody at the keyboard."""

    def _get_pass(self, prompt: str = "") -> str:
        return NEXT_PASSWORD


@override_settings(ROOT_URLCONF="accounts.tests.urls", STORAGES=PLAIN_FILES)
class Everywhere(TestCase):
    def setUp(self) -> None:
        self.operator = User.objects.create_superuser("Op", "op@example.org", PASSWORD)
        tokens.start(self.operator)
        self.browser, self.other = Client(), Client()
        for client in (self.browser, self.other):
            client.force_login(self.operator)

    def statuses(self) -> list[int]:
        return [client.get("/admin/").status_code for client in (self.browser, self.other)]

    def why(self) -> str:
        return SignIn.objects.get().ended_why

    def test_it_ends_every_sign_in_when_a_command_changes_the_password(self):
        call_command(Typed(), "op@example.org", stdout=StringIO())
        self.assertEqual((self.why(), self.statuses()), ("password changed", [302, 302]))
        self.assertTrue(User.objects.get().check_password(NEXT_PASSWORD))

    def test_it_keeps_sign_ins_where_something_else_is_saved(self):
        user = User.objects.get()
        user.nickname = "Operator"
        user.save()
        self.assertEqual((self.why(), self.statuses()), ("", [200, 200]))

    def test_it_leaves_operators_where_they_change_their_own_password(self):
        body = {"old_password": PASSWORD, "usable_password": "true"}
        for path in ("/admin/password_change/", f"{PEOPLE}{self.operator.pk}/password/"):
            chosen = f"{NEXT_PASSWORD} for {path}"
            body |= dict.fromkeys(("new_password1", "new_password2"), chosen)
            body |= dict.fromkeys(("password1", "password2"), chosen)
            self.assertEqual(self.browser.post(path, body).status_code, 302)
            self.assertEqual((self.why(), self.statuses()), ("password changed", [200, 302]))
            SignIn.objects.update(ended_at_ms=None, ended_why="")

    def test_it_ends_the_sessions_of_an_operator_who_is_signed_out(self):
        chosen = {"action": "end_sign_ins", "_selected_action": [str(self.operator.pk)]}
        self.browser.post(PEOPLE, chosen | {"reason": "A test."})
        self.assertEqual((self.why(), self.statuses()), ("ended by operator", [302, 302]))

    def test_it_ends_them_when_operators_sign_themselves_out_everywhere(self):
        page = Page()
        page.ask("login/", {"email": "op@example.org", "password": PASSWORD})
        self.assertEqual(page.ask("sign-ins/end/").json(), {"ended": 2})
        self.assertEqual(self.statuses(), [302, 302])
