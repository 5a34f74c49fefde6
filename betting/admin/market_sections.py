"""A market's figures: the bank's beside SQL's."""

from functools import partial

from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from betting.admin.bank_sections import ledger_of, without_bank
from betting.admin.comparing import Compared, compared
from betting.audit.comparisons.market_comparisons import audit_markets, audit_positions
from betting.bank.values import MarketState
from betting.models import Market, Outcome, Position
from web.admin_site.admin_pages import Figure, Line, Section, Verdict
from web.refusals import Refused, Words
from web.times import shown

BETTORS_SHOWN = 50


def figures(request: HttpRequest, market: Market) -> Section:
    """Status, hold, times, bettors and the pool of every answer."""
    title, live = _("The question's figures"), _("Bank now")
    club_id = market.room.club_id
    outcomes = list(market.outcomes.all())
    try:
        found = compared(club_id, [market.pk])
        found.confirm(partial(audit_markets, club_id, [market.pk]))
    except Refused as refused:
        status = str(market.get_status_display())
        rows: list[tuple[str, Figure]] = [(_("Status"), status), (_("Coins staked"), market.coins)]
        return without_bank(title, live, rows, refused)
    state = found.held.states.get(market.pk)
    lines = [*_steps(found, market, state), *_pools(found, outcomes, state)]
    note = "" if state else _("Not in the bank: a draft, or forgotten after its end.")
    links = [(ledger_of(club=club_id, market=market.pk), _("Its ledger"))]
    return Section(title=title, live=live, lines=lines, note=note, links=links)


def _steps(found: Compared, market: Market, state: MarketState | None) -> list[Line]:
    status, bettors = f"status of market {market.pk}", f"bettors of market {market.pk}"
    lost = found.judge(f"bank's market {market.pk}", 0, 0)
    lines = [
        _line(found, _("Status"), status, state and _word(state.status), _word(market.status)),
        _line(found, _("Bettors"), bettors, state and state.bettors, market.bettors),
    ]
    if lost[0] == "differs":
        lines[0] = Line(
            label=_("Status"),
            live=_("missing"),
            sql=_word(market.status),
            verdict=lost[0],
            remark=lost[1],
        )
    if state is None:
        return lines
    lines.append(
        Line(
            label=_("On hold"),
            live=_("yes") if state.frozen else _("no"),
            sql=_("yes") if market.frozen else _("no"),
            # A hold is no entry of the journal, so SQL has it at once or not at all.
            verdict="same" if state.frozen == market.frozen else "differs",
        )
    )
    for label, in_bank, in_sql in (
        (_("Opened"), state.opened_at_ms, market.opened_at_ms),
        (_("Closes"), state.closes_at_ms, market.closes_at_ms),
        (_("Locked"), state.locked_at_ms, market.locked_at_ms),
        (_("Paid in full"), state.final_at_ms, market.settled_at_ms),
    ):
        same: Verdict = "same" if (in_bank or 0) == (in_sql or 0) else "behind"
        remark = "" if same == "same" else found.lag()
        line = Line(
            label=label, live=shown(in_bank), sql=shown(in_sql), verdict=same, remark=remark
        )
        if in_bank or in_sql:
            lines.append(line)
    return lines


def _word(status: str) -> str:
    return str(Market.Status(status).label)


def _pools(found: Compared, outcomes: list[Outcome], state: MarketState | None) -> list[Line]:
    lines = []
    for outcome in outcomes:
        in_bank = None
        if state:
            in_bank = (state.pools.get(outcome.pk, 0), state.heads.get(outcome.pk, 0))
        of = f"outcome {outcome.pk} of market {outcome.market_id}"
        in_sql = (outcome.coins, outcome.heads)
        line = _line(found, _("%s: coins · people") % outcome.label, of, in_bank, in_sql)
        lines.append(line)
    return lines


def holdings(request: HttpRequest, market: Market) -> Section:
    """The fifty largest positions of SQL beside the bank's."""
    title, live = _("The largest positions"), _("Bank now")
    club_id = market.room.club_id
    rows = list(
        Position.objects.filter(market=market).select_related("user", "outcome")
        .order_by("-coins", "pk")[:BETTORS_SHOWN]
    )  # fmt: skip
    total = Position.objects.filter(market=market).aggregate(all=Sum("coins"))["all"] or 0
    note = _("%(shown)s of them; all together: %(coins)s coins.") % {
        "shown": len(rows),
        "coins": f"{total:,}",
    }
    users = sorted({row.user_id for row in rows})
    try:
        found = compared(club_id, [market.pk], users)
        found.confirm(partial(audit_positions, club_id, market.pk, users))
    except Refused as refused:
        return without_bank(title, live, [(_who(row), f"{row.coins:,}") for row in rows], refused)
    is_held = market.pk in found.held.states
    lines = []
    for row in rows:
        held = found.held.positions.get((market.pk, row.user_id), {})
        in_bank = held.get(row.outcome_id, (0, 0))[0] if is_held else None
        of = f"position of user {row.user_id} on outcome {row.outcome_id} "
        line = _line(found, _who(row), of, in_bank, row.coins)
        lines.append(line)
    return Section(title=title, live=live, lines=lines, note=note)


def _who(row: Position) -> str:
    return f"{row.user}: {row.outcome.label}"


def _line(found: Compared, label: Words, of: str, in_bank: object, in_sql: object) -> Line:
    """A figure; None: the bank does not hold the market, so that only SQL can be off."""
    verdict, remark = found.judge(of, in_sql if in_bank is None else in_bank, in_sql)
    return Line(
        label=label,
        live="–" if in_bank is None else _text(in_bank),
        sql=_text(in_sql),
        verdict=verdict,
        remark=remark,
    )


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " · ".join(_text(each) for each in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def page_of(market: Market) -> str:
    """The address of a market's page."""
    return reverse("admin:betting_market_change", args=[market.pk])
