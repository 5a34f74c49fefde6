"""The bank against a plain model of the rules, for any order of calls, repeated ones among them."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from betting import bank, payouts
from betting.models import Market
from simulation.pool_model import PoolMarket

USERS = [101, 102, 103, 104]
HOST, ROOM = 900, 70
OUTCOMES = [11, 12, 13]
NAMINGS_MAX, UNOFFICIAL_MS = 4, 3_600_000
NEVER_MS = 9_000_000_000_000_000

# Each sequence has a club and markets of its own, so that none begins where another ended.
numbers = itertools.count(50_000)
user = st.sampled_from(USERS)
outcome = st.sampled_from([*OUTCOMES, *OUTCOMES, 99])
word = st.sampled_from(["a", "b", "c", "d", "e", "f"])
coins = st.integers(1, 60)
winners = st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=3, unique=True).map(
    lambda named: tuple(sorted(named))
)
result = st.one_of(
    st.tuples(st.just("settle"), winners), st.just(("void", ())),
)  # fmt: skip

questions = st.builds(
    PoolMarket, outcomes=st.just(OUTCOMES), min_stake=st.integers(1, 3),
    max_stake=st.sampled_from([0, 80]), hedging=st.booleans(),
    takeout_bp=st.sampled_from([0, 500, 1000]), min_bettors=st.integers(1, 3),
)  # fmt: skip


def command_of(decision: tuple[str, tuple[int, ...]]) -> str:
    kind, named = decision
    return "void" if kind == "void" else ".".join(map(str, named)) + "@0"


class BankMachine(RuleBasedStateMachine):
    """What the bank answers is what the model says, and what it holds adds up."""

    @initialize(market=questions)
    def begin(self, market: PoolMarket) -> None:
        self.club = next(numbers)
        assert bank.run(bank.start_epoch(self.club, bank.Head.fresh(epoch=1)))
        self.wallets = dict.fromkeys(USERS, 0)
        self.issued = self.burned = self.house = 0
        self.moves: dict[str, tuple[str, int, int, int]] = {}
        self.bets: dict[tuple[int, int, str], tuple[int, int, Any]] = {}
        self.markets: dict[int, PoolMarket] = {}
        for who in USERS:
            self.move(who, 150, f"welcome:{who}", "grant")
        self.open(market)

    @property
    def market(self) -> PoolMarket:
        return self.markets[self.market_id]

    def is_decided(self) -> bool:
        return self.market.decision is not None

    @rule(who=user, amount=coins, command=word, kind=st.sampled_from(["grant", "burn"]))
    def move(self, who: int, amount: int, command: str, kind: str) -> None:
        call = bank.grant if kind == "grant" else bank.burn
        answer = bank.run(call(self.club, who, amount, command))
        first = self.moves.get(command)
        if first:
            is_same = first[:3] == (kind, who, amount)
            assert (
                answer.coins == first[3] and answer.is_repeat
                if is_same
                else (answer == bank.Denied("key_reused"))
            )
            return
        moved = amount if kind == "grant" else min(amount, self.wallets[who])
        if not moved:
            assert answer == bank.Denied("not_enough_coins", 0)
            return
        self.moves[command] = (kind, who, amount, moved)
        self.wallets[who] += moved if kind == "grant" else -moved
        self.issued += moved if kind == "grant" else 0
        self.burned += moved if kind == "burn" else 0
        assert (answer.coins, answer.coins_after) == (moved, self.wallets[who])

    @rule(market=questions)
    def open(self, market: PoolMarket) -> None:
        self.market_id = next(numbers)
        row = Market(
            id=self.market_id, room_id=ROOM, min_stake_coins=market.min_stake,
            max_stake_coins=market.max_stake or None, hedging=market.hedging,
            takeout_bp=market.takeout_bp, min_bettors=market.min_bettors,
        )  # fmt: skip
        call = bank.open_market(self.club, row, OUTCOMES, HOST)
        first, again = bank.run(call), bank.run(call)
        assert first.seq == again.seq and again.is_repeat
        self.markets[self.market_id] = market

    @rule(data=st.data())
    def turn_to(self, data: st.DataObject) -> None:
        self.market_id = data.draw(st.sampled_from(sorted(self.markets)))

    @rule(asked=st.lists(st.tuples(user, outcome, coins, word), min_size=1, max_size=8))
    def bet(self, asked: list[tuple[int, int, int, str]]) -> None:
        self._place([(self.market_id, each) for each in asked])

    @rule(asked=st.lists(st.tuples(st.integers(0, 2), user, outcome, coins, word), min_size=2,
                         max_size=8))  # fmt: skip
    def bet_on_several(self, asked: list[tuple[int, int, int, int, str]]) -> None:
        newest, turned_to = sorted(self.markets)[-3:], self.market_id
        self._place([(newest[at % len(newest)], each) for at, *each in asked])
        self.market_id = turned_to

    def _place(self, asked: list[tuple[int, Any]]) -> None:
        placed = [
            bank.PlacedIn(
                ROOM,
                market_id,
                bank.Bet(user_id=who, bet_id=bet_id, outcome_id=on, stake_coins=stake,
                         expires_at_ms=NEVER_MS),
            )
            for market_id, (who, on, stake, bet_id) in asked
        ]  # fmt: skip
        answers = bank.run(bank.place_bets_of_club(self.club, placed))
        for (self.market_id, each), (answer, _state) in zip(asked, answers, strict=True):
            self._expect_bet(each, answer)

    def _expect_bet(self, asked: Any, answer: Any) -> None:
        who, on, stake, bet_id = asked
        key = (self.market_id, who, bet_id)
        if key in self.bets:
            first_on, first_stake, figures = self.bets[key]
            if (first_on, first_stake) != (on, stake):
                assert answer == bank.Denied("key_reused")
            else:
                assert answer.is_repeat and (answer.seq, answer.coins) == figures
            return
        why = self.market.why_not(who, on, stake, self.wallets[who])
        if why:
            assert isinstance(answer, bank.Denied) and answer.code == why, (answer, why)
            return
        self.wallets[who] -= stake
        place = (who, on)
        self.market.stakes[place] = self.market.stakes.get(place, 0) + stake
        assert (answer.coins, answer.position_coins) == (
            self.wallets[who], self.market.stakes[place],
        )  # fmt: skip
        self.bets[key] = (on, stake, (answer.seq, answer.coins))

    @rule(on=st.booleans())
    def hold(self, on: bool) -> None:
        if self.market.status in ("settled", "void"):
            return
        assert bank.run(bank.freeze(self.club, self.market_id, on)).frozen is on
        self.market.is_held = on

    @rule()
    def lock(self) -> None:
        answer = bank.run(bank.lock(self.club, self.market_id, HOST))
        assert answer.is_repeat is (self.market.status != "open")
        if self.market.status == "open":
            self.market.status = "locked"

    @rule(by=st.sampled_from([HOST, *USERS]), named=result, is_at_once=st.booleans())
    def name_result(self, by: int, named: tuple[str, tuple[int, ...]], is_at_once: bool) -> None:
        market = self.market
        answer = bank.run(
            bank.announce(
                self.club, self.market_id, result=f"{named[0]}:{command_of(named)}", by=by,
                after_ms=0 if is_at_once else UNOFFICIAL_MS,
            )
        )  # fmt: skip
        why = self._why_not_name(by, named, is_at_once)
        if why:
            assert answer == bank.Denied(why)
            return
        if market.decision:
            assert answer.is_repeat
            return
        if market.status == "open":
            market.status = "locked"
        if is_at_once or (named[0] == "void" and not market.pool):
            market.decision, market.result, market.namings = named, None, 0
        elif market.result != named:
            market.result, market.namings = named, market.namings + 1

    def _why_not_name(self, by: int, named: tuple[str, tuple[int, ...]], is_at_once: bool) -> str:
        market = self.market
        if market.of(by):
            return "holder_may_not_settle"
        if market.decision:
            return "" if market.decision == named else "already_decided"
        if named[0] == "settle" and market.status == "open":
            return "market_not_locked"
        is_decided = is_at_once or (named[0] == "void" and not market.pool)
        is_change = market.result not in (None, named)
        if is_change and not is_decided and market.namings == NAMINGS_MAX:
            return "changed_too_often"
        return ""

    @rule(by=st.sampled_from([HOST, *USERS]))
    def withdraw(self, by: int) -> None:
        market = self.market
        answer = bank.run(bank.withdraw(self.club, self.market_id, by))
        if market.of(by):
            assert answer == bank.Denied("holder_may_not_settle")
        elif market.decision:
            assert answer == bank.Denied("already_decided")
        elif market.status == "open":
            assert answer == bank.Denied("market_not_locked")
        else:
            assert answer.is_repeat is (market.result is None)
            market.result, market.namings = None, 0

    @rule()
    def make_official(self) -> None:
        answer = bank.run(bank.make_official(self.club, self.market_id))
        assert answer.is_repeat if self.market.decision else answer == bank.Denied("not_due")

    @precondition(is_decided)
    @rule(size=st.integers(1, 4))
    def pay(self, size: int) -> None:
        market = self.market
        plan = self._plan(market)
        for at in range(0, max(len(plan.items), 1), size):
            answer = bank.run(bank.pay(self.club, self.market_id, self._chunk(plan, at, size)))
            if market.is_held and market.status == "locked":
                assert answer == bank.Denied("frozen")
                return
            assert answer.is_repeat is (market.status != "locked")
        if market.status == "locked":
            self._note_paid(market, plan)

    def _plan(self, market: PoolMarket) -> payouts.Settlement:
        """What the product would pay."""
        order = enumerate(market.stakes.items(), 1)
        stakes = [
            payouts.Stake(user_id=who, outcome_id=on, coins=staked, first_seq=seq)
            for seq, ((who, on), staked) in order
        ]
        assert market.decision
        kind, named = market.decision
        if kind == "void":
            return payouts.call_off(stakes, reason="void")
        return payouts.settle(
            stakes, winners=named, takeout_bp=market.takeout_bp, min_bettors=market.min_bettors
        )

    def _chunk(self, plan: payouts.Settlement, at: int, size: int) -> bank.Chunk:
        is_last = at + size >= len(plan.items)
        final = f"void:{plan.reason}" if plan.status == "void" else "settled"
        items = [
            bank.PayItem(kind="refund" if share.kind == "refund" else "payout",
                         user_id=share.user_id, outcome_id=share.outcome_id, coins=share.coins,
                         stake_coins=share.stake_coins, reason=share.reason)
            for share in plan.items[at : at + size]
        ]  # fmt: skip
        return bank.Chunk(
            settlement="5e" * 20, cursor=at, items=items, final=final if is_last else "",
            takeout_coins=plan.takeout_coins if is_last else 0,
        )  # fmt: skip

    def _note_paid(self, market: PoolMarket, plan: payouts.Settlement) -> None:
        market.status, back = market.coins_back()
        assert plan.status == market.status
        for (who, _on), amount in back.items():
            self.wallets[who] += amount
        self.house += market.pool - sum(back.values())

    @invariant()
    def every_figure_is_the_models(self) -> None:
        seen = bank.run(bank.read(self.club, list(self.markets), USERS))
        assert seen.coins == self.wallets
        for id_, market in self.markets.items():
            state = seen.states[id_]
            assert state.status == market.status and state.frozen is market.is_held
            assert state.pools == {on: market.on(on) for on in OUTCOMES}
            assert state.bettors == len(market.bettors)
            assert bool(state.result) is (market.result is not None)
            assert bool(state.decision) is (market.decision is not None)
        head = bank.head(self.club)
        in_pools = sum(each.pool for each in self.markets.values() if not self._is_final(each))
        assert head.is_even
        assert (head.issued, head.burned, head.house, head.in_pools, head.in_wallets) == (
            self.issued, self.burned, self.house, in_pools, sum(self.wallets.values()),
        )  # fmt: skip

    @staticmethod
    def _is_final(market: PoolMarket) -> bool:
        return market.status in ("settled", "void")

    def teardown(self) -> None:
        chain = ""
        for entry in bank.journal(self.club, 1, 0, 10_000):
            chain = entry.link(chain)
            assert entry.chain == chain
        assert bank.head(self.club).chain == chain


def run_sequences(count: int, steps: int, *, is_same: bool) -> None:
    chosen: Callable[..., Any] = settings
    run_state_machine_as_test(
        BankMachine,
        settings=chosen(
            max_examples=count, stateful_step_count=steps, deadline=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
            derandomize=is_same,
        ),
    )  # fmt: skip


def test_it_does_what_the_rules_say_in_any_order() -> None:
    run_sequences(100, 40, is_same=True)


@pytest.mark.long
def test_it_does_what_the_rules_say_in_ten_thousand_orders() -> None:
    run_sequences(10_000, 50, is_same=False)
