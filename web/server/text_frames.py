"""Text frames read without the general parser, and made once: nearly all that sockets say.

What is read here is exactly what the general parser would read; everything else is left to it.
"""

import functools
from typing import Any

from websockets.frames import Frame, Opcode, apply_mask  # type: ignore[attr-defined]
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

# A frame for everybody is written to one reader after the other.
FRAMES_KEPT = 16
# A whole text message, and one whose length takes one byte and is masked.
_WHOLE_TEXT, _MASKED = 0x81, 0x80
# Its head of two bytes, and the mask.
_SMALLEST = 6
_TWO_BYTES, _EIGHT_BYTES = 126, 127
_BETWEEN_FRAMES = StreamReader.at_eof.__code__


def is_between_frames(connection: ServerProtocol) -> bool:
    """Whether the general parser waits for the beginning of a frame that begins a message."""
    parser: Any = connection.parser
    parsing = parser.gi_yieldfrom
    reading = parsing.gi_yieldfrom if parsing else None
    if reading is None or reading.gi_code is not _BETWEEN_FRAMES:
        return False
    return connection.current_size is None


def read_texts(part: bytes, bytes_max: int) -> list[str]:
    """The texts of whole masked frames, each of at most so many bytes of good UTF-8.

    None of them where the part holds anything else, or a frame that goes on beyond it.
    """
    texts, at, size = [], 0, len(part)
    while at < size:
        if size - at < _SMALLEST or part[at] != _WHOLE_TEXT or part[at + 1] < _MASKED:
            return []
        length, mask_at = part[at + 1] - _MASKED, at + 2
        if length == _EIGHT_BYTES:
            return []
        if length == _TWO_BYTES:
            length, mask_at = int.from_bytes(part[at + 2 : at + 4], "big"), at + 4
        text_at = mask_at + 4
        at = text_at + length
        if at > size or length > bytes_max:
            return []
        try:
            texts.append(apply_mask(part[text_at:at], part[mask_at:text_at]).decode())
        except UnicodeDecodeError:
            return []
    return texts


@functools.lru_cache(maxsize=FRAMES_KEPT)
def text_frame(text: str) -> bytes:
    """A whole text frame as a server sends it, unmasked."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
