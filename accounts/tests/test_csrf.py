"""No page of another site makes a browser do anything here."""

from django.test import TestCase, override_settings

from accounts.auth import cookies
from accounts.models import SignIn
from accounts.tests.pages import ORIGIN, Page

UNSAFE = [
    ("guest/", "POST"),
    ("register/", "POST"),
    ("login/", "POST"),
    ("refresh/", "POST"),
    ("logout/", "POST"),
    ("ticket/", "POST"),
    ("password/", "POST"),
    ("sign-ins/end/", "POST"),
    ("sign-ins/8b3f8b5e-6a3c-4c35-9c2e-3e1f1b0f6d10/", "DELETE"),
]


@override_settings(ROOT_URLCONF="accounts.tests.urls")
class Forgeries(TestCase):
    def setUp(self) -> None:
        self.page = Page()
        self.page.guest()
        self.stranger = Page()
        self.stranger.guest("Mallory")

    def assert_refused(self, answer, told):
        refused = answer.status_code, answer.json()["error"]["code"]
        self.assertIn(refused, ((403, "forbidden"), (415, "unsupported_media_type")), told)
        self.assertEqual(SignIn.objects.filter(ended_at_ms=None).count(), 2, told)

    def test_it_refuses_every_forgery_on_every_unsafe_call(self):
        before = Page()
        before.guest("Before")
        old_token = before.cookies["csrftoken"].value
        before.ask("logout/")
        forgeries = {
            "no token": {"HTTP_X_CSRFTOKEN": None},
            "another user's token": {"HTTP_X_CSRFTOKEN": self.stranger.token()},
            "an old session's token": {"HTTP_X_CSRFTOKEN": old_token},
            "a strange origin": {"HTTP_ORIGIN": "http://evil.example"},
            "no origin of a page": {"HTTP_ORIGIN": "null"},
            "a strange site": {"HTTP_SEC_FETCH_SITE": "cross-site"},
        }
        for path, method in UNSAFE:
            for told, headers in forgeries.items():
                answer = self.page.ask(path, {"x": 1}, method, **headers)
                self.assert_refused(answer, f"{method} {path} with {told}")

    def test_it_refuses_them_where_the_refresh_cookie_alone_tells_who_it_is(self):
        del self.page.cookies[cookies.ACCESS]
        for path in ("guest/", "register/", "login/", "refresh/", "logout/"):
            answer = self.page.ask(path, {"x": 1}, HTTP_X_CSRFTOKEN=None)
            self.assert_refused(answer, path)
            self.assertEqual(answer.status_code, 403, path)

    def test_it_refuses_a_token_without_its_cookie(self):
        token = self.page.token()
        for path, method in UNSAFE:
            del self.page.cookies["csrftoken"]
            answer = self.page.generic(
                method, f"/api/auth/{path}", "{}", content_type="application/json",
                HTTP_X_CSRFTOKEN=token, HTTP_ORIGIN=ORIGIN,
            )  # fmt: skip
            self.assert_refused(answer, path)
            self.page.token()

    def test_it_refuses_forms(self):
        for content_type in (
            "application/x-www-form-urlencoded",
            "text/plain",
            "multipart/form-data; boundary=x",
        ):
            for path, method in UNSAFE:
                token = self.page.cookies["csrftoken"].value
                answer = self.page.generic(
                    method, f"/api/auth/{path}", f"csrfmiddlewaretoken={token}",
                    content_type=content_type, HTTP_ORIGIN=ORIGIN, HTTP_X_CSRFTOKEN=token,
                )  # fmt: skip
                self.assert_refused(answer, path)

    def test_it_gives_another_token_after_log_out(self):
        before = self.page.cookies["csrftoken"].value
        self.page.ask("logout/")
        self.assertNotEqual(self.page.cookies["csrftoken"].value, before)

    def test_it_never_believes_a_host_header(self):
        answer = self.page.ask(
            "logout/", HTTP_HOST="localhost:9999", HTTP_ORIGIN="http://localhost:9999"
        )
        self.assertEqual(answer.status_code, 403)

    def test_it_tells_strangers_to_sign_in_where_there_is_nothing_to_forge(self):
        self.assertEqual(
            Page().post("/api/auth/ticket/", {}, content_type="application/json").status_code, 401
        )

    def test_it_changes_nothing_by_get(self):
        for path, _method in UNSAFE:
            self.page.get(f"/api/auth/{path}")
        self.assertEqual(SignIn.objects.filter(ended_at_ms=None).count(), 2)
        self.assertEqual(self.page.cookies[cookies.ACCESS]["max-age"], 30 * 86_400)
