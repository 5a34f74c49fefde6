"""A club's coins: apart from those of other clubs, and its leaderboard over all of its rooms."""

import pytest
from django.core.cache import cache

from accounts.models import User
from betting import bank, ledger
from betting.actions import wallets
from betting.wire.past import club_standings
from rooms import access, clubs, opening
from rooms.models import Club, ClubMembership, Room
from rooms.tests.people import Caller, code_of, room_of, somebody
from web.times import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def hana() -> User:
    return User.objects.create_user("Hana", "hana@example.org", "correct horse")


@pytest.fixture
def club(hana: User) -> Club:
    room_of(hana, title="Elsewhere")
    club = Club.objects.create(pk=2, slug="harbour", title="Harbour")
    clubs.give_to(hana, club, hana)
    return club


def won(club: Club, host: User, title: str, winner: User, loser: User, coins: int) -> Room:
    """A room in which one question was decided."""
    room = opening.open_room(
        host, key=None, club=club, title=title, visibility="public", official_after_s=0
    )
    for user in (winner, loser):
        access.enter(user, room)
    caller = Caller(host)
    body = {"question": "Who?", "outcomes": ["A", "B"]}
    market = caller.ask("POST", f"rooms/{room.code}/markets/", body).json()
    ids = [each["id"] for each in market["outcomes"]]
    for number, user in enumerate((winner, loser)):
        bet = {"bet_id": f"{number:08}-0000-4000-8000-000000000000", "outcome": ids[number]}
        path = f"markets/{market['id']}/bets/"
        assert Caller(user).ask("POST", path, bet | {"stake": coins}).status_code == 201
    caller.ask("POST", f"markets/{market['id']}/lock/")
    caller.ask("POST", f"markets/{market['id']}/settle/", {"winners": ids[:1]})
    ledger.record_all(club.pk)
    return room


def test_coins_of_a_club_are_apart_and_its_best_are_told_over_all_rooms(
    club: Club, hana: User
) -> None:
    ana, bo = somebody("Ana"), somebody("Bo")
    won(club, hana, "First", ana, bo, 100)
    won(club, hana, "Second", ana, bo, 50)
    me = Caller(ana).ask("GET", "auth/me/").json()["wallets"]
    assert [wallet["club"] for wallet in me] == ["main", "harbour"]
    assert me[1]["coins"] == 1_150
    board = Caller(bo).ask("GET", "clubs/harbour/leaderboard/").json()
    assert [(row["rank"], row["nickname"], row["net"]) for row in board["top"]] == [
        (1, "Ana", 150), (2, "Bo", -150),
    ]  # fmt: skip
    assert board["me"] == {"rank": 2, "net": -150}
    assert code_of(Caller(somebody("Odo")).ask("GET", "clubs/harbour/leaderboard/")) == "not_member"
    assert code_of(Caller(hana).ask("GET", "clubs/main/leaderboard/")) == "not_member"
    members = Caller(hana).ask("GET", "clubs/harbour/members/").json()["results"]
    assert {row["user"]["nickname"]: row["coins"] for row in members} == {
        "Ana": 1_150, "Bo": 850, "Hana": 1_000,
    }  # fmt: skip
    assert (bank.head(club.pk).in_wallets, bank.head(club.pk).in_pools) == (3_000, 0)


def test_its_best_are_those_of_thirty_days(club: Club, hana: User) -> None:
    ana, bo = somebody("Ana"), somebody("Bo")
    room = won(club, hana, "First", ana, bo, 100)
    room.markets.update(settled_at_ms=1)
    cache.clear()
    told = club_standings.leaderboard(club, ana.pk)
    assert (told.top, told.me) == ([], None)


def test_the_clock_welcomes_members_whom_the_bank_did_not_answer(club: Club, hana: User) -> None:
    ana = somebody("Ana")
    clubs.join(ana, club)
    assert wallets.welcome_left_over() == 0
    ClubMembership.objects.update(joined_at_ms=now_ms() - 11_000)
    assert [wallets.welcome_left_over() for _again in range(2)] == [2, 2]
    ledger.record_all(club.pk)
    assert wallets.welcome_left_over() == 0
    assert wallets.recorded(club.pk, [ana.pk, hana.pk]) == {ana.pk: 1_000, hana.pk: 1_000}
