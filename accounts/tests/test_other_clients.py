"""Clients that keep no cookies: tokens by Authorization, and pages of other origins."""

from django.test import TestCase, override_settings

from accounts.auth.tokens import AccessToken, prove
from accounts.models import RefreshToken, SignIn, User
from accounts.tests.pages import ORIGIN, PASSWORD, Page

OTHER = "https://other.example"


@override_settings(
    ROOT_URLCONF="accounts.tests.urls",
    CORS_ALLOWED_ORIGINS=[OTHER],
    SOCKET_ORIGINS=frozenset({ORIGIN, OTHER}),
)
class OtherClients(TestCase):
    def setUp(self) -> None:
        User.objects.create_user("Alice", "alice@example.org", PASSWORD)
        ask = {"email": "alice@example.org", "password": PASSWORD}
        self.page = Page()
        self.answer = self.page.post("/api/auth/token/", ask, content_type="application/json")
        self.bearer = {"HTTP_AUTHORIZATION": f"Bearer {self.answer.json()['access']}"}

    def test_it_gives_tokens_and_no_cookies(self):
        self.assertEqual(self.answer.status_code, 200)
        self.assertFalse(self.answer.cookies)
        self.assertEqual(self.page.get("/api/auth/sign-ins/", **self.bearer).status_code, 200)

    def test_it_renews_tokens(self):
        ask = {"refresh": self.answer.json()["refresh"]}
        answer = self.page.post("/api/auth/token/refresh/", ask, content_type="application/json")
        self.assertNotEqual(answer.json()["refresh"], ask["refresh"])
        prove(answer.json()["access"])

    def test_it_renews_twice_at_once_whoever_gave_the_tokens(self):
        ask = {"current": PASSWORD, "new": "another long password"}
        changed = self.page.ask("password/", ask, **self.bearer).json()
        self.assert_renewed_twice(changed)
        bearer = {"HTTP_AUTHORIZATION": f"Bearer {changed['access']}"}
        log_in = {"email": "alice@example.org", "password": ask["new"]}
        self.assert_renewed_twice(self.page.ask("login/", log_in, **bearer).json())

    def assert_renewed_twice(self, said):
        ask = {"refresh": said["refresh"]}
        again = [self.page.ask("token/refresh/", ask).status_code for _ in range(2)]
        self.assertEqual(again, [200, 200])

    def test_it_looks_at_authorization_alone_where_it_is_present(self):
        page = Page()
        page.guest()
        for header in ("Bearer nonsense", "Basic abc", ""):
            answer = page.get("/api/auth/sign-ins/", HTTP_AUTHORIZATION=header)
            self.assertEqual(answer.status_code, 401, header)
        refreshed = page.ask("refresh/", **self.bearer)
        self.assertEqual(refreshed.status_code, 401)

    def test_it_ends_the_sign_in_of_a_bearer(self):
        answer = self.page.ask("logout/", **self.bearer)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(self.page.get("/api/auth/sign-ins/", **self.bearer).status_code, 401)

    def test_it_refuses_tokens_that_are_not_ours(self):
        sign_in = str(SignIn.objects.get().pk)
        elder = AccessToken()
        elder["user"], elder["sign_in"] = User.objects.get().pk, sign_in
        elder.set_exp(from_time=elder.current_time, lifetime=-elder.lifetime)
        answer = self.page.get("/api/auth/sign-ins/", HTTP_AUTHORIZATION=f"Bearer {elder}")
        self.assertEqual(answer.json()["error"]["detail"], {"reason": "expired"})
        with override_settings(TOKEN_KEYS={"1": "x" * 60}):
            forged = AccessToken()
            forged["user"], forged["sign_in"] = User.objects.get().pk, sign_in
            forged = str(forged)
        answer = self.page.get("/api/auth/sign-ins/", HTTP_AUTHORIZATION=f"Bearer {forged}")
        self.assertEqual(answer.json()["error"]["detail"], {"reason": "invalid"})

    def test_it_knows_tokens_of_the_key_before(self):
        with override_settings(TOKEN_KEYS={"2": "y" * 60, "1": "x" * 60}):
            second = str(AccessToken())
            with override_settings(TOKEN_KEYS={"1": "x" * 60}):
                first = str(AccessToken())
            for token in (first, second):
                AccessToken(token)

    def test_it_answers_preflights_for_allowed_origins_without_credentials(self):
        for path in ("token/", "token/refresh/", "ticket/", "sign-ins/", "nothing/"):
            for origin, allowed in (
                (OTHER, True),
                ("https://evil.example", False),
            ):
                headers = {"HTTP_ORIGIN": origin, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
                answer = self.page.options(f"/api/auth/{path}", **headers)
                self.assertEqual(answer.status_code, 200)
                self.assertEqual(answer.get("Access-Control-Allow-Origin") == origin, allowed)
                self.assertNotIn("Access-Control-Allow-Credentials", answer)
                self.assertIn("origin", answer["Vary"].lower())

    def test_it_lets_an_allowed_page_read_answers_and_refusals(self):
        for body in ({}, {"email": "alice@example.org", "password": PASSWORD}):
            answer = self.page.post(
                "/api/auth/token/", body, content_type="application/json",
                HTTP_ORIGIN=OTHER,
            )  # fmt: skip
            self.assertEqual(answer["Access-Control-Allow-Origin"], OTHER)
            self.assertIn("Retry-After", answer["Access-Control-Expose-Headers"])

    def test_it_lets_an_allowed_page_with_a_bearer_make_every_call(self):
        for path, status in (("auth/sign-ins/", 200), ("v1/auth/sign-ins/", 404), ("none/", 404)):
            answer = self.page.get(f"/api/{path}", HTTP_ORIGIN=OTHER, **self.bearer)
            self.assertEqual(answer.status_code, status, path)
            self.assertEqual(answer["Access-Control-Allow-Origin"], OTHER, path)
            self.assertNotIn("Access-Control-Allow-Credentials", answer)
        answer = self.page.get("/admin/login/", HTTP_ORIGIN=OTHER)
        self.assertNotIn("Access-Control-Allow-Origin", answer)

    def test_it_gives_no_tokens_to_pages_of_other_origins(self):
        answer = self.page.post(
            "/api/auth/token/", {"email": "alice@example.org", "password": PASSWORD},
            content_type="application/json", HTTP_ORIGIN="https://evil.example",
        )  # fmt: skip
        self.assertEqual(answer.json()["error"]["code"], "forbidden")

    def test_it_issues_a_ticket_and_keeps_refresh_tokens_hashed(self):
        answer = self.page.ask("ticket/", **self.bearer)
        self.assertEqual((answer.status_code, answer.json()["expires_in_s"]), (201, 30))
        self.assertEqual(Page().ask("ticket/").status_code, 401)
        kept = RefreshToken.objects.get().digest
        self.assertNotIn(kept, self.answer.content.decode())
