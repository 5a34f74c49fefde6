"""The figures of an examination: plain ones for programs, tables of text for people."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from operations.doctor.instances import Instance
from operations.doctor.key_sample import KeySample, Share
from operations.tables import Table, size

CLIENTS_SHOWN = 10
COMMANDS_SHOWN = 10


def plain(instance: Instance, sample: KeySample) -> dict[str, Any]:
    """The figures of an instance, with units in the names."""
    told = instance.info
    return {
        "version": told.get("valkey_version") or told.get("redis_version"),
        "engine": "valkey" if "valkey_version" in told else "redis",
        "up_s": told.get("uptime_in_seconds"),
        "used_bytes": told.get("used_memory"),
        "peak_bytes": told.get("used_memory_peak"),
        "resident_bytes": told.get("used_memory_rss"),
        "maxmemory_bytes": instance.number("maxmemory"),
        "policy": instance.settings.get("maxmemory-policy"),
        "appendonly": instance.settings.get("appendonly"),
        "appendfsync": instance.settings.get("appendfsync"),
        "append_only_file_bytes": told.get("aof_current_size", 0),
        "evicted_keys": told.get("evicted_keys"),
        "fragmentation_ratio": told.get("mem_fragmentation_ratio"),
        "fragmentation_bytes": told.get("mem_fragmentation_bytes"),
        "fork_us": told.get("latest_fork_usec"),
        "commands_per_s": told.get("instantaneous_ops_per_sec"),
        "clients": len(instance.clients),
        "clients_in_bytes": sum(int(each.get("qbuf", 0)) for each in instance.clients),
        "clients_out_bytes": sum(int(each.get("omem", 0)) for each in instance.clients),
        "keys": instance.keys_count,
        "keys_seen": sample.seen,
        "keys_seen_bytes": sample.size_bytes,
        "withheld": list(instance.withheld),
    }


def overview(plains: dict[str, dict[str, Any]]) -> Table:
    """The instances side by side."""
    rows = [
        (label, *(text(each) for each in plains.values()))
        for label, text in (
            (_("Engine"), lambda p: f"{p['engine']} {p['version']}"),
            (_("Up"), lambda p: _duration(p["up_s"] or 0)),
            (_("Memory"), _memory),
            (_("Peak"), lambda p: size(p["peak_bytes"] or 0)),
            (_("Policy"), lambda p: p["policy"] or "–"),
            (_("On disk"), _persistence),
            (_("Evicted keys"), lambda p: str(p["evicted_keys"])),
            (_("Fragmentation"), _fragmentation),
            (_("Clients"), lambda p: str(p["clients"])),
            (_("Unfinished commands"), lambda p: size(p["clients_in_bytes"])),
            (_("Unread answers"), lambda p: size(p["clients_out_bytes"])),
            (_("Commands"), lambda p: _("%d a second") % (p["commands_per_s"] or 0)),
            (_("Answers in"), _answers),
            (_("Last fork"), lambda p: _("%.1f ms") % ((p["fork_us"] or 0) / 1000)),
            (_("Keys"), lambda p: f"{p['keys']:,}"),
            (_("Looked at"), lambda p: f"{p['keys_seen']:,}, {size(p['keys_seen_bytes'])}"),
            (_("Not told"), lambda p: ", ".join(p["withheld"]) or "–"),
        )
    ]
    return Table(title=_("Instances"), heads=("", *plains), rows=rows)


def _memory(told: dict[str, Any]) -> str:
    used, most = told["used_bytes"] or 0, told["maxmemory_bytes"]
    return (
        f"{size(used)} / {size(most)} ({100 * used / most:.0f} %)" if most else f"{size(used)} / ∞"
    )


def _persistence(told: dict[str, Any]) -> str:
    if told["appendonly"] != "yes":
        return _("nothing")
    return f"{told['appendfsync']}, {size(told['append_only_file_bytes'])}"


def _fragmentation(told: dict[str, Any]) -> str:
    spare = max(0, told["fragmentation_bytes"] or 0)
    return f"{size(spare)} (× {told['fragmentation_ratio']})"


def _answers(told: dict[str, Any]) -> str:
    return _("%(usual).2f ms, at most %(most).2f") % {
        "usual": told["answers_in_ms"],
        "most": told["answers_in_ms_max"],
    }


def _duration(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}"
    return _("%(days)d d %(clock)s") % {"days": days, "clock": clock}


def share_tables(clubs: Sequence[Share], rooms: Sequence[Share]) -> list[Table]:
    """Bytes of each club, and of the heaviest rooms."""
    return [
        Table(
            title=title,
            heads=(head, _("Memory")),
            rows=[(share.of, size(share.size_bytes)) for share in shares],
            figures=frozenset({1}),
        )
        for title, head, shares in (
            (_("Clubs"), _("Club"), clubs),
            (_("Rooms"), _("Room"), rooms),
        )
    ]


def key_table(instance: Instance, sample: KeySample) -> Table:
    """The biggest keys that were looked at."""
    return Table(
        title=_("%(instance)s: biggest keys") % {"instance": instance.name},
        heads=(_("Key"), _("Memory")),
        rows=[(key.name, size(key.size_bytes)) for key in sample.biggest],
        figures=frozenset({1}),
    )


def client_table(instance: Instance) -> Table:
    """The clients that take most memory: input that is not complete, output that is not read."""
    heaviest = sorted(instance.clients, key=lambda c: int(c.get("tot-mem", 0)), reverse=True)
    return Table(
        title=_("%(instance)s: clients") % {"instance": instance.name},
        heads=(_("Client"), _("Last command"), "qbuf", "omem", _("In all"), _("Idle")),
        rows=[
            (
                f"{each['id']} {_who(each)}".strip(),
                each.get("cmd", ""),
                size(int(each.get("qbuf", 0))),
                size(int(each.get("omem", 0))),
                size(int(each.get("tot-mem", 0))),
                f"{each.get('idle', 0)} s",
            )
            for each in heaviest[:CLIENTS_SHOWN]
        ],
        figures=frozenset({2, 3, 4, 5}),
    )


def _who(client: dict[str, str]) -> str:
    """A client's own name, or its address; the path of a socket says little."""
    at = client.get("addr", "")
    return client.get("name") or ("" if "/" in at else at)


def command_table(instance: Instance) -> Table:
    """The commands that took most of the one thread's time."""
    longest = sorted(instance.commands.items(), key=lambda each: each[1]["usec"], reverse=True)
    return Table(
        title=_("%(instance)s: commands") % {"instance": instance.name},
        heads=(_("Command"), _("Calls"), _("Mean"), _("In all"), _("Refused or failed")),
        rows=[
            (
                name.removeprefix("cmdstat_").replace("|", " "),
                f"{told['calls']:,}",
                f"{told['usec_per_call']:.0f} µs",
                f"{told['usec'] / 1e6:.2f} s",
                str(told.get("rejected_calls", 0) + told.get("failed_calls", 0)),
            )
            for name, told in longest[:COMMANDS_SHOWN]
        ],
        figures=frozenset({1, 2, 3, 4}),
    )


def slow_table(instance: Instance) -> Table:
    """The slow log, and the events that made everybody wait."""
    rows = [(entry.words, f"{entry.took_ms:.1f} ms") for entry in instance.slow]
    rows += [
        (str(event), f"{most_ms} ms")
        for event, _at_s, _latest_ms, most_ms, *_more in instance.stalls
    ]
    return Table(
        title=_("%(instance)s: slow log and stalls") % {"instance": instance.name},
        heads=(_("What"), _("Took")),
        rows=rows,
        figures=frozenset({1}),
    )
