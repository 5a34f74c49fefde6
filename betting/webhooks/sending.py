"""Sends what waits for webhooks: signed, in order for each question, until it is taken.

A delivery is claimed by moving its next try behind the time that sending may take, so that one of a
process that died is sent again by another: at least once, and its id tells a receiver which it had.
"""

import base64
import hashlib
import hmac
import http.client
import logging
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connections
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.auth import bans
from betting.models import Delivery, Webhook
from betting.webhooks import destination, states
from rooms import access
from web.times import DAY_MS, now_ms

AT_ONCE = 8
# No answer, or one that says that a server is away for all that could be sent to it.
AWAY = {0, 429, 502, 503, 504}
PER_TURN = 20
LAST_WAIT_MS = 3_600_000
# Looking up a name is not cut off with the rest.
CLAIM_SPARE_MS = 2_000
KEPT_MS = 7 * DAY_MS
REMOVED_AT_ONCE = 500
# Who may make webhooks of a room, and is told by them.
RIGHT = "offer_key"
_SECRET_PREFIX = "whsec_"

log = logging.getLogger(__name__)


def new_secret() -> str:
    """A secret in the form that libraries for Standard Webhooks read."""
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def signed(secret: str, delivery_id: int, at_s: int, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks: HMAC-SHA256 over id, time and body."""
    key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    content = f"{delivery_id}.{at_s}.{body}".encode()
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Ringside",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def due(at_ms: int) -> QuerySet[Delivery]:
    """What may be sent now: nothing of the same question, or before a room's end, waits earlier."""
    earlier = Delivery.objects.filter(
        webhook=OuterRef("webhook"), taken_at_ms=None, pk__lt=OuterRef("pk")
    )
    of_market = Q(market_id__isnull=False) & ~Exists(
        earlier.filter(market_id=OuterRef("market_id"))
    )
    of_room = Q(market_id__isnull=True) & ~Exists(earlier)
    found = Delivery.objects.filter(of_market | of_room, due_at_ms__lte=at_ms)
    standing = found.filter(webhook__paused_at_ms=None, webhook__ended_at_ms=None)
    return standing.select_related("webhook").order_by("pk")


class Sender:
    """Sends for several webhooks at a time, and for each one thing after the other."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, "webhooks")
        self._busy: set[int] = set()
        self._last_id = 0
        self._lock = threading.Lock()

    def step(self) -> None:
        """Begin to send what is due; a webhook whose server is slow holds up no other."""
        at_ms = now_ms()
        # That nothing waits, as most often, is found by an index.
        if not Delivery.objects.filter(due_at_ms__lte=at_ms).exists():
            return
        hooks = due(at_ms).order_by("webhook").values_list("webhook", flat=True).distinct()
        # In turns, so that slow servers with small ids hold up nobody for good.
        for hook_id in sorted(hooks, key=lambda each: (each <= self._last_id, each)):
            with self._lock:
                if hook_id in self._busy or len(self._busy) >= AT_ONCE:
                    continue
                self._busy.add(hook_id)
            self._last_id = hook_id
            self._pool.submit(self._run, hook_id)

    def end(self) -> None:
        """Wait until all that is under way has ended."""
        self._pool.shutdown()

    def _run(self, hook_id: int) -> None:
        try:
            send_due_of(hook_id)
        except Exception:
            log.exception("Webhook %s was not served.", hook_id)
        finally:
            connections.close_all()
            with self._lock:
                self._busy.discard(hook_id)


def send_due_of(hook_id: int) -> None:
    """Send what is due for one webhook, until its server is away.

    It ends with the right of its maker to make such webhooks.
    """
    hook = Webhook.objects.select_related("by", "room").get(pk=hook_id)
    if not (bans.may_act(hook.by) and access.may(hook.room, hook.by, RIGHT)):
        states.end(hook)
        return
    sent = 0
    while sent < PER_TURN:
        found = list(due(now_ms()).filter(webhook=hook_id)[:AT_ONCE])
        if not found or any(send(delivery) in AWAY for delivery in found):
            return
        sent += len(found)


def send(delivery: Delivery) -> int:
    """Send one delivery, if no other process does; returns the status, or 0 for none."""
    at_ms = now_ms()
    claimed_ms = at_ms + 1000 * settings.WEBHOOK_TIMEOUT_S + CLAIM_SPARE_MS
    mine = Delivery.objects.filter(pk=delivery.pk)
    same = mine.filter(due_at_ms=delivery.due_at_ms, tries=delivery.tries)
    if not same.update(due_at_ms=claimed_ms, tries=F("tries") + 1):
        return 0
    hook = delivery.webhook
    headers = signed(hook.secret, delivery.pk, at_ms // 1000, delivery.body)
    try:
        status = destination.post(hook.url, delivery.body.encode(), headers)
        answer = str(status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        status, answer = 0, f"{type(error).__name__}: {error}"[:100]
    # Unless it was claimed, resumed or repeated anew meanwhile.
    claimed = mine.filter(due_at_ms=claimed_ms, tries=delivery.tries + 1)
    if 200 <= status < 300:
        claimed.update(due_at_ms=None, taken_at_ms=now_ms(), answer=answer)
        return status
    is_mine = claimed.update(due_at_ms=now_ms() + wait_ms(delivery.tries), answer=answer)
    is_old = now_ms() >= delivery.made_at_ms + DAY_MS and delivery.tries
    if is_mine and is_old and states.pause(hook):
        log.warning("Webhook %s is paused: for a day its server took nothing.", hook.pk)
    return status


def wait_ms(failures: int) -> int:
    """How long the next try waits after so many failures before the last."""
    return min(settings.WEBHOOK_RETRY_MS << min(failures, 16), LAST_WAIT_MS)


def repeat(delivery: Delivery) -> None:
    """Send a delivery once more, under the same id, also one that was taken."""
    Delivery.objects.filter(pk=delivery.pk).update(
        due_at_ms=now_ms(), made_at_ms=now_ms(), taken_at_ms=None, tries=0
    )


def forget_old() -> None:
    """Remove what was taken, or made for a webhook that ended, a week ago."""
    old = Q(taken_at_ms__isnull=False) | Q(webhook__ended_at_ms__isnull=False)
    found = Delivery.objects.filter(old, made_at_ms__lt=now_ms() - KEPT_MS)
    ids = list(found.values_list("pk", flat=True)[:REMOVED_AT_ONCE])
    Delivery.objects.filter(pk__in=ids).delete()
