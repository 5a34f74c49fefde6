"""Nothing that a player receives in a whole evening holds a draft or a blind figure."""

import json
import re
from typing import Any

from asgiref.sync import sync_to_async

from betting import ledger
from betting.actions import drafts, markets
from betting.models import Market
from betting.tests.room_clients import RoomClient, RoomTestCase
from betting.wire.requests import DraftChange, NewMarket
from rooms import access
from rooms.models import Membership
from rooms.tests.people import Caller

SECRET = ["Who is let go", "Not Bo", "Still not Bo"]
# Stakes that no other figure is made of.
STAKES = (617, 389)


class Listener(RoomClient):
    """A client that keeps every frame."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.frames: list[str] = []

    async def _event(self) -> dict[str, Any]:
        event = await super()._event()
        self.frames.append(event.get("text") or "")
        return event


class SightTests(RoomTestCase):
    async def listener(self, user: Any) -> Listener:
        client = Listener(self.room, user)
        await client.join()
        return client

    async def prepared(self, **fields: Any) -> Market:
        new = NewMarket(question=SECRET[0], outcomes=SECRET[1:], open=False, **fields)
        return await sync_to_async(markets.create)(self.host, self.room, new, markets.texts(new))

    async def test_it_tells_a_player_neither_drafts_nor_blind_figures(self) -> None:
        before = await self.prepared()
        cy = await self.listener(self.cy)
        host, welcome = await self.connect(self.host)
        assert welcome["coming"]
        assert [market["question"] for market in welcome["markets"]] == [SECRET[0]]
        blind = await self.market(blind=True)
        red, blue = await self.outcomes(blind)
        ana, _ = await self.connect(self.ana)
        bo, _ = await self.connect(self.bo)
        await ana.bet(blind, red, STAKES[0])
        await bo.bet(blind, blue, STAKES[1])
        # Those who run the room see the figures; the others how many have bet.
        while (await host.hear("pools"))["outcomes"][1]["coins"] != STAKES[1]:
            pass
        while (told := await cy.hear("pools"))["bettors"] != 2:
            pass
        assert all(one["coins"] is one["heads"] is one["odds"] is None for one in told["outcomes"])
        change = DraftChange(question=SECRET[0] + "?")
        await self.act(drafts.change, before, change)
        while (await host.hear("drafts"))["markets"][0]["question"] != SECRET[0] + "?":
            pass
        late, _ = await self.connect(self.cy)
        await late.leave()
        await self.act(ledger.record_all, self.room.club_id)
        bodies = await self.act(self.bodies, blind, before)
        await cy.say({"type": "ping", "t": 1})
        await cy.hear("pong")
        for text in [*cy.frames, *bodies]:
            # A time, a number of a row and a code may hold any three digits.
            text = re.sub(r'\d{13}|"\w*id": ?\d+', "", text).replace(self.room.code, "")
            for secret in (*SECRET, *map(str, STAKES), str(sum(STAKES))):
                assert secret not in text, (secret, text)
        assert any(json.loads(text)["type"] == "coming" for text in cy.frames if text)
        await self.act(self.settled, blind.pk, red)
        settled = await cy.see("settled")
        assert settled["coins"] == sum(STAKES)
        for client in (cy, host, ana, bo):
            await client.leave()

    def bodies(self, blind: Market, draft: Market) -> list[str]:
        """What the API tells the player and a stranger."""
        paths = [
            f"markets/{blind.pk}/", f"markets/{blind.pk}/odds/", f"markets/{blind.pk}/result/",
            f"markets/{draft.pk}/", f"markets/{draft.pk}/odds/", "me/bets/", "me/ledger/", "rooms/",
            f"rooms/{self.room.code}/", f"rooms/{self.room.code}/leaderboard/",
            f"rooms/{self.room.code}/evening/", f"rooms/{self.room.code}/evening/?format=csv",
            f"rooms/{self.room.code}/drafts/", f"rooms/{self.room.code}/members/",
        ]  # fmt: skip
        return [Caller(self.cy).ask("GET", path).content.decode() for path in paths]

    async def test_it_tells_a_new_cohost_what_is_prepared_and_a_former_one_no_more(self) -> None:
        await self.prepared()
        ana, welcome = await self.connect(self.ana)
        assert (welcome["markets"], welcome["coming"]) == ([], True)
        members = Membership.objects.filter(room=self.room, user=self.ana)
        await self.act(access_given, members, Membership.Role.COHOST)
        await self.role_told(ana)
        await ana.say({"type": "hello"})
        assert [one["question"] for one in (await ana.hear("welcome"))["markets"]] == [SECRET[0]]
        await self.act(access_given, members, Membership.Role.PLAYER)
        await self.role_told(ana)
        await ana.say({"type": "hello"})
        assert (await ana.hear("welcome"))["markets"] == []
        await ana.leave()

    async def role_told(self, client: RoomClient) -> None:
        """Wait until somebody's role changed; other notices may come at any time."""
        while (await client.hear("notice"))["code"] != "role":
            continue


def access_given(members: Any, role: str) -> None:
    """Give a role as another process would."""
    members.update(role=role, changed_at_ms=access.now_ms())
