"""The server that e-mails go to, as one address."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

TIMEOUT_S = 10


def mail_server(text: str) -> dict[str, Any]:
    """The settings of smtp+tls://name:password@host:port and its like.

    Raises ImproperlyConfigured, which does not show the address: it holds a password.
    """
    try:
        found: dict[str, Any] = environ.Env.email_url_config(text)
    except (ImproperlyConfigured, ValueError):
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp+tls://name:password@host:587 or smtp+ssl://…:465."
        ) from None
    return {**found, "EMAIL_TIMEOUT": TIMEOUT_S}
