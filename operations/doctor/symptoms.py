"""What an instance shows while it works: memory that runs short, clients that do not read, stalls.

Each is a figure that an operator can read by hand; the thresholds stand here and nowhere else.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from betting.bank.capacity import MARKS, Level
from operations.doctor.findings import Finding
from operations.doctor.instances import Instance
from operations.doctor.key_sample import KeySample
from operations.doctor.required_settings import Rule

FRAGMENTED_RATIO = 1.5
FRAGMENTED_BYTES_MIN = 32 * 2**20
CLIENT_BUFFER_BYTES_MAX = 2**20
# Half of what our clients wait at most for the bank; the others wait as long as the slowest.
STALL_MS_MAX = 500
BIG_SHARE = 0.1


def full(instance: Instance) -> Iterator[Finding]:
    """Memory is not short."""
    if instance.role == "bank" and instance.used_share >= MARKS[Level.FILLING]:
        yield Finding(
            instance=instance.name,
            word="full",
            sentence=_(
                "The bank is %(percent)d %% full; at %(rooms)d %% no new room opens,"
                " at %(bets)d %% no bet is taken."
            )
            % {
                "percent": 100 * instance.used_share,
                "rooms": 100 * MARKS[Level.NEARLY_FULL],
                "bets": 100 * MARKS[Level.FULL],
            },
            mend=f"CONFIG SET maxmemory {2 * instance.number('maxmemory') >> 20}mb",
        )


def evicted(instance: Instance) -> Iterator[Finding]:
    """Nothing was evicted."""
    count = int(instance.info.get("evicted_keys", 0))
    if count:
        yield Finding(
            instance=instance.name,
            word="evicted",
            sentence=_("Keys thrown away for want of memory: %(count)d.") % {"count": count},
            mend="manage.py reconcile --all; manage.py rebuild_bank; CONFIG RESETSTAT"
            if instance.role == "bank"
            else f"CONFIG SET maxmemory {2 * instance.number('maxmemory') >> 20}mb;"
            " CONFIG RESETSTAT",
        )


def fragmented(instance: Instance) -> Iterator[Finding]:
    """The server takes little more memory than its data."""
    spare_bytes = int(instance.info.get("mem_fragmentation_bytes", 0))
    ratio = float(instance.info.get("mem_fragmentation_ratio", 0))
    if spare_bytes >= FRAGMENTED_BYTES_MIN and ratio >= FRAGMENTED_RATIO:
        yield Finding(
            instance=instance.name,
            word="fragmented",
            sentence=_("%(spare)d MB of the machine's memory hold nothing, in holes of the heap.")
            % {"spare": spare_bytes >> 20},
            # Debian's build and the wheel's cannot move what they gave out; a restart does it.
            mend="CONFIG SET activedefrag yes, or where that is refused SHUTDOWN",
        )


def turned_away(instance: Instance) -> Iterator[Finding]:
    """No client was refused a connection."""
    count = int(instance.info.get("rejected_connections", 0))
    if count:
        yield Finding(
            instance=instance.name,
            word="maxclients",
            sentence=_("Connections turned away, as more than maxclients came: %(count)d.")
            % {"count": count},
            mend="CONFIG SET maxclients 10000; CONFIG RESETSTAT",
        )


def not_reading(instance: Instance) -> Iterator[Finding]:
    """No client leaves answers unread, or commands unfinished."""
    for client in instance.clients:
        waiting = {"out": int(client.get("omem", 0)), "in": int(client.get("qbuf", 0))}
        for way, size in waiting.items():
            if size < CLIENT_BUFFER_BYTES_MAX:
                continue
            told = {
                "client": client.get("name") or client["addr"],
                "size": f"{size / 2**20:.1f}",
                "command": client.get("cmd", "?"),
            }
            sentence = (
                _("The client %(client)s (%(command)s) leaves %(size)s MB of answers unread.")
                if way == "out"
                else _("The client %(client)s has sent %(size)s MB of a command without its end.")
            )
            yield Finding(
                instance=instance.name,
                word="output-buffer" if way == "out" else "input-buffer",
                sentence=sentence % told,
                mend=f"CLIENT KILL ID {client['id']}",
            )


def subscribed(instance: Instance) -> Iterator[Finding]:
    """No client subscribes at the bank: messages go through the live instance."""
    listening = [c for c in instance.clients if int(c.get("sub", 0)) + int(c.get("psub", 0))]
    if instance.role == "bank" and listening:
        yield Finding(
            instance=instance.name,
            word="pubsub",
            sentence=_(
                "Subscribers at the bank: %(count)d; what they do not read takes its memory."
            )
            % {"count": len(listening)},
            mend="CLIENT KILL TYPE pubsub",
        )


def slow(instance: Instance) -> Iterator[Finding]:
    """No single command held up all others."""
    slowest = max(instance.slow, key=lambda entry: entry.took_ms, default=None)
    if slowest and slowest.took_ms >= STALL_MS_MAX:
        yield Finding(
            instance=instance.name,
            word="slow",
            sentence=_("%(command)s ran for %(ms)d ms, and everybody else waited.")
            % {"command": slowest.words, "ms": slowest.took_ms},
            mend="SLOWLOG GET 10; SLOWLOG RESET",
        )


def stalled(instance: Instance) -> Iterator[Finding]:
    """Neither the disk nor a fork held up all commands."""
    for event, _at_s, _latest_ms, most_ms, *_more in instance.stalls:
        if event != "command" and most_ms >= STALL_MS_MAX:
            yield Finding(
                instance=instance.name,
                word="stall",
                sentence=_("Everybody waited %(ms)d ms for %(event)s.")
                % {"ms": most_ms, "event": event},
                mend="LATENCY DOCTOR; LATENCY RESET",
            )


def big_keys(instance: Instance, sample: KeySample) -> Iterator[Finding]:
    """No key is so large that reading, moving or freeing it stops everybody."""
    most_bytes = BIG_SHARE * instance.number("maxmemory")
    for key in sample.biggest:
        if most_bytes and key.size_bytes >= most_bytes:
            yield Finding(
                instance=instance.name,
                word="big-key",
                sentence=_("The key %(key)s alone holds %(size).1f MB.")
                % {"key": key.name, "size": key.size_bytes / 2**20},
                mend=f"MEMORY USAGE {key.name}; UNLINK {key.name}"
                if instance.role == "live"
                else f"MEMORY USAGE {key.name}",
            )


def endless_keys(instance: Instance, sample: KeySample) -> Iterator[Finding]:
    """At live every key has an end or a cap; at the bank none has an end."""
    if instance.role == "live" and sample.endless_count:
        yield Finding(
            instance=instance.name,
            word="endless-key",
            sentence=_("Keys with neither an end nor a cap: %(count)d, such as %(key)s.")
            % {"count": sample.endless_count, "key": sample.endless[0]},
            mend=f"EXPIRE {sample.endless[0]} 3600",
        )
    if instance.role == "bank" and sample.ending_count:
        yield Finding(
            instance=instance.name,
            word="ending-key",
            sentence=_(
                "Keys of the bank that have an end and will vanish: %(count)d, such as %(key)s."
            )
            % {"count": sample.ending_count, "key": sample.ending[0]},
            mend=f"PERSIST {sample.ending[0]}",
        )


SYMPTOMS: tuple[Rule, ...] = (
    full, evicted, fragmented, turned_away, not_reading, subscribed, slow, stalled,
)  # fmt: skip
