"""Which nicknames people read as one."""

import pytest

from accounts.nicknames import looks, skeleton, suggest, validate

pytestmark = pytest.mark.once

# The letters of other scripts that are drawn like Latin ones.
ALIKE = {
    "House": "Ꮋouse ꮋouse ʜouse Ηouse Нouse 𝐇ouse Ｈouse",
    "Alice": "Ꭺlice ꓮlice Αlice А1ice 𝐀𝐥𝐢𝐜𝐞 Ａｌｉｃｅ ᴀʟɪᴄᴇ 𝒜lice 🄰lice",
    "Hana": "ᕼana ΗΑΝΑ НАNА haոa ꓧana",
    "admin": "ɑdmin αdmin аdmin aԁmin adⅿin admіn",
    "Gil": "ɡil ցil ᏀiӀ ԌіІ ꓖil",
    "Wolf": "ᴡolf Ꮃolf ԝolf ꓪolf wօlf woⅼf wσlf",
    "Noam": "ոoam Νoam ꓠoam",
    "hat": "հat һat Ꮒat haꓔ",
    "Our": "օur Օur ഠur ၀ur ꓳur 0ur",
    "Gem": "ցem ɡem ꮐem",
    "Lisp": "ꓡisp ᏞᎥsp ᒪisp ⅼisp 1isp Ιisp",
    "Юля": "юля ЮЛЯ",
    "Νίκος": "ΝίκοΣ Νίκοσ ΝΊΚΟΣ",
}


@pytest.mark.parametrize("name", ALIKE)
def test_it_reads_letters_that_are_drawn_alike_as_one(name: str) -> None:
    for other in ALIKE[name].split():
        assert validate(other) == other
        assert skeleton(other) == skeleton(name), other


def test_it_tells_names_apart_that_people_tell_apart() -> None:
    names = (
        "Mika", "Mïka", "Mira", "Nora", "Vera", "Rosa", "Arnie", "Amie", "Zoë", "Zoe", "민수",
        "민서", "さくら", "サクラ", "Юля", "Оля", "Νίκος", "Ελένη", "李明", "李朋", "नीला", "ნინო",
        "Արամ", "שרה",
    )  # fmt: skip
    assert len({skeleton(name) for name in names}) == len(names)


def test_it_leaves_korean_as_it_is() -> None:
    names = [suggest("ko") for _ in range(50)]
    assert [skeleton(name).split()[:-1] for name in names] == [name.split()[:-1] for name in names]


def test_it_grows_no_longer_than_is_kept() -> None:
    everything = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    assert max(len(skeleton(character)) for character in everything) == 18


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yes", "YES"), ("Yes", "Ｙｅｓ"), ("Red", "R\u0435d"), ("Paypal", "PaypaI"), ("10", "lO"),
        ("❤", "❤\ufe0f"), ("é", "e\u0301"), ("می\u200cشود", "میشود"), ("ΝΊΚΟΣ", "Νίκος"),
        ("2-1", "2\u20131"), ("Don't", "Don\u2019t"), ('"Red"', "\u201cRed\u201d"),
    ],
)  # fmt: skip
def test_it_finds_texts_that_look_the_same(one: str, other: str) -> None:
    assert not looks(one).isdisjoint(looks(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Tail", "Tall"), ("Who fails?", "Who falls?"), ("예", "네"), ("1:0", "0:1")]
)
def test_it_finds_texts_that_look_different(one: str, other: str) -> None:
    assert looks(one).isdisjoint(looks(other))
