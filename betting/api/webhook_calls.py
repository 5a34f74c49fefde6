"""/api/rooms/{code}/webhooks/: servers of others that are told what happens; docs/webhooks.md."""

from typing import Literal, cast

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.auth.authentication import user_of
from betting.ledger.events import EventAnswer
from betting.models import Delivery
from betting.webhooks import hooks, states
from rooms import access
from rooms.api.room_view import RoomView
from web import limits
from web.contract.descriptions import described
from web.negotiation import respond
from web.parsing import Message, Nothing, parse

Why = Literal["", "not_public", "nobody_there", "no_answer", "bad_certificate", "broken_off"]


class WebhookAsk(Message, frozen=True):
    """A new webhook, by its https address."""

    url: str


class WebhookOffer(msgspec.Struct):
    """A webhook, and the secret that signs for it, which is told this once."""

    id: int
    secret: str


class WebhookShape(msgspec.Struct):
    """A webhook as its room lists it; `paused_at_ms` is null while it is served."""

    id: int
    url: str
    made_at_ms: int
    paused_at_ms: int | None
    waiting: int


class WebhookList(msgspec.Struct):
    results: list[WebhookShape]


class DeliveryShape(msgspec.Struct):
    """One event for a webhook. `status` is 0 where `why` says that there was no answer.

    `due_at_ms` is the next try, null once it was taken.
    """

    id: int
    event: str
    market: int | None
    question: str | None
    made_at_ms: int
    tries: int
    status: int
    why: Why
    due_at_ms: int | None
    taken_at_ms: int | None


class DeliveryList(msgspec.Struct):
    results: list[DeliveryShape]


class RoomWebhooks(RoomView):
    @described(answers={200: WebhookList})
    def get(self, request: Request, code: str) -> Response:
        """The webhooks that were not ended, newest first, and how many deliveries wait."""
        room = self.room(code)
        access.require(room, user_of(request), "offer_key")
        waiting = hooks.count_waiting(room)
        shown = [
            WebhookShape(
                id=hook.pk,
                url=hook.url,
                made_at_ms=hook.made_at_ms,
                paused_at_ms=hook.paused_at_ms,
                waiting=waiting.get(hook.pk, 0),
            )
            for hook in hooks.standing(room)
        ]
        return respond(WebhookList(shown))

    @described(asks=WebhookAsk, answers={201: WebhookOffer}, refuses=("room_ended",))
    def post(self, request: Request, code: str) -> Response:
        """Have a server told of what happens in this room from now on."""
        ask = parse(request.data, WebhookAsk)
        hook = hooks.make(user_of(request), self.room(code), ask.url)
        return respond(WebhookOffer(hook.pk, hook.secret), 201)


class OneWebhook(RoomView):
    @described(answers={204: None})
    def delete(self, request: Request, code: str, webhook_id: int) -> Response:
        """End a webhook: nothing more is sent; again does nothing."""
        by = user_of(request)
        states.end(hooks.find(by, self.room(code), webhook_id), by)
        return Response(status=204)


class Resume(RoomView):
    @described(asks=Nothing, answers={204: None}, refuses=("too_fast",))
    def post(self, request: Request, code: str, webhook_id: int) -> Response:
        """Serve a paused webhook again, beginning with what waits; again does nothing more."""
        parse(request.data, Nothing)
        by = user_of(request)
        limits.check("webhooks_changed", by.pk)
        states.resume(hooks.find_standing(by, self.room(code), webhook_id), by)
        return Response(status=204)


class Pause(RoomView):
    @described(asks=Nothing, answers={204: None}, refuses=("too_fast",))
    def post(self, request: Request, code: str, webhook_id: int) -> Response:
        """Send nothing until the webhook is resumed; what happens is kept. Again does nothing."""
        parse(request.data, Nothing)
        by = user_of(request)
        limits.check("webhooks_changed", by.pk)
        states.pause(hooks.find_standing(by, self.room(code), webhook_id), by)
        return Response(status=204)


class Deliveries(RoomView):
    @described(answers={200: DeliveryList})
    def get(self, request: Request, code: str, webhook_id: int) -> Response:
        """The last twenty events for a webhook, newest first, and what became of each."""
        hook = hooks.find(user_of(request), self.room(code), webhook_id)
        return respond(DeliveryList([_shape(delivery) for delivery in hooks.lately(hook)]))


def _shape(delivery: Delivery) -> DeliveryShape:
    status, why = hooks.read_answer(delivery)
    return DeliveryShape(
        id=delivery.pk,
        event=delivery.event,
        market=delivery.market_id,
        question=msgspec.json.decode(delivery.body, type=EventAnswer).question,
        made_at_ms=delivery.made_at_ms,
        tries=delivery.tries,
        status=status,
        why=cast(Why, why),
        due_at_ms=delivery.due_at_ms,
        taken_at_ms=delivery.taken_at_ms,
    )


class Repeat(RoomView):
    @described(asks=Nothing, answers={204: None})
    def post(self, request: Request, code: str, webhook_id: int, delivery_id: int) -> Response:
        """Send an event once more, under the same id, also one that was taken."""
        parse(request.data, Nothing)
        by = user_of(request)
        hooks.repeat(by, hooks.find_standing(by, self.room(code), webhook_id), delivery_id)
        return Response(status=204)
