"""The messages between processes: their groups, their shapes, and how many there are."""

from collections.abc import Callable, Collection
from typing import Any

from prometheus_client import Counter

from rooms.fanout.conflation import Pools
from rooms.fanout.source import Touch

EVERYBODY = "everybody"
KINDS = ("frame", "hosts", "pools", "touched", "missed", "look", "ended", "replaced", "company")

Message = dict[str, Any]

sent = Counter("ringside_layer_sent", "Messages to the processes with a room", ["kind"])
received = Counter("ringside_layer_received", "Messages that a process was delivered", ["kind"])
# Present from the start at 0, so that Prometheus sees its first rise.
for _kind in KINDS:
    sent.labels(_kind)
    received.labels(_kind)


def group(room_id: int | None) -> str:
    """The group of all processes that have sockets in a room; without one, of all."""
    return EVERYBODY if room_id is None else f"room.{room_id}"


def frame(
    room_id: int, text: str, slot: str | None, version: int | None, hosts_text: str | None
) -> Message:
    """A frame for everybody in a room."""
    # A process of an older version knows no `hosts_text`, and passes over a kind it does not know.
    kind = "frame" if text else "hosts"
    message = {"kind": kind, "room_id": room_id, "text": text, "slot": slot, "version": version}
    return message if hosts_text is None else message | {"hosts_text": hosts_text}


def pools(pools: Pools, process: str = "") -> Message:
    """The figures of a market, by the process that tells them."""
    pools = pools.encoded()
    return {
        "kind": "pools", "room_id": pools.room_id, "market_id": pools.market_id,
        "version": pools.version, "text": pools.text, "hosts_text": pools.hosts_text,
        "process": process,
    }  # fmt: skip


def touched(room_id: int | None, touch: Touch, process: str = "") -> Message:
    """Users whose holdings changed; `process` has told its own sockets already."""
    return {
        "kind": "touched", "room_id": room_id, "user_ids": touch.user_ids, "why": touch.why,
        "market_id": touch.market_id, "seqs": touch.seqs, "process": process,
    }  # fmt: skip


def missed(room_id: int | None, process: str) -> Message:
    """Touches of a room's users did not reach the other processes; which ones is not kept."""
    return {"kind": "missed", "room_id": room_id, "process": process}


def replaced(room_id: int, user_id: int, sockets: list[str]) -> Message:
    """Sockets of a user that are too many."""
    return {"kind": "replaced", "room_id": room_id, "user_id": user_id, "sockets": sockets}


def company(room_id: int, process: str, user_ids: Collection[int], *, asks: bool) -> Message:
    """Users of a room who have sockets in this process; `asks` which of them others have, too."""
    return {
        "kind": "company", "room_id": room_id, "process": process, "user_ids": list(user_ids),
        "asks": asks,
    }  # fmt: skip


def on_reconnect(channel_layer: Any, tell: Callable[[object], None]) -> None:
    """Call a method, which is kept weakly, whenever the layer subscribed anew after a failure."""
    # The layer does so by itself and tells nobody; a test checks that it is told here.
    for shard in channel_layer._shards:
        shard._pubsub.connection.register_connect_callback(tell)
