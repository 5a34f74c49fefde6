"""What comparisons name is said in the reader's language."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.utils.translation import override

from betting.audit import wording
from betting.audit.comparisons.differences import Difference

pytestmark = pytest.mark.once

GIVEN = re.compile(r"(?:unequal|Difference)\(\s*f?\"([^\"]+)\"")
LATIN = re.compile(r"[A-Za-z]{2}")


@pytest.mark.parametrize("name", wording.NAMES)
def test_every_name_has_its_korean(name: str) -> None:
    told = name % defaultdict(lambda: "7")
    with override("ko"):
        said = wording.worded(told)
    assert said.count("7") == told.count("7")
    assert not LATIN.search(re.sub("SQL|won", "", said))


def test_every_name_that_comparisons_give_is_known() -> None:
    folder = Path(wording.__file__).parent
    given = [name for path in folder.rglob("*.py") for name in GIVEN.findall(path.read_text())]
    # Names that are put together begin with a part that others have, too.
    whole = [re.sub(r"\{.*?\}", "7", each) for each in given if not re.search("{(of|what)}", each)]
    assert len(whole) > 15
    with override("ko"):
        assert [name for name in whole if wording.worded(name) == name] == []


def test_a_difference_is_one_sentence() -> None:
    found = Difference("bank's wallet of user 5", "missing", 30)
    assert str(found) == "bank's wallet of user 5: missing, but 30 by the ledger"
    with override("ko"):
        assert str(found) == "뱅크에 있는 사용자 5의 지갑: 없음, 장부에는 30"
