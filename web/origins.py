"""Addresses of pages as browsers write them."""

from urllib.parse import urlsplit, urlunsplit

import idna


def in_ascii(url: str) -> str:
    """An address with its host name in ASCII, as browsers write it (UTS 46, nontransitional).

    Raises ValueError for a name that IDNA 2008 does not know, such as one with an emoji.
    """
    parts = urlsplit(url)
    if parts.netloc.isascii():
        return url
    # No address in brackets is written outside ASCII, so the only colon begins the port.
    name, colon, port = parts.netloc.partition(":")
    ascii_name = idna.encode(name, uts46=True).decode()
    return urlunsplit(parts._replace(netloc=f"{ascii_name}{colon}{port}"))


def as_sent(url: str) -> str:
    """The Origin that a browser sends for a page at this address; what is no address stays.

    Raises ValueError as `in_ascii` does.
    """
    parts = urlsplit(in_ascii(url))
    if not parts.netloc:
        return url
    usual_port = {"http": ":80", "https": ":443"}.get(parts.scheme, ":")
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(usual_port)
    return f"{parts.scheme}://{host}"
