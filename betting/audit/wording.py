"""What comparisons name, in the reader's language. They name it in English, with its figures."""

import re
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# The first that fits is taken; what fits none is said as it stands.
NAMES = (
    gettext_noop("the bank's head"),
    gettext_noop("the bank's last entry"),
    gettext_noop("the bank's chain"),
    gettext_noop("the bank's time of its last entry"),
    gettext_noop("the bank's total %(field)s"),
    gettext_noop("the journal"),
    gettext_noop("the watermark"),
    gettext_noop("the next entry of the ledger"),
    gettext_noop("the last entry of the ledger"),
    gettext_noop("chain of entry %(entry)s"),
    gettext_noop("wallet after entry %(entry)s"),
    gettext_noop("an entry of market %(market)s"),
    gettext_noop("coins left in market %(market)s"),
    gettext_noop("wallet of user %(user)s in SQL"),
    gettext_noop("bank's wallet of user %(user)s"),
    gettext_noop("user %(user)s, who holds coins,"),
    gettext_noop("market %(market)s, which holds coins,"),
    gettext_noop("bank's answer to bet %(bet)s"),
    gettext_noop("bank's answer to %(command)s"),
    gettext_noop("bank's refills of user %(user)s"),
    gettext_noop("position of user %(user)s on outcome %(outcome)s in SQL"),
    gettext_noop("bank's position of user %(user)s on outcome %(outcome)s"),
    gettext_noop("bank's position on market %(market)s of user %(user)s"),
    gettext_noop("outcome %(outcome)s of market %(market)s in SQL"),
    gettext_noop("bank's outcome %(outcome)s of market %(market)s"),
    gettext_noop("won of outcome %(outcome)s in SQL"),
    gettext_noop("takeout of market %(market)s by its rules in SQL"),
    gettext_noop("payments of market %(market)s by its rules in SQL"),
    gettext_noop("%(field)s of market %(market)s in SQL"),
    gettext_noop("bank's market %(market)s"),
    gettext_noop("bank's %(field)s of market %(market)s"),
    gettext_noop("entries of the chain"),
    gettext_noop("entries read"),
    gettext_noop("entries"),
    gettext_noop("wallets"),
    gettext_noop("markets"),
    gettext_noop("markets of the bank"),
    gettext_noop("markets written"),
    gettext_noop("missing"),
    gettext_noop("rubbish"),
    gettext_noop("nothing like it"),
)


def worded(name: object) -> str:
    """The name of a figure, or a word that stands for one."""
    text = str(name)
    for shape, template in _shapes():
        if found := shape.fullmatch(text):
            return _(template) % found.groupdict()
    return text


@cache
def _shapes() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(_pattern(name), re.DOTALL), name) for name in NAMES]


def _pattern(name: str) -> str:
    parts = re.split(r"%\((\w+)\)s", name)
    return "".join(
        f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )
