"""Every cookie carries what keeps it safe."""

import importlib

from django.http import HttpResponse
from django.test import TestCase, override_settings

from accounts.auth import cookies, tokens
from accounts.models import User
from accounts.tests.pages import PASSWORD, Page


@override_settings(ROOT_URLCONF="accounts.tests.urls")
class Cookies(TestCase):
    def test_it_sets_every_cookie_of_every_answer_as_it_must_be(self):
        page = Page()
        page.guest()
        page.register()
        log_in = {"email": "alice@example.org", "password": PASSWORD}
        answers = [
            page.get("/api/auth/csrf/"),
            page.ask("refresh/"),
            page.ask("login/", log_in),
            page.ask("password/", {"current": PASSWORD, "new": "another long password"}),
            page.ask("sign-ins/end/"),
            Page().ask("guest/"),
            page.ask("logout/"),
            page.ask("refresh/"),
        ]
        seen = set()
        for answer in answers:
            self.assertEqual(answer["Cache-Control"], "no-store")
            for name, cookie in answer.cookies.items():
                seen.add(name)
                self.assert_is_kept_well(name, cookie)
        listed = {cookies.ACCESS, cookies.REFRESH, cookies.DEVICE, cookies.KNOWN}
        self.assertEqual(seen, {"csrftoken", *listed})

    def assert_is_kept_well(self, name, cookie):
        self.assertEqual(cookie["samesite"], "Lax", name)
        self.assertEqual(cookie["domain"], "", name)
        self.assertEqual(bool(cookie["secure"]), False, name)
        self.assertEqual(bool(cookie["httponly"]), name != "csrftoken", name)
        self.assertEqual(cookie["path"], "/api/" if name == cookies.REFRESH else "/", name)

    def test_it_prefixes_and_secures_cookies_over_https(self):
        alice = User.objects.create_user("Alice", "alice@example.org", PASSWORD)
        fresh = tokens.start(alice, device="d" * 32)
        response = HttpResponse()
        try:
            with override_settings(IS_HTTPS=True):
                importlib.reload(cookies)
                cookies.give(response, fresh)
                cookies.take(response)
        finally:
            importlib.reload(cookies)
        prefixed = ("__Host-ringside_access", "__Host-ringside_device", "__Host-ringside_known")
        self.assertEqual(set(response.cookies), {*prefixed, "__Secure-ringside_refresh"})
        for name, cookie in response.cookies.items():
            self.assertTrue(cookie["secure"] and cookie["httponly"], name)
            if name.startswith("__Host-"):
                self.assertEqual((cookie["path"], cookie["domain"]), ("/", ""))
