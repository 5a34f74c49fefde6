"""A club with a bank, people and markets, played through the bank itself."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from accounts.models import User
from betting import bank, ledger, payouts
from betting.audit import installation
from betting.models import Market, Outcome
from rooms.models import Club, Room

FAR_MS = 4_000_000_000_000


def dump(club_id: int) -> dict[str, dict[str, str]]:
    """Every hash of a club."""
    tag = bank.Keys(club_id).tag
    keys = bank.each_primary("KEYS", f"{tag}:*")[0]
    return {key: bank.command("HGETALL", key) for key in keys if key != bank.Keys(club_id).journal}


@dataclass
class Scenario:
    """Ana, bo, cy and di with 1,000 coins each, and a room of a host's."""

    club: Club = field(init=False)
    host: User = field(init=False)
    room: Room = field(init=False)
    people: list[User] = field(init=False)

    def __post_init__(self) -> None:
        self.club = Club.objects.get_or_create(slug="main", defaults={"pk": 1, "title": "Main"})[0]
        self.host = User.objects.create_user("host")
        self.people = [User.objects.create_user(name) for name in ("ana", "bo", "cy", "di")]
        self.room = Room.objects.create(code="ABCDEF", title="Ring", club=self.club, host=self.host)
        for user in self.people:
            self.run(bank.grant(self.club.pk, user.pk, 1000, f"welcome:{user.pk}"))
        installation.claim(self.club.pk)

    def run(self, call: bank.Call[Any]) -> Any:
        answer = bank.run(call)
        assert not isinstance(answer, bank.Denied), answer
        return answer

    def market(self, answers: int = 2, **columns: Any) -> tuple[Market, list[int]]:
        """An open market and its outcomes."""
        market = Market.objects.create(
            room=self.room, question="Who?", created_by=self.host, created_at_ms=1, **columns
        )
        for number in range(1, answers + 1):
            Outcome.objects.create(market=market, number=number, label=f"{number}")
        outcomes = list(market.outcomes.values_list("pk", flat=True))
        self.run(bank.open_market(self.club.pk, market, outcomes, self.host.pk))
        return market, outcomes

    def bet(
        self, market: Market, user: User, outcome: int, coins: int
    ) -> tuple[str, bank.Accepted]:
        bet = bank.Bet(
            user_id=user.pk,
            bet_id=str(uuid4()),
            outcome_id=outcome,
            stake_coins=coins,
            expires_at_ms=FAR_MS,
        )
        answer = self.ask(market, bet)
        assert isinstance(answer, bank.Accepted), answer
        return bet.bet_id, answer

    def ask(self, market: Market, bet: bank.Bet) -> bank.Accepted | bank.Denied:
        call = bank.place_bets(self.club.pk, self.room.pk, market.pk, [bet])
        return bank.run(call).answers[0]

    def lock(self, market: Market) -> int:
        return int(self.run(bank.lock(self.club.pk, market.pk, self.host.pk)).seq)

    def decide(self, market: Market, kind: Any, command: str) -> int:
        call = bank.decide(self.club.pk, market.pk, kind=kind, command=command, by=self.host.pk)
        return int(self.run(call).seq)

    def pay(
        self, market: Market, settlement: payouts.Settlement, *, chunk: int, stop_after: int = 0
    ) -> None:
        """Pay a settlement in pieces; what was paid before is repeated and changes nothing."""
        items = [
            bank.PayItem(
                kind=share.kind, user_id=share.user_id, outcome_id=share.outcome_id,
                coins=share.coins, stake_coins=share.stake_coins, reason=share.reason,
            )
            for share in settlement.items
        ]  # fmt: skip
        final = settlement.status + (f":{settlement.reason}" if settlement.reason else "")
        for cursor in range(0, max(len(items), 1), chunk):
            is_last = cursor + chunk >= len(items)
            piece = bank.Chunk(
                settlement=payouts.settlement_id(settlement.items),
                cursor=cursor,
                items=items[cursor : cursor + chunk],
                final=final if is_last else "",
                takeout_coins=settlement.takeout_coins if is_last else 0,
            )
            self.run(bank.pay(self.club.pk, market.pk, piece))
            if cursor + chunk == stop_after:
                raise RuntimeError("stopped")

    def call_off(self, market: Market, reason: str, stop_after: int = 0) -> None:
        """Give everything back after a void."""
        settlement = payouts.call_off(ledger.stakes(market.pk), reason=reason)
        self.pay(market, settlement, chunk=2, stop_after=stop_after)

    def settle(self, market: Market, winners: list[int], happened_at_ms: int = 0) -> None:
        """Lock, decide and pay, as the server does."""
        self.lock(market)
        command = f"{'.'.join(map(str, winners))}@{happened_at_ms}"
        ledger.wait_for(self.club.pk, self.decide(market, "settle", command))
        result = payouts.settle(
            ledger.stakes(market.pk, happened_at_ms or None),
            winners=winners,
            takeout_bp=market.takeout_bp,
            min_bettors=market.min_bettors,
        )
        self.pay(market, result, chunk=2)
        ledger.record_all(self.club.pk)
        market.refresh_from_db()


Played = tuple[Scenario, Market, int]


def play(scenario: Scenario) -> Played:
    """A market that was settled, one that was called off, one open with bets on it."""
    ana, bo, cy, di = scenario.people
    for decision in ("settle", "void"):
        market, (a, b) = scenario.market(takeout_bp=1000)
        for user, outcome, coins in ((ana, a, 100), (bo, b, 51), (cy, b, 7), (di, b, 7)):
            scenario.bet(market, user, outcome, coins)
        if decision == "settle":
            scenario.settle(market, [b])
        else:
            seq = scenario.decide(market, "void", "void")
            ledger.wait_for(scenario.club.pk, seq)
            scenario.call_off(market, "void")
    market, (a, b) = scenario.market(hedging=True)
    for user, outcome, coins in ((ana, a, 100), (ana, b, 51), (cy, b, 7), (ana, a, 7)):
        scenario.bet(market, user, outcome, coins)
    return scenario, market, a
