"""What a room is told of its drafts, also when its club's server was away meanwhile."""

import asyncio
from typing import Any

import pytest
from django.test import override_settings

from betting import bank
from betting.models import Market
from betting.wire import broadcast
from rooms.facts import RoomFacts, facts_of, with_facts
from rooms.fanout.source import RoomFrame
from rooms.tests.people import room_of, somebody

pytestmark = pytest.mark.django_db(transaction=True)


def drafts_told(source: broadcast.Source, rooms: dict[int, RoomFacts]) -> list[str]:
    found: list[Any] = asyncio.run(source.news(rooms))
    return [each.text for each in found if isinstance(each, RoomFrame) and each.slot == "drafts"]


def test_a_draft_that_went_meanwhile_is_told_when_the_club_is_back() -> None:
    host = somebody("Hanna")
    room = room_of(host)
    rooms = {room.pk: facts_of(with_facts().get(pk=room.pk))}
    draft = Market.objects.create(
        room=room, created_by=host, question="Who?", status=Market.Status.DRAFT,
        created_at_ms=bank.ask_time_ms(),
    )  # fmt: skip
    source = broadcast.Source()
    [told] = drafts_told(source, rooms)
    assert '"coming":true' in told
    with override_settings(REDIS_BANK_URL="unix:///nobody/listens.sock"):
        assert drafts_told(source, rooms) == []
    draft.delete()
    [told] = drafts_told(source, rooms)
    assert '"coming":false' in told
    assert drafts_told(source, rooms) == []
