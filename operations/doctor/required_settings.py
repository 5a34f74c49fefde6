"""What the settings of each role must be: one list for the system checks, the gate and the doctor.

The dangerous ones stand first in each list: with one of them wrong an accepted bet could be lost
or evicted, so the gate stays shut and `manage.py check` fails. The others cost memory or time.
"""

from collections.abc import Callable, Iterator, Sequence

from django.utils.translation import gettext as _

from launcher.engines import BANK_SETTINGS, LIVE_SETTINGS, MEMORY_MB
from operations.doctor.findings import Finding
from operations.doctor.instances import Instance

Rule = Callable[[Instance], Iterator[Finding]]

DURABLE = (
    "appendonly", "appendfsync", "no-appendfsync-on-rewrite", "aof-load-truncated",
    "aof-use-rdb-preamble",
)  # fmt: skip
# A copy on write needs the rest while the append-only file is rewritten.
MACHINE_SHARE_MAX = 0.6
QUERY_BUFFER_BYTES_MAX = 64 * 2**20
REWRITE_FROM_BYTES_MIN = 128 * 2**20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def readable(instance: Instance) -> Iterator[Finding]:
    """CONFIG GET and INFO answer; without them nothing is known."""
    for words in instance.withheld:
        if words in ("CONFIG GET", "INFO"):
            yield Finding(
                instance=instance.name,
                word="withheld",
                sentence=_("This server does not let us ask %(words)s, so nobody knows how it is.")
                % {"words": words},
                mend="ACL SETUSER default +config|get +info",
                is_dangerous=instance.role == "bank",
            )


def bounded(instance: Instance) -> Iterator[Finding]:
    """There is a maxmemory."""
    if not instance.number("maxmemory"):
        yield Finding(
            instance=instance.name,
            word="maxmemory",
            sentence=_("There is no maxmemory, so it would take the machine's last byte."),
            mend=f"CONFIG SET maxmemory {MEMORY_MB[instance.role]}mb",
            is_dangerous=True,
        )


def policy(instance: Instance) -> Iterator[Finding]:
    """The bank evicts nothing; live evicts what has an end, the nearest first."""
    must = (BANK_SETTINGS if instance.role == "bank" else LIVE_SETTINGS)["maxmemory-policy"]
    found = instance.settings.get("maxmemory-policy", "")
    if found == must:
        return
    if instance.role == "bank":
        sentence = _("The maxmemory-policy is %(found)s: when memory is short, wallets vanish.")
        if found.startswith("volatile"):
            sentence = _("The maxmemory-policy is %(found)s: whatever has an end may vanish.")
    elif found == "noeviction":
        sentence = _("The maxmemory-policy is %(found)s: when memory is short, nobody gets in.")
    else:
        sentence = _("The maxmemory-policy is %(found)s: it forgets what is needed longest.")
    yield Finding(
        instance=instance.name,
        word="maxmemory-policy",
        sentence=sentence % {"found": found},
        mend=f"CONFIG SET maxmemory-policy {must}",
        is_dangerous=True,
    )


def durable(instance: Instance) -> Iterator[Finding]:
    """What the bank has accepted is on disk, and a damaged file is not loaded in silence."""
    lost = {
        "appendonly": _("appendonly is %(found)s: a restart loses every coin."),
        "appendfsync": _("appendfsync is %(found)s: a power cut loses bets that were accepted."),
        "no-appendfsync-on-rewrite": _(
            "no-appendfsync-on-rewrite is %(found)s: during a rewrite nothing is brought to disk."
        ),
        "aof-load-truncated": _(
            "aof-load-truncated is %(found)s: a cut file is loaded as if nothing were missing."
        ),
        "aof-use-rdb-preamble": _(
            "aof-use-rdb-preamble is %(found)s: a damaged file cannot be mended up to the damage."
        ),
    }
    for name in DURABLE:
        found = instance.settings.get(name, "")
        if found != BANK_SETTINGS[name]:
            yield Finding(
                instance=instance.name,
                word=name,
                sentence=lost[name] % {"found": found},
                mend=f"CONFIG SET {name} {BANK_SETTINGS[name]}",
                is_dangerous=True,
            )


def primary(instance: Instance) -> Iterator[Finding]:
    """The bank is nobody's replica."""
    if instance.info.get("role", "master") != "master":
        yield Finding(
            instance=instance.name,
            word="replica",
            sentence=_("The bank is a replica: it refuses every bet, and follows another server."),
            mend="REPLICAOF NO ONE",
            is_dangerous=True,
        )


def written(instance: Instance) -> Iterator[Finding]:
    """The append-only file could be written, and rewritten."""
    told = instance.info
    if "err" in (told.get("aof_last_write_status"), told.get("aof_last_bgrewrite_status")):
        yield Finding(
            instance=instance.name,
            word="aof",
            sentence=_("The bank could not write its append-only file; its log says why."),
            mend="df -h; BGREWRITEAOF",
            is_dangerous=True,
        )


def alone(found: Sequence[Instance]) -> Iterator[Finding]:
    """No server holds both roles."""
    banks = {each.info.get("run_id") for each in found if each.role == "bank"}
    for each in found:
        if each.role == "live" and each.info.get("run_id") in banks:
            yield Finding(
                instance=each.name,
                word="one-server",
                sentence=_("The bank and the live instance are one server; they must be two."),
                mend="REDIS_LIVE_URL=redis://another-server:6379/0",
                is_dangerous=True,
            )


def snapshots(instance: Instance) -> Iterator[Finding]:
    """The bank forks when the clock finds it quiet, and never by itself."""
    if instance.settings.get("save"):
        yield Finding(
            instance=instance.name,
            word="save",
            sentence=_("It saves snapshots: each forks in the middle of the evening, for nothing."),
            mend='CONFIG SET save ""',
        )
    smallest = instance.number("auto-aof-rewrite-min-size")
    if instance.number("auto-aof-rewrite-percentage") and smallest < REWRITE_FROM_BYTES_MIN:
        yield Finding(
            instance=instance.name,
            word="auto-aof-rewrite-min-size",
            sentence=_(
                "It rewrites its append-only file by itself from %(size)d MB on,"
                " so in the busiest moment."
            )
            % {"size": smallest >> 20},
            mend=f"CONFIG SET auto-aof-rewrite-min-size "
            f"{BANK_SETTINGS['auto-aof-rewrite-min-size']}",
        )


def marked(instance: Instance) -> Iterator[Finding]:
    """The address says that the bank is a Cluster, where it is one."""
    if instance.info.get("cluster_enabled") and instance.name == "bank":
        yield Finding(
            instance=instance.name,
            word="cluster",
            sentence=_("The bank is a node of a Cluster, but REDIS_BANK_URL does not say so."),
            mend="REDIS_BANK_URL=redis://a:6379,b:6379,c:6379/0?cluster=1",
            is_dangerous=True,
        )


def single(instance: Instance) -> Iterator[Finding]:
    """The live instance is no node of a Cluster: most of its keys would be elsewhere."""
    if instance.info.get("cluster_enabled"):
        yield Finding(
            instance=instance.name,
            word="cluster",
            sentence=_("The live instance is a node of a Cluster; it must be one server."),
            mend="REDIS_LIVE_URL=redis+sentinel://a:26379,b:26379,c:26379/live/0",
            is_dangerous=True,
        )


def clustered(instance: Instance) -> Iterator[Finding]:
    """In a Cluster no replica takes over by itself, and a lost shard stops its own clubs only."""
    if not instance.info.get("cluster_enabled"):
        return
    wrong = {
        "cluster-replica-no-failover": ("yes", _("A replica may take over without the last bets.")),
        "cluster-require-full-coverage": ("no", _("One shard that is gone stops every club.")),
    }
    for name, (must, sentence) in wrong.items():
        if instance.settings.get(name) != must:
            yield Finding(
                instance=instance.name,
                word=name,
                sentence=sentence,
                mend=f"CONFIG SET {name} {must}",
            )


def fits_the_machine(instance: Instance) -> Iterator[Finding]:
    """There is memory beside the data for the fork of a rewrite and for other processes."""
    machine_bytes = int(instance.info.get("total_system_memory", 0))
    limit = instance.number("maxmemory")
    if machine_bytes and limit > MACHINE_SHARE_MAX * machine_bytes:
        most_mb = int(MACHINE_SHARE_MAX * machine_bytes) >> 20
        yield Finding(
            instance=instance.name,
            word="machine",
            sentence=_("The maxmemory of %(limit)d MB leaves the machine no room for a fork.")
            % {"limit": limit >> 20},
            mend=f"CONFIG SET maxmemory {most_mb}mb",
        )


def buffers(instance: Instance) -> Iterator[Finding]:
    """What clients send and do not read has a limit."""
    if instance.settings.get("maxmemory-clients", "0") == "0":
        yield Finding(
            instance=instance.name,
            word="maxmemory-clients",
            sentence=_("The buffers of all clients together have no limit and push out data."),
            mend="CONFIG SET maxmemory-clients 25%",
        )
    if instance.number("client-query-buffer-limit") > QUERY_BUFFER_BYTES_MAX:
        yield Finding(
            instance=instance.name,
            word="client-query-buffer-limit",
            sentence=_("One client may fill %(size)d MB with half a command.")
            % {"size": instance.number("client-query-buffer-limit") >> 20},
            mend="CONFIG SET client-query-buffer-limit 16mb",
        )
    words = instance.settings.get("client-output-buffer-limit", "").split()
    limits = {words[at]: words[at + 1 : at + 4] for at in range(0, len(words) - 3, 4)}
    if limits.get("pubsub", [])[:2] == ["0", "0"]:
        yield Finding(
            instance=instance.name,
            word="client-output-buffer-limit",
            sentence=_("A subscriber that does not read is kept for ever, with all it missed."),
            mend='CONFIG SET client-output-buffer-limit "pubsub 32mb 8mb 60"',
        )


def dead_peers(instance: Instance) -> Iterator[Finding]:
    """Connections to machines that are gone end."""
    if not instance.number("tcp-keepalive"):
        yield Finding(
            instance=instance.name,
            word="tcp-keepalive",
            sentence=_("tcp-keepalive is 0: clients whose machine is gone are kept for ever."),
            mend="CONFIG SET tcp-keepalive 60",
        )


def traces(instance: Instance) -> Iterator[Finding]:
    """Stalls and slow commands are logged by the server."""
    if instance.number("slowlog-log-slower-than") < 0 or not instance.number("slowlog-max-len"):
        yield Finding(
            instance=instance.name,
            word="slowlog-log-slower-than",
            sentence=_("The slow log is off: who made everybody wait leaves no trace."),
            mend="CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128",
        )
    if not instance.number("latency-monitor-threshold"):
        yield Finding(
            instance=instance.name,
            word="latency-monitor-threshold",
            sentence=_("Stalls of the disk and of forks are not noted."),
            mend="CONFIG SET latency-monitor-threshold 100",
        )


def doors(instance: Instance) -> Iterator[Finding]:
    """A client that reaches the port must give a password."""
    bound = {word.removeprefix("-") for word in instance.settings.get("bind", "").split()}
    is_reached = instance.number("port") or instance.number("tls-port")
    is_open = instance.settings.get("protected-mode") == "no" and not bound <= _LOOPBACK
    if is_reached and (is_open or not bound) and not instance.needs_password:
        yield Finding(
            instance=instance.name,
            word="open-door",
            sentence=_("Everybody who reaches port %(port)d may read and change everything.")
            % {"port": is_reached},
            mend="CONFIG SET requirepass … protected-mode yes",
        )


DANGEROUS: dict[str, tuple[Rule, ...]] = {
    "bank": (readable, bounded, policy, durable, primary, marked, written),
    "live": (readable, bounded, policy, single),
}
OTHER: dict[str, tuple[Rule, ...]] = {
    "bank": (snapshots, clustered, fits_the_machine, buffers, dead_peers, traces, doors),
    "live": (fits_the_machine, buffers, dead_peers, traces, doors),
}


def dangers(instance: Instance) -> list[Finding]:
    """The dangerous findings of an instance: with one of them Ringside does not start."""
    return [finding for rule in DANGEROUS[instance.role] for finding in rule(instance)]
