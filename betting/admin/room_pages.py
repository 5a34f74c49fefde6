"""What the page of a room shows of its questions."""

from functools import partial

from django.http import HttpRequest
from django.utils.translation import gettext as _

from betting.admin.bank_sections import ledger_of, without_bank
from betting.admin.comparing import Compared, compared, in_words
from betting.admin.market_sections import page_of
from betting.audit.comparisons.market_comparisons import audit_markets
from betting.models import Market
from betting.wire import boards
from rooms.admin.room_admin import RoomAdmin
from rooms.models import Room
from web.admin_site.admin_pages import Line, Section, Verdict
from web.refusals import Refused

# Fifty drafts, and what is open or was decided lately.
QUESTIONS_SHOWN = 60


def questions(request: HttpRequest, room: Room) -> Section:
    """The room's undecided and last questions with their coins, and how many are undecided."""
    title, live = _("Questions: status · coins"), _("Bank now")
    rows = boards.of_room(room.pk)[:QUESTIONS_SHOWN]
    numbers = [market.pk for market in rows]
    try:
        found = compared(room.club_id, numbers)
        found.confirm(partial(audit_markets, room.club_id, numbers))
    except Refused as refused:
        told = [(market.question, _in_sql(market)) for market in rows]
        return without_bank(title, live, told, refused)
    lines = [_line(found, market) for market in rows]
    if rows:
        lines.append(_count(found, room))
    links = [(ledger_of(club=room.club_id), _("The club's ledger"))]
    note = "" if rows else _("No questions yet.")
    return Section(title=title, live=live, lines=lines, note=note, links=links)


def _in_sql(market: Market) -> str:
    return f"{market.get_status_display()} · {market.coins:,}"


def _line(found: Compared, market: Market) -> Line:
    state = found.held.states.get(market.pk)
    wrong = [each for each in found.differences if each.market_id == market.pk]
    in_sql = _in_sql(market)
    in_bank = "–"
    verdict: Verdict = "same"
    if state:
        coins = sum(state.pools.values())
        in_bank = f"{Market.Status(state.status).label} · {coins:,}"
        verdict = "same" if in_bank == in_sql else "behind"
    remark = found.lag() if verdict == "behind" else ""
    if wrong:
        verdict, remark = "differs", " ".join(in_words(each) for each in wrong)
    return Line(
        label=market.question,
        live=in_bank,
        sql=in_sql,
        verdict=verdict,
        remark=remark,
        url=page_of(market),
    )


def _count(found: Compared, room: Room) -> Line:
    undecided = sum(state.status not in boards.FINAL for state in found.held.states.values())
    is_same = undecided == room.open_markets
    return Line(
        label=_("Undecided questions"),
        live=undecided,
        sql=room.open_markets,
        verdict="same" if is_same else "behind",
        remark="" if is_same else _("The column follows when the next one opens or is paid."),
    )


RoomAdmin.extras.sections.insert(0, questions)
