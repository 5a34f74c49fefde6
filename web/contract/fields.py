"""Fields that many bodies have, with what is known of them beforehand.

Lengths of texts stand here for those who write clients. They are counted when a text is tidied, so
that the refusal names them in the reader's language; `format: line` is one line of visible
characters, blanks at its ends not counted.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from web import limits
from web.parsing import Message


def _text(most: int, least: int = 1, *, form: str = "line", example: str) -> Meta:
    told: dict[str, Any] = {"minLength": least, "maxLength": most, "format": form}
    return Meta(extra_json_schema=told, examples=[example])


Title = Annotated[str, _text(limits.TITLE_CHARACTERS_MAX, example="Snail Derby")]
Question = Annotated[str, _text(limits.QUESTION_CHARACTERS_MAX, example="Who wins?")]
Label = Annotated[str, _text(limits.LABEL_CHARACTERS_MAX, example="Turbo")]
OptionalLabel = Annotated[str, _text(limits.LABEL_CHARACTERS_MAX, 0, example="Phone")]
Reason = Annotated[str, _text(limits.REASON_CHARACTERS_MAX, example="The snails fell asleep.")]
OptionalReason = Annotated[str, _text(limits.REASON_CHARACTERS_MAX, 0, example="Spam.")]
ChatText = Annotated[str, _text(limits.CHAT_CHARACTERS_MAX, example="Go, Turbo!")]
Nickname = Annotated[
    str,
    _text(
        limits.NICKNAME_CHARACTERS_MAX,
        limits.NICKNAME_CHARACTERS_MIN,
        form="nickname",
        example="Quick Otter",
    ),
]
Email = Annotated[
    str, _text(limits.EMAIL_CHARACTERS_MAX, 3, form="email", example="ana@example.org")
]
NewPassword = Annotated[
    str, _text(limits.PASSWORD_CHARACTERS_MAX, 8, form="password", example="correct horse battery")
]
Password = Annotated[
    str, _text(limits.PASSWORD_CHARACTERS_MAX, form="password", example="correct horse battery")
]
# As rooms/codes.py makes them; blanks and dashes between, and small letters, are read, too.
ROOM_CODE = {"pattern": "^[A-HJKMNP-Z2-9]{6}$", "examples": ["K7QM2P"]}
RoomCode = Annotated[str, Meta(extra_json_schema=ROOM_CODE)]
# Of a row; JavaScript clients hold it exactly.
RowId = Annotated[int, Meta(ge=0, le=2**53)]


class PageQuery(Message, frozen=True):
    """Which page of a list: rows before this id, as `next` names it; without one the newest."""

    before: RowId | UnsetType = UNSET
