"""Bodies as they arrive: unpacked within bounds, as text, and apart from each other in a form.

What a body is shows in itself; what its headers say of it is often wrong. Pure, and nothing here
raises.
"""

import json
import re
import zlib
from collections.abc import Iterator
from urllib.parse import parse_qsl

# Bytes by which packed bodies begin, and how zlib is told what they are.
_GZIP, _GZIP_BITS = b"\x1f\x8b", 31
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_RAW_BITS = -15
# UTF-16 begins with one of these, or has zeros among its first signs.
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PART = re.compile(r'name="?([^";\r\n]*)"?.*?\r?\n\r?\n(.*?)\r?\n?\Z', re.DOTALL | re.IGNORECASE)


def unpacked(body: bytes, coding: str, most: int) -> tuple[bytes, bool]:
    """A body without its compression, up to so many bytes, and whether that is all of it."""
    if body.startswith(_GZIP):
        return _inflated(body, _GZIP_BITS, most)
    if _ZLIB.match(body):
        return _inflated(body, zlib.MAX_WBITS, most)
    if "deflate" in coding.lower():
        found, is_whole = _inflated(body, _RAW_BITS, most)
        # Some name a coding and use none.
        body, is_whole = (found, is_whole) if found else (body, True)
        return body[:most], is_whole and len(body) <= most
    return body[:most], len(body) <= most


def _inflated(body: bytes, bits: int, most: int) -> tuple[bytes, bool]:
    """The part that can be unpacked before the end, the bound or the first torn piece."""
    found = b""
    while body and len(found) < most:
        unpacker = zlib.decompressobj(bits)
        try:
            found += unpacker.decompress(body, most - len(found))
        except zlib.error:
            return found, False
        if not unpacker.eof:
            return found, False
        body = unpacker.unused_data
    return found, not body


def as_text(body: bytes) -> str:
    """Text in UTF-8, or in UTF-16 or 32 where it looks like it; other bytes become U+FFFD."""
    coding = json.detect_encoding(body) if b"\0" in body[:4] or body[:2] in _MARKS else "utf-8"
    return body.decode(coding, "replace").removeprefix("\ufeff").strip(" \t\r\n\0")


def is_json(text: str) -> bool:
    """Whether a text can only be JSON; a text in quotes may hold one more."""
    return text[:1] in ("{", "[") or (text[:1] == '"' and text[1:].lstrip()[:1] in ("{", "["))


def fields(text: str) -> Iterator[tuple[str, str]]:
    """Names and values of a query, a form or a form in parts, in their order."""
    if text.startswith("--") and "\n" in text:
        yield from _parts(text)
    for pair in text.removeprefix("?").split("&"):
        yield from parse_qsl(pair.removeprefix("amp;"), keep_blank_values=True)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    boundary = text.split("\n", 1)[0].rstrip("\r")
    for part in text.split(boundary)[1:]:
        if found := _PART.search(part):
            yield found[1], found[2]
