"""Reads values of the environment; nonsense is refused with a sentence."""

import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_network
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from web.origins import in_ascii


class _Values(FileAwareMapping):  # type: ignore[misc]
    """The environment's values to the letter, those of NAME_FILE read from their files."""

    def __getitem__(self, key: str) -> str:
        value = str(super().__getitem__(key))
        if f"{key}_FILE" in self.env:
            # Editors and `echo` end a file with a line's end, which is no part of a secret.
            value = value.removesuffix("\n").removesuffix("\r")
        # A value that begins with $ would be taken for the name of another variable.
        return value.replace("$", r"\$")


class _Environment(environ.FileAwareEnv):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.ENVIRON = _Values()
        self.escape_proxy = True


env = _Environment()


def whole_number(name: str, default: int, least: int, most: int) -> int:
    """Read a whole number from the environment, or refuse to start."""
    text = env.str(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {least} to {most}, not {text!r}."
        )
    return int(text)


def bracketed(name: str) -> str:
    """A host as it stands in an address, IPv6 in brackets. Raises ValueError for what is none."""
    if ":" in name:
        return f"[{IPv6Address(name)}]"
    if not re.fullmatch(r"[a-z0-9._-]+", name):
        raise ValueError(name)
    return name


def origin(text: str, name: str) -> str:
    """Read scheme://host[:port] as browsers send it in Origin, or refuse to start."""
    shape = ImproperlyConfigured(
        f"{name} must look like https://host or http://host:port, not {text!r}; "
        "a host outside ASCII may be written as xn--…, and none as *."
    )
    try:
        parts = urlsplit(in_ascii(text))
        host, port = bracketed(parts.hostname or ""), parts.port
    except ValueError:
        raise shape from None
    is_plain = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or port == 0 or not is_plain:
        raise shape
    # Browsers leave the usual port away.
    is_usual = port in (None, 443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}")


def network(text: str, name: str) -> str:
    """Read an address, a network or the word unix, or refuse to start."""
    try:
        return text if text == "unix" else str(ip_network(text, strict=False))
    except ValueError:
        raise ImproperlyConfigured(f"{name}: {text!r} is no address or network.") from None


def contact(name: str) -> str:
    """Read whom to tell of a fault, as an address that can be followed, or refuse to start."""
    text = str(env.str(name, ""))
    if text and not re.fullmatch(r"(mailto:[^@\s]+@[^@\s]+|https://\S+|tel:\+?[0-9-]+)", text):
        raise ImproperlyConfigured(
            f"{name} must begin with mailto:, https:// or tel:, not be {text!r}."
        )
    return text


def time_zone(name: str) -> str:
    """Read the name of a time zone, or refuse to start."""
    if name not in available_timezones():
        raise ImproperlyConfigured(f"TIME_ZONE must be a name such as Asia/Seoul, not {name!r}.")
    return name


def token_key(text: str) -> tuple[str, str]:
    """Read a signing key written as id:secret, or refuse to start without showing it."""
    key_id, colon, secret = text.partition(":")
    if not key_id or not colon or len(secret) < 40:
        raise ImproperlyConfigured("TOKEN_KEYS must be id:secret pairs, secrets of 40 or more.")
    return key_id, secret


def listed(name: str, default: Sequence[str] = ()) -> list[str]:
    """What a setting lists between commas, with or without blanks around them."""
    return [text.strip() for text in env.list(name, default=list(default)) if text.strip()]


def networks(name: str) -> list[str]:
    """The addresses and networks that a setting lists."""
    return [network(text, name) for text in listed(name)]
