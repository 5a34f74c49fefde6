"""Names people are shown by. Never an identity: two people may carry the same one."""

import random
import re
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

import msgspec
from django.utils.translation import get_language, gettext

from web.characters import BLANK, JOINERS
from web.limits import NICKNAME_CHARACTERS_MAX, NICKNAME_CHARACTERS_MIN
from web.parsing import is_unseen
from web.refusals import Refused

_UNDRAWN = BLANK | dict.fromkeys(map(ord, JOINERS))
# As drawn, capitals not folded.
_DRAWN_STROKES = str.maketrans("I1|0", "lllO")
# I, l and 1 are one stroke in many typefaces, O and 0 one ring; after capitals are folded.
_STROKES = str.maketrans("i1|0", "lllo")
_MARKS_IN_A_ROW_MAX = 2
_SMALL_CAPITAL = re.compile("LATIN LETTER SMALL CAPITAL ([A-Z])")

_WORDS = {
    "en": (
        "Brave Bright Calm Clever Cosmic Daring Early Fair Fancy Gentle Golden Happy Honest Jolly "
        "Keen Lucky Merry Mighty Misty Noble Polite Proud Quick Quiet Ready Royal Rusty Sharp "
        "Silent Silver Sly Snowy Steady Sunny Swift Tidy Velvet Wild Witty Zesty",
        "Badger Bear Beaver Bison Cat Crane Crow Deer Duck Eagle Falcon Ferret Finch Fox Goose "
        "Hare Hawk Heron Horse Koala Lark Lion Lynx Magpie Marten Moose Mouse Otter Owl Panda "
        "Puffin Rabbit Raven Robin Seal Shark Swan Tiger Whale Wolf",
    ),
    "ko": (
        "용감한 빛나는 차분한 영리한 신나는 대담한 부지런한 공정한 멋진 다정한 황금빛 행복한 "
        "정직한 유쾌한 열심인 운좋은 즐거운 힘찬 포근한 고귀한 공손한 당당한 재빠른 조용한 느긋한 "
        "씩씩한 은은한 날카로운 든든한 눈부신 꿋꿋한 햇살같은 날쌘 깔끔한 포동한 자유로운 상큼한",
        "오소리 곰 비버 들소 고양이 두루미 까마귀 사슴 오리 독수리 매 족제비 참새 여우 거위 "
        "산토끼 솔개 왜가리 조랑말 코알라 종달새 사자 살쾡이 까치 담비 고라니 생쥐 수달 부엉이 "
        "판다 펭귄 토끼 갈매기 울새 물범 상어 고니 호랑이 고래 늑대",
    ),
}


def validate(text: str) -> str:
    """The name as it is kept (NFC, single blanks). Raises Refused: nickname_refused.

    2 to 20 code points; nothing that cannot be seen, turns the writing direction or piles up. The
    selector of emojis stands only where it does something: right behind a symbol.
    """
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
    if not NICKNAME_CHARACTERS_MIN <= len(name) <= NICKNAME_CHARACTERS_MAX:
        raise Refused(
            "nickname_refused",
            gettext("A name has %(least)d to %(most)d characters.")
            % {"least": NICKNAME_CHARACTERS_MIN, "most": NICKNAME_CHARACTERS_MAX},
        )
    if any(is_unseen(c, before) for before, c in pairwise(" " + text)):
        raise Refused(
            "nickname_refused", gettext("This name holds a character that cannot be seen.")
        )
    if _piles_up(name):
        raise Refused("nickname_refused")
    return name


def _plain(text: str) -> str:
    """The ASCII letters or digits that a text is, or the letter of a small capital; else ""."""
    if text.isascii() and text.isalnum():
        return text
    capital = len(text) == 1 and _SMALL_CAPITAL.fullmatch(unicodedata.name(text, ""))
    return capital[1] if capital else ""


@cache
def _alike() -> dict[int, str]:
    """Each character that is drawn like ASCII letters or digits, or whose other case is, and those.

    After confusables.txt of Unicode's UTS 39, which sets marks of direction around some.
    """
    listed = msgspec.json.decode(
        files("confusable_homoglyphs").joinpath("confusables.json").read_bytes(),
        type=dict[str, list[dict[str, str]]],
    )
    alike = {
        other["c"].strip("\u200e"): plain
        for text, others in listed.items()
        if (plain := _plain(text))
        for other in [{"c": text}, *others]
    }
    cases = {case: plain for c, plain in alike.items() for case in (c.upper(), c.lower())}
    return {
        ord(c): plain for c, plain in (cases | alike).items() if len(c) == 1 and not c.isascii()
    }


# Dashes and quotation marks that keyboards put in place of the ones that were typed.
_SIGNS = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2018\u2019\u201a\u201b\u2032\u00b4`\u02bc"
    "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb",
    "-------" + "'" * 8 + '"' * 7,
)


def skeleton(name: str) -> str:
    """What two names share that people read as one: case, letters drawn alike, unseen characters.

    For comparing only; it may be longer than the name, as compatibility forms are written out.
    """
    return unicodedata.normalize("NFC", _folded(_spelled(name)).translate(_STROKES))


def looks(text: str) -> frozenset[str]:
    """Two texts that share one of these look the same: drawn alike, or alike but for capitals.

    Finer than a skeleton, which takes all of I, i and l for one: "tail" and "tall" are two.
    """
    spelled = _spelled(text.translate(_SIGNS))
    forms = {
        "drawn": spelled.translate(_alike()).translate(_DRAWN_STROKES),
        "case": spelled.casefold(),
        "both": _folded(spelled),
    }
    return frozenset(f"{kind} {unicodedata.normalize('NFC', form)}" for kind, form in forms.items())


def _spelled(text: str) -> str:
    return unicodedata.normalize("NFKD", text).translate(_UNDRAWN)


def _folded(spelled: str) -> str:
    # Twice, because folding some letters gives those that are drawn alike: a final sigma.
    for _turn in range(2):
        spelled = spelled.translate(_alike()).casefold()
    return spelled


def _piles_up(name: str) -> bool:
    # The first character must stand by itself, so it counts as one mark too many.
    row = _MARKS_IN_A_ROW_MAX
    for character in name:
        row = row + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if row > _MARKS_IN_A_ROW_MAX:
            return True
    return False


def suggest(language: str | None = None) -> str:
    """A friendly name in English or Korean, by default in the visitor's language."""
    code = (language or get_language() or "en")[:2]
    firsts, seconds = _WORDS.get(code, _WORDS["en"])
    pick = random.SystemRandom()
    return f"{pick.choice(firsts.split())} {pick.choice(seconds.split())} {pick.randint(10, 99)}"
