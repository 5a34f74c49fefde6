"""E-mails: asked for in a request, sent by another thread, in the language of who asked.

So an answer takes as long for an unknown address as for a known one, and a mail server that is away
or slow holds up nobody.
"""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import PendingEmail, User
from accounts.recovery import emailed_links
from web.times import DAY_MS, now_ms

AT_ONCE = 20
# A process that ends half way leaves an e-mail to the next try.
_FIRST_TRY_AGAIN_MS, _LAST_TRY_AGAIN_MS = 60_000, 3_600_000

Kind = PendingEmail.Kind
log = logging.getLogger(__name__)


def is_on_console() -> bool:
    """Whether e-mails go to the operator's console and to no mailbox."""
    return bool(settings.EMAIL_BACKEND.endswith("console.EmailBackend"))


def ask(kind: str, email: str) -> None:
    """Have an e-mail sent to an address, if an account has it: one insert in either case."""
    at_ms = now_ms()
    PendingEmail.objects.create(
        kind=kind, email=email, language=translation.get_language() or settings.LANGUAGE_CODE,
        asked_at_ms=at_ms, due_at_ms=at_ms,
    )  # fmt: skip


def send_due() -> None:
    """Send twenty of the e-mails that are due, each at least once.

    One that the server does not take is tried again, ever more seldom, for a day.
    """
    at_ms = now_ms()
    for pending in PendingEmail.objects.filter(due_at_ms__lte=at_ms).order_by("due_at_ms")[
        :AT_ONCE
    ]:
        wait_ms = min(_FIRST_TRY_AGAIN_MS << min(pending.tries, 10), _LAST_TRY_AGAIN_MS)
        # Whose update finds the row as it was sends it.
        same = PendingEmail.objects.filter(pk=pending.pk, due_at_ms=pending.due_at_ms)
        if same.update(due_at_ms=at_ms + wait_ms, tries=F("tries") + 1) and _is_over(pending):
            pending.delete()


def _is_over(pending: PendingEmail) -> bool:
    user = User.objects.filter(email=pending.email, is_active=True).first()
    if user is None:
        return True
    try:
        with translation.override(pending.language):
            _written(pending.kind, user).send()
    except OSError as error:
        # The server's words may quote the address.
        log.warning("An e-mail was not sent: %s.", type(error).__name__)
        return now_ms() >= pending.asked_at_ms + DAY_MS
    return True


def _written(kind: str, user: User) -> EmailMessage:
    if kind == Kind.RESET:
        subject, link = _("Another password for Ringside"), emailed_links.reset_link(user)
    else:
        subject, link = _("Is this your e-mail?"), emailed_links.verify_link(user)
    body = render_to_string(
        f"accounts/emails/{kind}.txt", {"link": link, "house": settings.PUBLIC_URL}
    )
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[str(user.email)], headers=headers)
