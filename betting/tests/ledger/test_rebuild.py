"""A bank that is made anew from the ledger is the same bank, one epoch later."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from betting import bank, ledger
from betting.audit import rebuild as rebuilding
from betting.audit.rebuild import TailAtRisk, rebuild
from betting.audit.reconcile import reconcile, silent
from betting.models import Correction, LedgerEntry, Market
from betting.tests.scenario import FAR_MS, Played, Scenario, dump, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return Scenario()


@pytest.fixture
def played(scenario: Scenario) -> Played:
    return play(scenario)


def without_epoch(hashes: dict[str, dict[str, str]], club_id: int) -> dict[str, dict[str, str]]:
    return {
        key: {name: value for name, value in fields.items() if name != "epoch"}
        if key == bank.Keys(club_id).head
        else fields
        for key, fields in hashes.items()
    }


def name_results(scenario: Scenario) -> None:
    """Results in every state: one stands, one was changed, one withdrawn, one is official."""
    club, host = scenario.club.pk, scenario.host.pk
    for steps in (1, 2, 3, 4):
        market, (a, b) = scenario.market()
        scenario.lock(market)
        for outcome in (a, b)[:steps]:
            scenario.run(
                bank.announce(club, market.pk, result=f"settle:{outcome}@0", by=host, after_ms=9000)
            )
        if steps == 3:
            scenario.run(bank.withdraw(club, market.pk, host))
        if steps == 4:
            scenario.decide(market, "settle", f"{a}@0")


def refill(scenario: Scenario) -> None:
    """Somebody without coins is refilled twice."""
    User.objects.create(pk=9999, nickname="refilled")
    allowance = bank.Allowance(coins=200, below_coins=1000, every_ms=0, per_day=5)
    for _ in range(2):
        scenario.run(bank.refill(scenario.club.pk, 9999, [], allowance))


def test_it_makes_the_same_bank_byte_by_byte_under_the_next_epoch(played: Played) -> None:
    scenario, _, _ = played
    club = scenario.club.pk
    empty, _ = scenario.market(closes_in_s=60, max_stake_coins=50, min_bettors=3)
    scenario.settle(empty, [empty.outcomes.all()[1].pk])
    assert (empty.status, empty.reason) == ("void", "too_small")
    half_paid, (a, b) = scenario.market()
    for user, outcome in zip(scenario.people, (a, a, b, b), strict=True):
        scenario.bet(half_paid, user, outcome, 10)
    scenario.decide(half_paid, "void", "void")
    scenario.run(bank.burn(club, scenario.people[0].pk, 5, "correction:1"))
    name_results(scenario)
    refill(scenario)
    before = dump(club)
    rebuilt = rebuild(club, progress=silent)
    after = dump(club)
    assert without_epoch(after, club) == without_epoch(before, club)
    assert after[bank.Keys(club).head]["epoch"] == "2"
    assert (rebuilt.epoch, rebuilt.wallets, rebuilt.markets, rebuilt.bets) == (2, 5, 9, 16)
    assert reconcile(club, deep=True).is_green


def test_it_answers_old_bets_and_grants_as_before_and_goes_on_counting(played: Played) -> None:
    scenario, market, a = played
    club, bo = scenario.club.pk, scenario.people[1]
    ledger.record_all(club)
    seq = ledger.watermark(club).seq
    # A bet that was lost with bank and journal: its seq is given again, under another epoch.
    scenario.bet(market, bo, a, 10)
    bank.wipe(club)
    rebuild(club, progress=silent)
    bet_id, first = scenario.bet(market, bo, a, 10)
    assert (first.epoch, first.seq) == (2, seq + 1)
    rebuild(club, progress=silent)
    bet = bank.Bet(user_id=bo.pk, bet_id=bet_id, outcome_id=a, stake_coins=10, expires_at_ms=FAR_MS)
    again = scenario.ask(market, bet)
    assert isinstance(again, bank.Accepted)
    assert (again.seq, again.epoch, again.coins, again.is_repeat) == (
        first.seq, first.epoch, first.coins, True,
    )  # fmt: skip
    welcome = scenario.run(bank.grant(club, bo.pk, 1000, f"welcome:{bo.pk}"))
    assert (welcome.is_repeat, welcome.epoch, welcome.coins_after) == (True, 1, 1000)
    _, newer = scenario.bet(market, bo, a, 1)
    assert (newer.epoch, newer.seq) == (3, first.seq + 1)
    ledger.record_all(club)
    assert reconcile(club, deep=True).is_green


def test_it_remembers_what_a_burn_asked_for(scenario: Scenario) -> None:
    club, ana = scenario.club.pk, scenario.people[0]
    scenario.run(bank.burn(club, ana.pk, 5000, "correction:1"))
    Correction.objects.create(
        command="correction:1", club=scenario.club, user=ana, kind="burn", coins=5000,
        reason="?", at_ms=1,
    )  # fmt: skip
    rebuild(club, progress=silent)
    again = scenario.run(bank.burn(club, ana.pk, 5000, "correction:1"))
    assert (again.is_repeat, again.coins, again.coins_after) == (True, 1000, 0)


def test_it_finishes_a_payment_that_was_half_done(scenario: Scenario) -> None:
    ana, bo, cy, di = scenario.people
    market, (a, b) = scenario.market()
    for user, outcome in ((ana, a), (bo, a), (cy, b), (di, b)):
        scenario.bet(market, user, outcome, 10)
    seq = scenario.decide(market, "void", "void")
    ledger.wait_for(scenario.club.pk, seq)
    with pytest.raises(RuntimeError):
        scenario.call_off(market, "void", stop_after=2)
    rebuild(scenario.club.pk, progress=silent)
    state = bank.run(bank.read(scenario.club.pk, [market.pk], [])).states[market.pk]
    assert (state.cursor, state.paid_coins) == (2, 20)
    scenario.call_off(market, "void")
    ledger.record_all(scenario.club.pk)
    assert LedgerEntry.objects.filter(kind="refund").count() == 4
    assert reconcile(scenario.club.pk, deep=True).is_green


def test_it_leaves_the_bank_alone_when_the_ledger_cannot_take_over_all(played: Played) -> None:
    scenario, market, a = played
    club = scenario.club.pk
    ledger.record_all(club)
    mark = ledger.watermark(club)
    for _ in range(3):
        scenario.bet(market, scenario.people[0], a, 1)
    bank.command("XDEL", bank.Keys(club).journal, f"1-{mark.seq + 2}")
    before = dump(club)
    with pytest.raises(TailAtRisk, match=f"broken at {mark.seq + 2}"):
        rebuild(club, progress=silent)
    assert dump(club) == before
    assert ledger.watermark(club).epoch == 1
    scenario.bet(market, scenario.people[0], a, 1)
    rebuilt = rebuild(club, progress=silent, lose_tail=True)
    # What came before the break was sound.
    assert (rebuilt.epoch, rebuilt.seq) == (2, mark.seq + 1)
    assert reconcile(club, deep=True).is_green


def test_it_refuses_when_entries_vanished_with_the_end_of_the_journal(played: Played) -> None:
    scenario, market, a = played
    club = scenario.club.pk
    ledger.record_all(club)
    scenario.bet(market, scenario.people[0], a, 1)
    bank.command("UNLINK", bank.Keys(club).journal)
    with pytest.raises(CommandError, match="Nothing was changed; see --lose-tail"):
        call_command("rebuild_bank", "main")
    assert bank.find_head(club) is not None
    out = StringIO()
    call_command("rebuild_bank", "main", "--lose-tail", stdout=out)
    assert out.getvalue().startswith("main: epoch 2 from entry")
    assert reconcile(club, deep=True).is_green


class Killed(Exception):
    pass


@pytest.mark.parametrize(
    "step", ["_close_head", "_take_tail", "raise_epoch", "_fold", "_write", "bank.wipe"]
)
def test_it_can_be_run_again_after_it_was_killed_anywhere(
    played: Played, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    scenario, market, a = played
    club = scenario.club.pk
    before = without_epoch(dump(club), club)
    owner = bank if step.startswith("bank.") else rebuilding
    whole = getattr(owner, step.removeprefix("bank."))

    def killed(*args: Any, **named: Any) -> None:
        whole(*args, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, step.removeprefix("bank."), killed)
        # A process that is killed undoes nothing.
        patch.setattr(rebuilding, "_reopen_head", lambda *_: None)
        with pytest.raises(Killed):
            rebuild(club, progress=silent)
    with pytest.raises(bank.BankAway):
        scenario.bet(market, scenario.people[1], a, 1)
    rebuild(club, progress=silent)
    assert without_epoch(dump(club), club) == before
    scenario.bet(market, scenario.people[1], a, 1)
    assert reconcile(club, deep=True).is_green


def test_it_leaves_out_what_the_bank_would_have_forgotten(played: Played) -> None:
    scenario, market, _ = played
    Market.objects.filter(status="settled").update(settled_at_ms=1)
    assert rebuild(scenario.club.pk, progress=silent).markets == 2
    [planted] = reconcile(scenario.club.pk, deep=True).differences
    assert planted.what.startswith("settled_at_ms of market")


def test_it_keeps_a_standing_result_its_time_and_what_may_still_be_done(scenario: Scenario) -> None:
    club, host = scenario.club.pk, scenario.host.pk
    market, (a, b) = scenario.market()
    scenario.bet(market, scenario.people[0], a, 10)
    scenario.lock(market)
    named = bank.announce(club, market.pk, result=f"settle:{a}@0", by=host, after_ms=9000)
    before = scenario.run(named).state
    rebuild(club, progress=silent)
    after = bank.run(bank.read(club, [market.pk], [])).states[market.pk]
    assert after == before
    assert bank.run(bank.make_official(club, market.pk)) == bank.Denied("not_due")
    assert scenario.run(named).is_repeat
    other = bank.announce(club, market.pk, result=f"settle:{b}@0", by=host, after_ms=9000)
    assert scenario.run(other).state.result == f"settle:{b}@0"
    ledger.record_all(club)
    assert reconcile(club, deep=True).is_green
