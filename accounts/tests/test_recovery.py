"""A way back for those who forgot their password, by a real mail server on loopback."""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from unittest import mock

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.auth import tokens
from accounts.models import PendingEmail, SignIn, User
from accounts.recovery import emails
from accounts.tests.pages import PASSWORD, Page
from web import limits

pytestmark = pytest.mark.django_db
ALICE, NOBODY = "alice@example.org", "nobody@example.org"
NEXT_PASSWORD = "another long password"
MANY = {"resets": (limits.Rate(100, 100_000),)}
LINK = re.compile(r"http://127\.0\.0\.1:8000/(reset|email)/#(\S+)")


class Mailbox(Message):
    """Keeps what the server took; `refusal` is answered instead while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[EmailMessage] = []
        self.refusal = ""

    def prepare_message(self, session: object, envelope: object) -> EmailMessage:
        content = envelope.content  # type: ignore[attr-defined]
        return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]

    def handle_message(self, message: EmailMessage) -> None:  # type: ignore[override]
        self.taken.append(message)

    async def handle_RCPT(self, *told: object) -> str:  # noqa: N802 - the server's name for it.
        if not self.refusal:
            told[2].rcpt_tos.append(told[3])  # type: ignore[attr-defined]
        return self.refusal or "250 OK"

    def links(self, kind: str) -> list[str]:
        texts = [message.get_content() for message in self.taken]
        return [found[2] for text in texts for found in LINK.finditer(text) if found[1] == kind]


class LocalServer(Controller):
    """A mail server on a port that the system chooses."""

    def _trigger_server(self) -> None:
        [socket] = self.server.sockets  # type: ignore[union-attr]
        self.port = socket.getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    server = LocalServer(box, hostname="127.0.0.1", port=0)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    yield box
    server.stop()


@pytest.fixture
def alice() -> Page:
    page = Page()
    page.register(ALICE)
    return page


def asks(address: str, **headers: str) -> tuple[int, object]:
    answer = Page().ask("reset/", {"email": address}, **headers)
    return answer.status_code, answer.json()


def chooses(link: str, password: str = NEXT_PASSWORD) -> str:
    answer = Page().ask("reset/choose/", {"link": link, "new": password})
    return "ok" if answer.status_code == 204 else str(answer.json()["error"]["code"])


def logs_in(password: str) -> int:
    return Page().ask("login/", {"email": ALICE, "password": password}).status_code


def test_it_leads_back_to_an_account_and_ends_every_sign_in(alice: Page, mailbox: Mailbox) -> None:
    assert asks(" Alice@Example.ORG ") == (202, {"valid_for_s": 3600})
    emails.send_due()
    [link] = mailbox.links("reset")
    assert mailbox.taken[-1]["To"] == ALICE
    assert chooses(link, "short") == "weak_password", "the link stays good"
    assert chooses(link) == "ok"
    assert set(SignIn.objects.values_list("ended_why", flat=True)) == {"password reset"}
    assert alice.ask("me/", method="GET").status_code in (401, 404)
    assert (logs_in(PASSWORD), logs_in(NEXT_PASSWORD)) == (401, 200)
    assert chooses(link, "a third long password") == "not_found", "once"
    assert User.objects.get().is_email_verified


def test_it_counts_the_log_ins_of_a_device_that_was_known_with_all_others(
    alice: Page, mailbox: Mailbox
) -> None:
    asks(ALICE)
    emails.send_due()
    assert chooses(mailbox.links("reset")[0]) == "ok"
    few = {"log_ins": (limits.Rate(0.001, 100),), "log_ins_account": (limits.Rate(0.001, 1),)}
    with mock.patch.dict(limits.LIMITS, few):
        assert logs_in("a guess") == 401
        answer = alice.ask("login/", {"email": ALICE, "password": NEXT_PASSWORD})
    assert answer.status_code == 429


def test_it_tells_nobody_who_has_an_account(alice: Page, mailbox: Mailbox) -> None:
    def work(address: str) -> list[str]:
        page = Page()
        page.token()
        with CaptureQueriesContext(
            connection,
        ) as made:
            answer = page.ask("reset/", {"email": address})
        assert (answer.status_code, answer.json()) == (202, {"valid_for_s": 3600})
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in made]

    assert work(ALICE) == work(NOBODY)
    with mock.patch.dict(limits.LIMITS, MANY):
        codes = [[asks(address)[0] for _ in range(3)] for address in (ALICE, NOBODY)]
    assert codes[0] == codes[1] == [202, 202, 429]
    emails.send_due()
    assert {message["To"] for message in mailbox.taken} == {ALICE}
    assert not PendingEmail.objects.exists()


def test_it_counts_as_log_ins_are_counted_for_each_address() -> None:
    codes = [asks(f"{number}@example.org")[0] for number in range(6)]
    assert codes == [202] * 5 + [429]
    assert asks("late@example.org", REMOTE_ADDR="192.0.2.7")[0] == 202


def test_it_writes_in_the_language_of_the_reader(alice: Page, mailbox: Mailbox) -> None:
    asks(ALICE, HTTP_ACCEPT_LANGUAGE="ko")
    emails.send_due()
    said = mailbox.taken[-1]
    assert re.search("[가-힣]", said["Subject"]) and re.search("[가-힣]", said.get_content())
    assert re.search("[A-Za-z]{2,} [a-z]{2,}", said.get_content()) is None
    assert chooses(mailbox.links("reset")[0]) == "ok"


def test_it_opens_nothing_by_a_link_that_is_too_old_or_made_up(
    alice: Page, mailbox: Mailbox
) -> None:
    asks(ALICE)
    emails.send_due()
    [link] = mailbox.links("reset")
    number, token = link.split(".", 1)
    made_up = ["", ".", "x.y", f"{number}.x-y", f"{int(number) + 1}.{token}", f"{10**30}.{token}"]
    with mock.patch.dict(limits.LIMITS, MANY):
        assert {chooses(one) for one in made_up} == {"not_found"}
        with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
            assert chooses(link) == "not_found"
        User.objects.update(is_active=False)
        assert chooses(link) == "not_found"


def test_it_sends_nothing_of_a_guest_or_the_inactive(mailbox: Mailbox) -> None:
    Page().guest()
    asks("")
    User.objects.create_user("Bob", "bob@example.org", PASSWORD, is_active=False)
    asks("bob@example.org")
    emails.send_due()
    assert not mailbox.taken and not PendingEmail.objects.exists()


def test_it_tries_again_for_a_day_when_the_server_takes_nothing(
    alice: Page, mailbox: Mailbox
) -> None:
    PendingEmail.objects.all().delete()
    asks(ALICE)
    mailbox.refusal = "451 later"
    begun = timezone.now()
    for minutes in (0, 2, 5):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False):
            emails.send_due()
            emails.send_due()
    assert PendingEmail.objects.get().tries == 3
    mailbox.refusal = ""
    with time_machine.travel(begun + timedelta(hours=2), tick=False):
        emails.send_due()
        [link] = mailbox.links("reset")
        assert chooses(link) == "ok", "its hour begins when it is sent"
    asks("alice@example.org", REMOTE_ADDR="192.0.2.7")
    mailbox.refusal = "550 never"
    with time_machine.travel(begun + timedelta(hours=27), tick=False):
        emails.send_due()
    assert not PendingEmail.objects.exists()


def test_it_verifies_an_address_by_the_link_that_was_sent_there(
    alice: Page, mailbox: Mailbox
) -> None:
    def own() -> object:
        return alice.ask("email/", method="GET").json()

    assert own() == {"email": ALICE, "is_verified": False}
    assert alice.ask("email/").status_code == 202
    emails.send_due()
    at_registering, again = mailbox.links("email")
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=False):
        assert Page().ask("email/verify/", {"link": again}).status_code == 404
    assert Page().ask("email/verify/", {"link": at_registering + "x"}).status_code == 404
    for _ in range(2):
        assert Page().ask("email/verify/", {"link": at_registering}).status_code == 204
    assert own() == {"email": ALICE, "is_verified": True}
    assert alice.ask("email/").status_code == 202
    assert not PendingEmail.objects.exists(), "a verified one needs no further e-mail"
    User.objects.update(email="other@example.org")
    assert own() == {"email": "other@example.org", "is_verified": False}
    assert Page().ask("email/verify/", {"link": again}).status_code == 404


def test_it_ends_no_sign_in_of_somebody_who_only_asks(alice: Page, mailbox: Mailbox) -> None:
    asks(ALICE)
    emails.send_due()
    assert SignIn.objects.get().ended_at_ms is None
    assert tokens.is_good(SignIn.objects.get())


def test_it_leads_password_keepers_to_the_form() -> None:
    answer = Client().get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/#password")


def test_it_asks_for_https_links_by_the_public_address(alice: Page, mailbox: Mailbox) -> None:
    Page().ask("reset/", {"email": ALICE}, HTTP_HOST="127.0.0.1:9")
    emails.send_due()
    assert settings.PUBLIC_URL in mailbox.taken[-1].get_content()
    assert "127.0.0.1:9" not in mailbox.taken[-1].get_content()
