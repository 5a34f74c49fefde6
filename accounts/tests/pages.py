"""A browser page as the server sees one: cookies, Origin and the CSRF token."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.auth import cookies
from accounts.auth.tokens import AccessToken

ORIGIN = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"


class Page(Client):
    """Sends what a page of ours would send; `forged` leaves away or replaces parts of it."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(enforce_csrf_checks=True, **defaults)

    def token(self) -> str:
        return str(self.get("/api/auth/csrf/").json()["csrf"])

    def ask(
        self, path: str, body: Any = None, method: str = "POST", **headers: Any
    ) -> HttpResponse:
        """Send JSON to /api/auth/<path> as a page does."""
        if "csrftoken" not in self.cookies:
            self.token()
        sent = {"HTTP_X_CSRFTOKEN": self.cookies["csrftoken"].value, "HTTP_ORIGIN": ORIGIN}
        sent |= headers
        sent = {name: value for name, value in sent.items() if value is not None}
        raw = json.dumps(body if body is not None else {})
        return self.generic(
            method, f"/api/auth/{path}", raw, content_type="application/json", **sent
        )

    def let_access_expire(self) -> None:
        """Put in place of the access token the one that it will be in six minutes."""
        token = AccessToken(self.cookies[cookies.ACCESS].value, verify=False)  # type: ignore[arg-type]
        token.set_exp(lifetime=-timedelta(minutes=1))
        self.cookies[cookies.ACCESS] = str(token)

    def guest(self, nickname: str = "Alice") -> dict[str, Any]:
        return dict(self.ask("guest/", {"nickname": nickname}).json()["user"])

    def register(self, email: str = "alice@example.org", nickname: str = "Alice") -> HttpResponse:
        return self.ask("register/", {"email": email, "nickname": nickname, "password": PASSWORD})
