"""No stranger who tries passwords locks an owner out at a device that signed in before."""

from unittest import mock

from django.test import Client, TestCase

from accounts.auth import cookies, known_devices
from accounts.models import User
from accounts.tests.pages import PASSWORD, Page
from web import limits

EMAIL = "alice@example.org"
SLOWLY = {
    name: (limits.Rate(0.001, 10),) for name in ("log_ins", "log_ins_account", "log_ins_known")
}


class KnownDevices(TestCase):
    def setUp(self) -> None:
        self.enterContext(mock.patch.dict(limits.LIMITS, SLOWLY))
        self.own = Page()
        self.own.register(EMAIL)
        self.alice = User.objects.get()
        self.own.ask("logout/")

    def code(self, page: Page, password: str = PASSWORD) -> str:
        """What a log-in to Alice's account is answered."""
        answer = page.ask("login/", {"email": EMAIL, "password": password})
        return "ok" if answer.status_code == 200 else str(answer.json()["error"]["code"])

    def guess(self, page: Page) -> None:
        while self.code(page, "a guess") != "too_fast":
            pass

    def test_it_lets_an_owner_in_where_and_while_a_stranger_guesses(self) -> None:
        stranger, far = Page(), Page(REMOTE_ADDR="192.0.2.7")
        for page in (stranger, far):
            self.guess(page)
        assert self.code(Page(REMOTE_ADDR="198.51.100.1")) == "too_fast"
        assert self.code(self.own) == "ok"
        assert self.code(stranger) == "too_fast"

    def test_it_counts_the_guesses_at_a_known_device_apart(self) -> None:
        codes = [self.code(self.own, "a guess") for _ in range(11)]
        assert codes == ["wrong_credentials"] * 10 + ["too_fast"]
        assert self.code(Page()) == "ok"

    def test_it_knows_a_device_for_the_accounts_that_signed_in_there(self) -> None:
        other = Page()
        other.register("bob@example.org", "Bob")
        self.guess(Page())
        assert self.code(other) == "too_fast"
        self.own.register("carol@example.org", "Carol")
        assert self.code(self.own) == "ok", "two accounts of one browser have a pass each"

    def test_it_trusts_no_pass_that_was_made_up_or_grew_old(self) -> None:
        self.guess(Page())
        genuine = self.own.cookies[cookies.KNOWN].value
        for made_up in ("x", f"{genuine}x", genuine.replace(":", ".", 1)):
            page = Page()
            page.cookies[cookies.KNOWN] = made_up
            assert self.code(page) == "too_fast"
        with mock.patch.object(known_devices, "LIFETIME_S", -1):
            assert self.code(self.own) == "too_fast"

    def test_it_forgets_devices_with_the_password_and_at_a_sign_out_everywhere(self) -> None:
        second, third = Page(), Page()
        for page in (second, third):
            assert self.code(page) == "ok"
        second.ask("sign-ins/end/")
        self.guess(Page(REMOTE_ADDR="192.0.2.7"))
        assert self.code(self.own) == self.code(third) == "too_fast"

    def test_it_keeps_the_pass_of_the_device_where_the_password_was_changed(self) -> None:
        other = Page()
        for page in (self.own, other):
            assert self.code(page) == "ok"
        new = "another long password"
        self.own.ask("password/", {"current": PASSWORD, "new": new})
        self.guess(Page(REMOTE_ADDR="192.0.2.7"))
        assert self.code(self.own, new) == "ok"
        assert self.code(other, new) == "too_fast"

    def test_it_knows_the_device_of_an_operator_too(self) -> None:
        User.objects.create_superuser("Op", "op@example.org", PASSWORD)
        door = {"username": "op@example.org", "password": PASSWORD}
        desk, elsewhere = Client(), Client()
        assert desk.post("/admin/login/?next=/admin/", door).status_code == 302
        desk.cookies.pop("sessionid")
        for _ in range(12):
            elsewhere.post("/admin/login/", {**door, "password": "a guess"})
        assert elsewhere.post("/admin/login/", door).status_code == 200
        assert desk.post("/admin/login/?next=/admin/", door).status_code == 302
