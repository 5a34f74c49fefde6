"""Rooms with a place: who is inside, who may bet, and nobody flaps at the edge."""

import asyncio
import math
import random
import time

import msgspec
import pytest

from locations import clock_steps, live, models
from locations.circles import circles
from locations.fixes import geofence
from locations.fixes.fix import Fix, Flag
from locations.fixes.plausibility import Lag, Standing, State
from locations.reports import record
from locations.tests.people import METRE, SPOT, browser, engine, measured, somebody
from rooms import access
from rooms import live as rooms_live
from rooms.inside import BetDecision, Mark, ainside, decide, inside, keep, keep_code
from rooms.models import Club, Membership, Room
from rooms.places import Place
from web import times

T = 1_790_000_000_000
HALL = Place(*SPOT, 100)


def fix(north_m: float, at_ms: int = T, accuracy_m: float = 10, **more) -> Fix:
    lat_e7 = round((SPOT[0] + north_m * METRE) * 1e7)
    accuracy_dm = round(accuracy_m * 10)
    return Fix(at_ms, at_ms, lat_e7, round(SPOT[1] * 1e7), accuracy_dm=accuracy_dm, **more)


def walk(*steps_m: float, accuracy_m: float = 10) -> list[bool]:
    standing, told = Standing(), []
    for north_m in steps_m:
        standing = geofence.step(standing, HALL, fix(north_m, accuracy_m=accuracy_m))
        told.append(standing.is_inside)
    return told


def test_it_lets_in_at_once_and_out_after_two_sure_fixes():
    assert walk(300, 90, 300, 90, 300, 300, 110) == [False, True, True, True, True, False, False]


def test_it_keeps_in_whom_the_error_of_a_fix_put_out():
    assert all(walk(90, 200, 200, 200, accuracy_m=120))


def test_it_does_not_flap_when_somebody_walks_along_the_edge():
    chance = random.Random(7)
    for seed in range(50):
        noise = [100 + 8 * math.sin(seed + n / 9) + chance.gauss(0, 6) for n in range(400)]
        told = walk(*noise)
        assert sum(a != b for a, b in zip(told, told[1:], strict=False)) <= 1


@pytest.mark.parametrize(
    "a_fix, why",
    [
        (fix(0), ""),
        (fix(89), ""),
        (fix(95), "edge"),
        (fix(101), "outside"),
        (fix(0, accuracy_m=51), "inaccurate"),
        (fix(0, accuracy_m=6553.5), "accuracy_unknown"),
        (fix(0, flags=Flag.MOCK), "mock"),
        (fix(0, flags=Flag.ESTIMATED), "accuracy_unknown"),
        (fix(0, flags=Flag.JUMP), "jump"),
    ],
)
def test_it_is_strict_about_bets(a_fix, why):
    mark = geofence.mark(Standing(True), HALL, a_fix, State())
    assert (mark.is_sure, mark.why) == (not why, why)


def test_it_wants_half_the_radius_as_accuracy_in_a_small_place():
    small = Place(*SPOT, 30)
    assert geofence.mark(Standing(True), small, fix(0, accuracy_m=16), State()).why == "inaccurate"
    assert geofence.mark(Standing(True), small, fix(0, accuracy_m=15), State()).is_sure


@pytest.mark.parametrize(
    "lag_s, steady_s, why, where",
    [(60, 20, "clock", "inside"), (60, 19, "", "inside"), (120, 20, "clock", "unknown"),
     (29, 3_600, "", "inside")],
)  # fmt: skip
def test_it_says_that_a_clock_is_wrong_and_never_puts_the_time_right_by_it(
    lag_s, steady_s, why, where
):
    late = msgspec.structs.replace(fix(0), received_ms=T + lag_s * 1_000)
    state = State(last=late, lag=Lag(lag_s * 1_000, late.received_ms - steady_s * 1_000))
    mark = geofence.mark(Standing(True), HALL, late, state)
    assert (mark.why, mark.where, mark.fix_ms) == (why, where, T)


@pytest.mark.parametrize(
    "received_ms, fix_ms, why",
    [(T, T, ""), (T - 45_000, T - 46_000, ""), (T - 45_001, T - 45_001, "silent"),
     (T, T - 30_001, "late")],
)  # fmt: skip
def test_it_decides_at_the_moment_of_the_bet(received_ms, fix_ms, why):
    mark = Mark(where="inside", is_sure=True, received_ms=received_ms, fix_ms=fix_ms)
    decision = decide(mark, 0, T)
    assert (decision.may_bet, decision.why) == (not why, why)


def test_it_takes_the_code_of_the_screen_for_ten_minutes_instead():
    unknown = Mark(where="unknown", is_sure=False)
    assert decide(unknown, T - 600_000, T).proof == "code"
    assert not decide(unknown, T - 600_001, T).may_bet


@pytest.fixture
def hall(db) -> Room:
    club, _ = Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})
    return Room.objects.create(
        code="HAQQ22", title="Hall", club=club, host=somebody("Host"), place_lat=SPOT[0],
        place_lon=SPOT[1], place_radius_m=100, bets_need_presence=True,
    )  # fmt: skip


def test_it_tells_the_room_who_is_inside(hall):
    alice, bob = somebody(), somebody("Bob")
    access.enter(alice, hall)
    now_ms = times.now_ms()
    for user in (alice, bob):
        outcome = record(user.pk, [measured(now_ms, accuracy_m=8)])
    assert outcome.next_ms == 10_000
    decision = inside(hall.pk, alice.pk)
    assert (decision.may_bet, decision.where, decision.proof) == (True, "inside", "fix")
    assert (decision.accuracy_m, decision.away_m) == (8, 0)
    assert inside(hall.pk, bob.pk).may_bet is False
    assert inside(hall.pk, bob.pk).where == "unknown"


def test_it_follows_somebody_out_and_into_silence(hall, monkeypatch):
    alice = somebody()
    access.enter(alice, hall)
    now_ms = times.now_ms()
    record(alice.pk, [measured(now_ms - 20_000, accuracy_m=8)])
    assert record(alice.pk, [measured(now_ms - 10_000, accuracy_m=8)]).next_ms == 5_000
    record(alice.pk, [measured(now_ms - 5_000, SPOT[0] + 150 * METRE, accuracy_m=8)])
    decision = inside(hall.pk, alice.pk)
    assert (decision.may_bet, decision.where, decision.why) == (False, "edge", "outside")
    record(alice.pk, [measured(now_ms, SPOT[0] + 160 * METRE, accuracy_m=8)])
    assert inside(hall.pk, alice.pk).where == "outside"
    rooms_live.ask(rooms_live.forget_inside(hall.pk, alice.pk))
    assert inside(hall.pk, alice.pk).where == "outside"
    monkeypatch.setattr("rooms.inside.now_ms", lambda: now_ms + 91_000)
    assert inside(hall.pk, alice.pk).where == "unknown"


def test_it_keeps_a_jump_out_of_bets(hall):
    alice = somebody()
    access.enter(alice, hall)
    now_ms = times.now_ms()
    record(alice.pk, [measured(now_ms - 10_000, SPOT[0] + 0.5, accuracy_m=8)])
    record(alice.pk, [measured(now_ms, accuracy_m=8)])
    assert inside(hall.pk, alice.pk).may_bet is False


def test_it_refuses_a_spoofed_client_until_it_gives_the_code(hall):
    alice = somebody()
    access.enter(alice, hall)
    for _hop in range(4):
        for lat in (SPOT[0] - 12.5, SPOT[0]):
            now_ms = times.now_ms()
            record(alice.pk, [measured(now_ms + n, lat, accuracy_m=5) for n in range(3)])
            time.sleep(0.005)
        decision = inside(hall.pk, alice.pk)
        assert (decision.may_bet, decision.why) == (False, "jump")
    keep_code(hall.pk, alice.pk)
    decision = inside(hall.pk, alice.pk)
    assert (decision.may_bet, decision.proof) == (True, "code")


def test_it_refuses_who_was_elsewhere_a_moment_ago_and_sends_one_copy(hall):
    alice = somebody()
    access.enter(alice, hall)
    now_ms = times.now_ms()
    record(alice.pk, [measured(now_ms - 200, 40.0, -3.0, accuracy_m=5)])
    record(alice.pk, [measured(now_ms - 100, accuracy_m=5)])
    record(alice.pk, [measured(now_ms, accuracy_m=5)])
    assert inside(hall.pk, alice.pk).why == "jump"
    position = browser(alice).get("/api/locations/me/").json()["position"]
    assert position["flags"] == ["jump"]


def test_it_takes_no_bets_on_the_ping_of_a_phone(hall):
    alice = somebody()
    access.enter(alice, hall)
    record(alice.pk, [measured(times.now_ms(), accuracy_m=5, is_ping=True)])
    assert inside(hall.pk, alice.pk).may_bet is False
    assert browser(alice).get("/api/locations/me/").json()["position"]["live"] is False
    record(alice.pk, [measured(times.now_ms() - 60_000, SPOT[0] + 0.5, accuracy_m=5)])
    record(alice.pk, [measured(times.now_ms() + 1, accuracy_m=5, is_ping=True)])
    assert inside(hall.pk, alice.pk).may_bet is False


def test_it_says_why_a_phone_with_a_slow_clock_may_not_bet(hall, monkeypatch):
    alice = somebody()
    access.enter(alice, hall)
    start_ms = times.now_ms() - 30_000
    for lag_ms in (60_000, 120_000):
        live.states.clear()
        engine().flushdb()
        for after_ms in (0, 10_000, 20_000):
            monkeypatch.setattr(times, "now_ms", lambda at_ms=start_ms + after_ms: at_ms)
            record(alice.pk, [measured(start_ms + after_ms - lag_ms, accuracy_m=5)])
        decision = inside(hall.pk, alice.pk)
        assert (decision.may_bet, decision.why) == (False, "clock")


def test_it_notices_who_left_and_who_came(hall):
    alice = somebody()
    now_ms = times.now_ms()
    record(alice.pk, [measured(now_ms - 9_000, accuracy_m=8)])
    assert not inside(hall.pk, alice.pk).may_bet
    access.enter(alice, hall)
    circles._changes_at_s = float("-inf")
    record(alice.pk, [measured(now_ms - 6_000, accuracy_m=8)])
    assert inside(hall.pk, alice.pk).may_bet
    Membership.objects.get(user=alice).delete()
    access.enter(alice, hall)
    access.leave(alice, hall)
    circles._changes_at_s = float("-inf")
    assert record(alice.pk, [measured(now_ms, accuracy_m=8)]).next_ms == 10_000


def test_it_hears_of_who_comes_back_through_another_process(hall, monkeypatch):
    alice = somebody()
    now_ms = times.now_ms()
    access.enter(alice, hall)
    access.leave(alice, hall)
    record(alice.pk, [measured(now_ms - 6_000, accuracy_m=8)])
    Membership.objects.filter(user=alice).update(changed_at_ms=0)
    monkeypatch.setattr(access, "on_enter", [])
    access.enter(alice, hall)
    circles._changes_at_s = float("-inf")
    record(alice.pk, [measured(now_ms, accuracy_m=8)])
    assert inside(hall.pk, alice.pk).may_bet


def enter_many(alice, hall, count, **more) -> list[Room]:
    halls = [Room.objects.get(pk=hall.pk)]
    for number in range(count):
        hall.pk, hall.code = None, f"HA{number:04}"
        for name, value in more.items():
            setattr(hall, name, value)
        hall.save()
        halls.append(Room.objects.get(pk=hall.pk))
    for each in halls:
        access.enter(alice, each)
    return halls


def test_it_judges_somebody_in_each_of_many_rooms_of_one_place(hall):
    alice = somebody()
    halls = enter_many(alice, hall, 60)
    record(alice.pk, [measured(times.now_ms(), accuracy_m=8)])
    assert all(inside(each.pk, alice.pk).may_bet for each in halls)


def test_it_judges_somebody_where_they_bet_however_many_rooms_are_elsewhere(hall):
    alice = somebody()
    first, *others = enter_many(alice, hall, 60, place_lat=SPOT[0] + 1)
    record(alice.pk, [measured(times.now_ms(), accuracy_m=8)])
    assert inside(first.pk, alice.pk).may_bet
    assert {(d.where, d.why) for d in (inside(each.pk, alice.pk) for each in others)} == {
        ("outside", "outside")
    }
    assert asyncio.run(ainside(others[0].pk, alice.pk)).where == "outside"
    state = live.known(alice.pk).state
    assert state.circles == {first.pk: Standing(is_inside=True)}
    assert len(rooms_live.ask([("KEYS", "rooms:*:inside:*")])[0]) < 10


def test_it_lets_somebody_bet_who_enters_after_the_last_report(hall):
    alice = somebody()
    record(alice.pk, [measured(times.now_ms(), accuracy_m=8)])
    access.enter(alice, hall)
    assert inside(hall.pk, alice.pk).may_bet


def test_it_keeps_what_a_bet_was_taken_on(hall):
    alice = somebody()
    access.enter(alice, hall)
    record(alice.pk, [measured(times.now_ms(), accuracy_m=8)])
    decision = inside(hall.pk, alice.pk)
    kept = BetDecision(
        user_id=alice.pk,
        room_id=hall.pk,
        market_id=5,
        bet_id="6f1f9df4-7e7c-4a0c-9a51-5ecb5d4b4a6e",
        decision=decision,
    )
    assert keep(kept) and keep(kept)
    assert clock_steps.record_decisions() == 2
    assert clock_steps.record_decisions() == 0
    row = models.BetDecision.objects.get()
    assert (row.proof, row.where, row.accuracy_m, row.away_m) == ("fix", "inside", 8, 0)
    assert str(row.bet_id) == kept.bet_id and row.rule == 1 and row.at_ms == decision.at_ms


def test_it_refuses_bets_when_live_is_away(hall, monkeypatch):
    def away(_commands):
        raise rooms_live.LiveAway

    monkeypatch.setattr(rooms_live, "ask", away)
    assert inside(hall.pk, 1).may_bet is False
