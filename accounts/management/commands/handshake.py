"""`manage.py handshake URL`: say in one line why a socket does not open."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.auth import cookies, tokens
from accounts.diagnosis.diagnose import diagnose
from accounts.models import User, tidy_email
from web.commands import OperatorCommand
from web.origins import in_ascii

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def socket_url(text: str) -> str:
    """The address of a socket, from that of a site, a room's page or the socket itself."""
    shape = CommandError(_("URL must look like https://host, https://host/r/CODE/ or wss://…"))
    try:
        parts = urlsplit(in_ascii(text))
        is_port = parts.port != 0
    except ValueError:
        raise shape from None
    if parts.scheme not in _SCHEMES or not parts.hostname or not is_port:
        raise shape
    path = parts.path
    if path.startswith("/r/"):
        path = "/ws/rooms/" + path.removeprefix("/r/").strip("/") + "/"
    elif not path.startswith("/ws/"):
        path = "/ws/locations/"
    return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, "", ""))


@contextmanager
def signed_in(email: str) -> Iterator[str]:
    """The cookie of a sign-in that lives as long as the question."""
    user = User.objects.filter(email=tidy_email(email)).first()
    if user is None:
        raise CommandError(_("There is no account with the e-mail %(email)s.") % {"email": email})
    fresh = tokens.start(user, user_agent="manage.py handshake")
    secure = "; Secure" if settings.IS_HTTPS else ""
    try:
        yield f"{cookies.ACCESS}={fresh.access}; Path=/; HttpOnly; SameSite=Lax{secure}"
    finally:
        tokens.end([fresh.sign_in.pk], "handshake tried")


class Command(OperatorCommand):
    """Try the upgrade like a browser and explain the answer; exit code 1 when it fails."""

    help = _("Say in one line why a WebSocket handshake with a running server fails.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help=_("the site, a room's page or a socket"))
        parser.add_argument("--origin", default=settings.PUBLIC_URL, help=_("the page's origin"))
        parser.add_argument(
            "--cookie", default="", help=_("name=value, a Set-Cookie or a Cookie line")
        )
        parser.add_argument(
            "--as", dest="email", default="", help=_("send the cookie of this account")
        )
        parser.add_argument("--ticket", default="", help=_("send a ticket"))
        parser.add_argument("--bearer", default="", help=_("send an access token"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line."""
        asked = {name: options[name] for name in ("origin", "ticket", "bearer")}
        url = socket_url(options["url"])
        if options["email"]:
            with signed_in(options["email"]) as cookie:
                finding = diagnose(url, cookie=cookie, **asked)
        else:
            finding = diagnose(url, cookie=options["cookie"], **asked)
        if not finding.is_open:
            raise CommandError(finding.sentence)
        self.stdout.write(finding.sentence)
