"""The capacity model: what a house can carry, from what single operations cost. Pure.

Costs are processor time in microseconds by kind of process: web, bank, clock, sql, live, and the
load itself, which stands on the same machine. A bet costs its own part, and a part of the call to
the bank that it shares with the bets of its room that come at the same moment. A process ends at
one core, and all of them together at the cores of the machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# The load comes last; an operator runs the others.
KINDS = ("web", "bank", "clock", "sql", "live", "load")
US = 1_000_000
# As betting.bank.batching, rooms.fanout and operations.clock have them: bets of a call at most;
# figures go out every 260 ms and touches every 50 ms; a club is recorded every 100 ms.
BETS_PER_CALL_MAX = 32
FIGURES_PER_S, TOUCHES_PER_S, RECORDINGS_PER_S = 1 / 0.26, 1 / 0.05, 1 / 0.1
# What the recorder and SQL do for many bets at once they do by club, all others by call.
BY_CLUB = ("clock", "sql")
# By kind of process.
Spent = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What people do: those who bet all the time, those who look on, those who come and go."""

    rooms: int
    clubs: int
    bettors: int
    viewers: int = 0
    arrivals_per_s: float = 0.0

    def batchers(self, site: "Site") -> int:
        """Each process gathers the bets of each club; a room is in one process."""
        return min(self.rooms, self.clubs * site.web)

    def bets_per_call(self, site: "Site") -> float:
        """While half of those who bet wait for a call, the other half gathers for the next one."""
        return min(max(self.bettors / self.batchers(site) / 2, 1), BETS_PER_CALL_MAX)

    @property
    def deliveries_per_s(self) -> float:
        """Frames with figures; the answer to a bet is a part of the bet."""
        return (self.bettors + self.viewers) * FIGURES_PER_S

    @property
    def messages_per_s(self) -> float:
        """What goes through the live instance to the processes that have sockets in a room."""
        return self.rooms * (FIGURES_PER_S + TOUCHES_PER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Microseconds of an operation of each kind; `idle` is of a second of a process.

    `busy_share` is the part of the machine's cores that a load makes use of which never rests.
    """

    arrival: Spent
    delivery: Spent
    message: Spent
    bet: Spent
    # Of a second of a room with people who do nothing.
    room: Spent
    # Of a call to the bank; of recording a club once.
    call: Spent
    recording: Spent
    idle: Spent
    # An arrival among many that come at once.
    storm: Spent = field(default_factory=dict)
    busy_share: float = 1.0

    def of_bet(self, kind: str, bets_per_call: float) -> float:
        """What a bet costs where so many share a call."""
        return self.bet.get(kind, 0) + self.call.get(kind, 0) / bets_per_call


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How many processes there are, on how many cores."""

    web: int
    primaries: int
    cores: int

    def processes(self, kind: str) -> int:
        """The processes of a kind."""
        return {"web": self.web, "bank": self.primaries}.get(kind, 1)

    def cores_of(self, kind: str) -> int:
        """The cores that a kind can fill: one a process, but SQL has threads."""
        return self.cores if kind == "sql" else self.processes(kind)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Bets a second, what is full first, and the cores that each kind takes then."""

    bets_per_s: float
    full: str
    cores: Spent

    @property
    def bets_per_cpu_s(self) -> float:
        """Bets for each second of processor time that is spent in all."""
        return self.bets_per_s / sum(self.cores.values())


def predict(costs: Costs, site: Site, mix: Mix) -> Prediction:
    """The most bets a second beside all else that a mix asks for."""
    beside = {kind: spent_beside(costs, site, mix, kind) for kind in KINDS}
    bet = {kind: costs.of_bet(kind, mix.bets_per_call(site)) for kind in KINDS}
    ends = {kind: (US * site.cores_of(kind) - beside[kind]) / bet[kind]
            for kind in KINDS if bet[kind]}  # fmt: skip
    spare = US * site.cores * costs.busy_share - sum(beside.values())
    ends["cores"] = spare / sum(bet.values())
    full = min(ends, key=lambda kind: ends[kind])
    bets_per_s = max(ends[full], 0)
    cores = {kind: (beside[kind] + bets_per_s * bet[kind]) / US for kind in KINDS}
    return Prediction(bets_per_s, full, cores)


def spent_beside(costs: Costs, site: Site, mix: Mix, kind: str) -> float:
    """Microseconds in a second that a kind of process spends however many bets there are."""
    return (
        mix.arrivals_per_s * costs.arrival.get(kind, 0)
        + mix.deliveries_per_s * costs.delivery.get(kind, 0)
        + mix.messages_per_s * costs.message.get(kind, 0)
        + mix.clubs * RECORDINGS_PER_S * costs.recording.get(kind, 0)
        + mix.rooms * costs.room.get(kind, 0)
        + site.processes(kind) * costs.idle.get(kind, 0)
    )


def split(found: Sequence[Spent], shared: Sequence[float]) -> tuple[Spent, Spent]:
    """A bet's own part, and that of what it shares, from what it cost in two measurements.

    `shared` is how much of the shared thing a bet had in each: a 32th of a call, then a quarter.
    """
    (together, apart), (few, many) = found, shared
    part = {kind: max(apart[kind] - together[kind], 0) / (many - few) for kind in together}
    return {kind: max(together[kind] - few * part[kind], 0) for kind in together}, part


# --- What to run for so many people


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What so many people do when it counts: the last seconds before a deadline."""

    frames_per_s: float = 4.0
    bets_per_s: float = 0.1
    # Over an evening.
    mean_bets_per_s: float = 1 / 60
    # All come back within that after a failure.
    comes_back_s: float = 30.0
    people_per_room: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What to run; `bank`, `clock` and `sql` in cores that may be busy, `ledger_gb` a day."""

    bets_per_s: float
    web: float
    bank: float
    clock: float
    sql: float
    messages_per_s: float
    ledger_gb: float


# A process is planned to this part of its core, and to the sockets that nginx of deploy/ gives it.
FULL_SHARE, SOCKETS_MAX = 0.6, 2_500
ENTRY_BYTES, DAY_S = 367, 86_400


def needs(costs: Costs, people: int, habits: Habits = Habits()) -> Needs:  # noqa: B008
    """What so many people need, each bet by itself in a call: their rooms are small."""
    rooms = people / habits.people_per_room
    bets_per_s = people * habits.bets_per_s
    messages_per_s = rooms * (FIGURES_PER_S + min(TOUCHES_PER_S, bets_per_s / rooms))
    web = (
        rooms * costs.room["web"]
        + bets_per_s * costs.of_bet("web", 1)
        + people * habits.frames_per_s * costs.delivery["web"]
        + messages_per_s * costs.message["web"]
    )
    arriving = people / habits.comes_back_s * costs.storm["web"]
    cores = {kind: bets_per_s * costs.of_bet(kind, 1) / US / FULL_SHARE
             for kind in ("bank", "clock", "sql")}  # fmt: skip
    return Needs(
        bets_per_s=bets_per_s,
        web=max(web / US / FULL_SHARE, arriving / US, people / SOCKETS_MAX),
        messages_per_s=messages_per_s,
        ledger_gb=people * habits.mean_bets_per_s * ENTRY_BYTES * DAY_S / 1e9,
        **cores,
    )
