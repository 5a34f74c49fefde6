"""The rules by which a browser sends a cookie with a socket's handshake, one by one."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _
from publicsuffixlist import PublicSuffixList

from accounts.auth import cookies

_ATTRIBUTES = (
    "domain", "expires", "httponly", "max-age", "partitioned", "path", "priority", "samesite",
    "secure",
)  # fmt: skip
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie as a Set-Cookie header wrote it; attributes in lower case."""

    name: str
    value: str
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def is_bare(self) -> bool:
        """Whether only name and value are known, so that nothing can be said against it."""
        return not self.attributes


def read_cookie(line: str) -> Cookie:
    """Read a Set-Cookie line, or the Cookie line of a request; with or without its header's name.

    Of several cookies the one that says who somebody is counts, else the first. Only a Set-Cookie
    line tells attributes.
    """
    text = re.sub(r"^(set-)?cookie:", "", " ".join(line.split()), flags=re.IGNORECASE)
    pairs = [_pair(part) for part in text.split(";") if part.strip()]
    has = {key.lower(): value for key, value in pairs if key.lower() in _ATTRIBUTES}
    named = [pair for pair in pairs if pair[0].lower() not in _ATTRIBUTES] or [("", "")]
    ours = [pair for pair in named if pair[0].endswith(cookies.UNPREFIXED)]
    name, value = next((pair for pair in ours if pair[0] == cookies.ACCESS), (ours or named)[0])
    return Cookie(name, value, has)


def _pair(part: str) -> tuple[str, str]:
    name, _equals, value = part.partition("=")
    return name.strip(), value.strip()


@cache
def _suffixes() -> PublicSuffixList:
    """Names under which anybody may register, those of hosting services and tunnels among them."""
    return PublicSuffixList()


def site(origin: str) -> str:
    """Scheme and registrable name: what "same site" compares. The port is not part of it.

    A name that is a public suffix itself stands for itself alone.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    try:
        ip_address(host)
    except ValueError:
        host = _suffixes().privatesuffix(host) or host
    return f"{scheme}://{host}"


def why_not_sent(cookie: Cookie, url: str, origin: str) -> str:
    """Why a browser would not send this cookie to a socket at `url` from a page of `origin`.

    Empty when it would. The first rule that stops it is named, in the order in which browsers
    look: was it kept at all, does it belong to this address, may this page bring it along.
    """
    if cookie.is_bare:
        return ""
    target = urlsplit(url)
    checks = (_not_kept(cookie, target), _not_for(cookie, target), _not_from(cookie, url, origin))
    return next((why for why in checks if why), "")


def _not_kept(cookie: Cookie, target: SplitResult) -> str:
    has, name = cookie.attributes, cookie.name
    if name.startswith("__Host-") and ("domain" in has or has.get("path") != "/"):
        return _("The prefix __Host- forbids Domain and needs Path=/, so the browser dropped it.")
    if name.startswith(("__Host-", "__Secure-")) and "secure" not in has:
        return _("Its prefix needs Secure, so the browser dropped it.")
    if has.get("samesite", "").lower() == "none" and "secure" not in has:
        return _("SameSite=None needs Secure, so the browser dropped it.")
    domain = has.get("domain", "").lstrip(".").lower()
    host = target.hostname or ""
    if domain and host != domain and not host.endswith(f".{domain}"):
        told = _("Its Domain=%(domain)s does not cover the host %(host)s.")
        return told % {"domain": domain, "host": host}
    return _("It has expired.") if _is_over(has) else ""


def _is_over(has: dict[str, str]) -> bool:
    if "max-age" in has:
        return bool(re.fullmatch("-[0-9]+|0+", has["max-age"]))
    if "expires" not in has:
        return False
    try:
        expires = parsedate_to_datetime(has["expires"].replace("-", " "))
    except ValueError:
        return False
    return expires.replace(tzinfo=expires.tzinfo or UTC) <= datetime.now(UTC)


def _not_for(cookie: Cookie, target: SplitResult) -> str:
    path = cookie.attributes.get("path", "")
    here = target.path or "/"
    if not path.startswith("/"):
        return _(
            "It says no Path, so it belongs to the folder of the address that set it, such as "
            "/api/auth/, and not to %(here)s; set Path=/."
        ) % {"here": here}
    if here != path and not here.startswith(path.rstrip("/") + "/"):
        return _("Its Path=%(path)s does not cover %(here)s.") % {"path": path, "here": here}
    is_plain = target.scheme in ("ws", "http")
    if "secure" in cookie.attributes and is_plain and target.hostname not in _LOOPBACK:
        return _("It is Secure, and this address is plain http.")
    return ""


def _not_from(cookie: Cookie, url: str, origin: str) -> str:
    same_site = cookie.attributes.get("samesite", "lax").lower()
    if not origin or same_site == "none" or site(url) == site(origin):
        return ""
    word = "SameSite=Strict" if same_site == "strict" else "SameSite=Lax"
    if "samesite" not in cookie.attributes:
        word += _(" (what browsers take when nothing is said)")
    return _(
        "It is %(word)s, and a page of %(page)s is another site than %(target)s; sites are "
        "compared by scheme and name, without the port."
    ) % {"word": word, "page": site(origin), "target": site(url)}
