"""What waits for webhooks, and a server of our own that they reach."""

import json
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine
from django.test import TransactionTestCase, override_settings
from django.utils import timezone

from betting.models import Delivery, Webhook
from betting.tests.webhooks.receiver import Receiver, receiving
from betting.webhooks import sending
from rooms.tests.people import room_of, somebody

NEARBY = override_settings(WEBHOOK_NETWORKS=["127.0.0.1/32"])


def use_receiver(test: Any) -> Receiver:
    """A receiver on loopback whose certificate is trusted for the test."""
    test.folder = Path(test.enterContext(tempfile.TemporaryDirectory()))
    receiver: Receiver = test.enterContext(receiving(test.folder))
    trusted = {"SSL_CERT_FILE": str(test.folder / "receiver.pem")}
    test.enterContext(mock.patch.dict(os.environ, trusted))
    return receiver


def send_all(*, turns: int = 1) -> None:
    for _turn in range(turns):
        for hook in Webhook.objects.all():
            sending.send_due_of(hook.pk)


class Times:
    """Moments after a beginning, set and not slept."""

    def __init__(self) -> None:
        self.begun = timezone.now()

    def at(self, **later: float) -> Any:
        return time_machine.travel(self.begun + timedelta(**later), tick=False)


@NEARBY
class Delivering(TransactionTestCase):
    """A webhook of a room, a receiver, and events that wait for it."""

    folder: Path

    def setUp(self) -> None:
        self.receiver = use_receiver(self)
        self.times = Times()
        self.room = room_of(somebody("Hanna"))
        self.hook = self.hook_to(self.receiver.url)

    def hook_to(self, url: str) -> Webhook:
        return Webhook.objects.create(
            room=self.room, url=url, secret=sending.new_secret(), by=self.room.host, made_at_ms=1
        )

    def wait(self, market_id: int | None, count: int, hook: Webhook | None = None) -> None:
        """Let so many events of a question wait."""
        at_ms = round(self.times.begun.timestamp() * 1000)
        for number in range(count):
            Delivery.objects.create(
                webhook=hook or self.hook, event="market.opened", market_id=market_id,
                body=json.dumps({"market": market_id, "number": number}), made_at_ms=at_ms,
                due_at_ms=at_ms,
            )  # fmt: skip

    def numbers(self, market_id: int) -> list[int]:
        return [each["number"] for each in self.receiver.bodies() if each["market"] == market_id]
