"""An evening in a room: a host, three players with 1,000 coins each, and a stranger."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import TestCase, override_settings

from betting import bank, ledger
from betting.models import Market
from rooms.tests.people import Caller, code_of, member, room_of, somebody

__all__ = ["Evening", "Story", "code_of"]


class Story:
    """Every story ends with the same look: coins are conserved, SQL holds what the bank does."""

    def setUp(self) -> None:
        self.host_user = somebody("Hana")
        self.room = room_of(self.host_user, **self.room_fields())
        self.host = Caller(self.host_user)
        self.host.ask("POST", f"rooms/{self.room.code}/enter/")
        self.users = [member(self.room, name) for name in ("ana", "bo", "cy")]
        self.ana, self.bo, self.cy = (Caller(user) for user in self.users)
        self.stranger = Caller(somebody("stranger"))

    def room_fields(self) -> dict[str, Any]:
        """What the room of this evening is like."""
        return {}

    def tearDown(self) -> None:
        club_id = self.room.club_id
        head = bank.head(club_id)
        assert head.is_even
        ledger.record_all(club_id)
        totals = ledger.totals(club_id)
        for place in ("issued", "burned", "in_wallets", "in_pools", "house"):
            assert getattr(totals, place) == getattr(head, place), place

    def market(self, outcomes: int = 2, **fields: Any) -> dict[str, Any]:
        """A new question of the host's; open unless said otherwise."""
        labels = [f"answer {number}" for number in range(1, outcomes + 1)]
        body = {"question": "What happens next?", "outcomes": labels, **fields}
        answer = self.host.ask("POST", f"rooms/{self.room.code}/markets/", body)
        assert answer.status_code == 201, answer.content
        return dict(answer.json())

    def bet(
        self, who: Caller, market: dict[str, Any], place: int, coins: int, **fields: Any
    ) -> HttpResponse:
        """Stake on the outcome at a place in the list, 0 for the first."""
        body = {
            "bet_id": str(uuid4()),
            "outcome": market["outcomes"][place]["id"],
            "stake": coins,
            **fields,
        }
        return who.ask("POST", f"markets/{market['id']}/bets/", body)

    def step(
        self, market: dict[str, Any], step: str, who: Caller | None = None, **body: Any
    ) -> Any:
        """The host (or somebody else) takes a step on a market."""
        return (who or self.host).ask("POST", f"markets/{market['id']}/{step}/", body)

    def settle(self, market: dict[str, Any], *winners: int, **body: Any) -> Any:
        """Name winners by their places in the list."""
        ids = [market["outcomes"][place]["id"] for place in winners]
        return self.step(market, "settle", winners=ids, **body)

    def coins(self, who: Caller) -> int:
        """The wallet as its owner is told."""
        return int(who.ask("GET", "auth/me/").json()["wallets"][0]["coins"])

    def row(self, market: dict[str, Any]) -> Market:
        """The market in SQL, with all that was decided recorded."""
        ledger.record_all(self.room.club_id)
        return Market.objects.get(pk=market["id"])


@override_settings(ROOT_URLCONF="betting.tests.urls", LIMITS_SCALE=1000)
class Evening(Story, TestCase):
    """A story that is rolled back when it is told."""
