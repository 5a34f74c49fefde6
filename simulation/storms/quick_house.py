"""A house in one process: people bet and hosts settle by its own functions, without sockets.

What the clock would do is done when it is asked for, so that a seed repeats everything.
"""

import io
import os
import random
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec
from django.core.management import call_command
from django.db import connections

from accounts.models import User
from betting import bank, ledger
from betting.actions import bets, decisions, markets, wallets
from betting.models import Market
from betting.receipts.shapes import Receipt
from betting.wire.messages import Order
from betting.wire.requests import Decision, NewMarket
from launcher.private_house import HouseFailed, PrivateEngines
from launcher.venv import ROOT
from rooms import opening
from rooms.models import MAIN_CLUB, Club, Room
from simulation.storms.attempts import Attempt, History, Told
from simulation.storms.site import Site
from simulation.storms.storm_evening import UNSURE
from web.refusals import Refused

# Answers that may come while something is wrong.
TROUBLE = (Refused, bank.BankAway, bank.BankFull, ledger.JournalBroken)
PEOPLE = 8
OPEN_MARKETS = 2
# Of a call that nobody answered the first copy may stand.
COPIES_MAX = 2

Step = Callable[[], object]


class QuickSite(Site):
    """Engines and the SQL of this process; there are no other processes, and no lines."""

    def __init__(self, engines: PrivateEngines) -> None:
        self.engines, self.folder = engines, engines.folder
        self.has_foreign = False

    def kill(self, *names: str) -> None:
        """SIGKILL engines; an SQL that is a file is let go of."""
        for name in names:
            if name in self.engines.names:
                self.engines.kill(name)
        if "sql" in names:
            connections.close_all()

    def revive(self) -> None:
        """Start what was killed."""
        self.engines.start_all()
        connections.close_all()

    def start_second_house(self) -> None:
        """Let another installation try to open this bank. Raises HouseFailed when it does."""
        folder = self.folder / "second"
        env = {
            **os.environ, "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/second.sqlite3",
        }  # fmt: skip
        is_new = not folder.exists()
        folder.mkdir(exist_ok=True)
        for command in ("migrate", "open_gate") if is_new else ("open_gate",):
            words = [sys.executable, str(ROOT / "manage.py"), command, "-v0"]
            told = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
            if (told.returncode == 0) is (command == "open_gate"):
                raise HouseFailed(f"The second house: {told.stdout}{told.stderr}")

    def stop_second_house(self) -> None:
        """It ended by itself."""


class QuickHouse:
    """A room whose host asks and settles, and people who bet in it."""

    def __init__(self, site: QuickSite, chance: random.Random, steps: Sequence[Step]) -> None:
        self.site, self.history = site, History()
        self._chance, self._steps = chance, steps

    def begin(self) -> None:
        """Start anew: nothing was ever bet."""
        self.site.kill("bank")
        shutil.rmtree(self.site.engines.files("bank"))
        self.site.revive()
        call_command("flush", interactive=False, verbosity=0)
        self.club = Club.objects.create(pk=1, slug=MAIN_CLUB, title="Main")
        call_command("open_gate", stdout=io.StringIO())
        host, *self.people = [User.objects.create_user(f"person {n}") for n in range(PEOPLE + 1)]
        self.room: Room = opening.open_room(host, key=None, title="Storm", official_after_s=0)
        for user in self.people:
            wallets.welcome(user.pk, self.club.pk)
        self.host = host
        self.catch_up()

    def catch_up(self) -> None:
        """Do what the clock does."""
        for step in self._steps:
            with suppress(*TROUBLE):
                step()

    def told(self) -> Told:
        """The history until now."""
        path = self.site.folder / "history.json"
        self.history.save(path)
        return msgspec.json.decode(path.read_bytes(), type=Told)

    def bet(self, count: int) -> int:
        """Let people bet on what is open; how many bets were accepted."""
        before, found = self.history.accepted, self._markets("open")
        for number in range(count if found else 0):
            self._bet(self.people[number % PEOPLE], self._chance.choice(found))
        return self.history.accepted - before

    def ask_and_settle(self) -> None:
        """Settle the oldest question or call it off, and ask another. Refusals are accepted."""
        with suppress(*TROUBLE):
            # A wrong deadline locks, too; too many that wait for a result let nobody ask.
            found = self._markets("open", "locked")
            for market in found[: len(found) + 1 - OPEN_MARKETS]:
                self._end(market)
            self._ask()
        self.catch_up()

    def _markets(self, *statuses: str) -> list[Market]:
        mine = Market.objects.filter(room=self.room, status__in=statuses, frozen=False)
        return list(mine.order_by("pk").select_related("room").prefetch_related("outcomes"))

    def _ask(self) -> None:
        chance = self._chance
        new = NewMarket(
            question="Who goes down?", outcomes=["Red", "Blue", "Green"][: chance.choice((2, 3))],
            takeout_bp=chance.choice((0, 0, 500)), hedging=chance.random() < 0.3,
        )  # fmt: skip
        market = markets.create(self.host, self.room, new, markets.texts(new))
        self.history.markets.append(market.pk)

    def _end(self, market: Market) -> None:
        by = markets.Author(self.host, is_operator=False)
        decisions.lock(by, market)
        if self._chance.random() < 0.1:
            decisions.void(by, market, "a storm")
            return
        outcomes = [outcome.pk for outcome in market.outcomes.all()]
        count = min(self._chance.choice((1, 1, 1, 2)), len(outcomes))
        decisions.settle(by, market, Decision(winners=self._chance.sample(outcomes, count)))

    def _bet(self, user: User, market: Market) -> None:
        chance = self._chance
        outcomes = [outcome.pk for outcome in market.outcomes.all()]
        attempt = Attempt(
            bet_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)), user=user.pk,
            market=market.pk, outcome=outcomes[user.pk % len(outcomes)],
            stake=chance.randint(1, 3),
        )  # fmt: skip
        self.history.begin(attempt)
        is_unsure = False
        for _ in range(COPIES_MAX):
            try:
                placed = bets.place_bet(self._bettor(user), market.pk, _order(attempt))
            except Refused as refused:
                is_unsure |= refused.code in UNSURE
                self.history.refuse(attempt, refused.code, is_final=not is_unsure)
                if refused.code not in UNSURE:
                    return
            else:
                self.history.keep(attempt, _receipt(placed))
                return

    def _bettor(self, user: User) -> bets.Bettor:
        return bets.Bettor(user_id=user.pk, club_id=self.club.pk, room_id=self.room.pk)


def _order(attempt: Attempt) -> Order:
    return Order(bet_id=uuid.UUID(attempt.bet_id), outcome=attempt.outcome, stake=attempt.stake)


def _receipt(placed: bets.Placed) -> Receipt:
    return Receipt(**msgspec.structs.asdict(placed.answer))
