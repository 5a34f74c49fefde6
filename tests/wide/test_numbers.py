"""A number is given out once, also when SQL comes back without its last rows."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from betting import bank, ledger
from betting.actions import markets
from betting.audit import reconcile, row_numbers
from betting.models import Installation, Market, Position, Wallet
from rooms.models import Club, Room
from web.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def people_room_question() -> tuple[Any, Room, Market]:
    user = get_user_model().objects.create_user(nickname="ana")
    club, _ = Club.objects.get_or_create(pk=1, defaults={"slug": "main", "title": "Ringside"})
    room = Room.objects.create(host=user, club=club, code="ABCDEF", title="R")
    market = Market.objects.create(room=room, question="Who?", created_by=user, created_at_ms=1)
    markets.answers(market, ["A", "B"])
    return user, room, market


def lose(*rows: Any) -> None:
    """Remove rows as a database does that never had them; the objects keep their numbers."""
    for row in rows:
        if isinstance(row, Market):
            row.outcomes.all().delete()
        type(row).objects.filter(pk=row.pk).delete()


def test_they_go_on_above_all_that_sql_and_the_journals_know() -> None:
    user, room, market = people_room_question()
    [first, second] = [outcome.pk for outcome in market.outcomes.all()]
    far = 10 * row_numbers.LEAP
    bank.run(bank.grant(room.club_id, far, 100, "grant"))
    lose(market)
    row_numbers.leap(connection)
    lose(room, user)
    anew, its_room, its_market = people_room_question()
    assert anew.pk > far + row_numbers.LEAP
    assert its_room.pk > room.pk and its_market.pk > market.pk + row_numbers.LEAP - 1
    assert min(outcome.pk for outcome in its_market.outcomes.all()) > max(first, second)


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite is one file: nothing takes over")
def test_a_server_that_takes_over_leaps_before_anything_is_written() -> None:
    Installation.objects.get_or_create(pk=1, defaults={"name": "n"})
    connection.close()
    user, room, market = people_room_question()
    [(server,)] = Installation.objects.values_list("server")
    assert server
    # What the promoted replica holds: the rows of another server, without the last ones.
    Installation.objects.update(server="another")
    lose(market)
    connection.close()
    lose(room, user)
    anew, _its_room, its_market = people_room_question()
    assert (
        anew.pk > user.pk + row_numbers.LEAP - 1
        and its_market.pk > market.pk + row_numbers.LEAP - 1
    )
    # Once: the next connection finds the server that gives numbers out.
    connection.close()
    assert get_user_model().objects.create_user(nickname="bo").pk == anew.pk + 1


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite is one file: nothing takes over")
def test_a_connection_that_could_not_leap_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    Installation.objects.update_or_create(pk=1, defaults={"name": "n", "server": "another"})
    connection.close()
    with monkeypatch.context() as patch:
        patch.setattr(row_numbers, "LEAP", "no number")
        for _ in range(2):
            with pytest.raises(TypeError):
                Club.objects.exists()
    assert Installation.objects.values_list("server", flat=True).get() not in ("", "another")


def test_a_question_never_opens_with_coins_it_was_not_bet() -> None:
    user, room, market = people_room_question()
    outcomes = [outcome.pk for outcome in market.outcomes.all()]
    other = Market(pk=market.pk, room_id=room.pk + 1)
    bank.run(bank.open_market(room.club_id, other, [1001, 1002]))
    denied = bank.run(bank.open_market(room.club_id, market, outcomes))
    assert denied == bank.Denied("key_reused")
    with pytest.raises(Refused, match="unavailable"):
        markets._open(room.club_id, market, outcomes, user.pk)


def test_coins_on_a_question_that_sql_has_lost_are_given_back() -> None:
    user, room, market = people_room_question()
    outcomes = [outcome.pk for outcome in market.outcomes.all()]
    club_id = room.club_id
    bank.run(bank.grant(club_id, user.pk, 100, f"welcome:{user.pk}"))
    bank.run(bank.open_market(club_id, market, outcomes))
    bet = bank.Bet(
        user_id=user.pk, bet_id="b", outcome_id=outcomes[0], stake_coins=30,
        expires_at_ms=4_000_000_000_000,
    )  # fmt: skip
    bank.run(bank.place_bets(club_id, room.pk, market.pk, [bet]))
    ledger.record_all(club_id)
    Position.objects.all().delete()
    lose(market)
    named = [str(each.what) for each in reconcile.reconcile(club_id, deep=True).differences]
    assert named == [f"market {market.pk}, which holds coins,"]
    for told in ("30 coins", "given back", ""):
        out = StringIO()
        call_command("lost_questions", call_off=told == "given back", stdout=out)
        assert told in out.getvalue()
    assert out.getvalue() == ""
    assert reconcile.reconcile(club_id, deep=True).is_green
    assert Wallet.objects.get(club=club_id, user=user).coins == 100
