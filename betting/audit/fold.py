"""Folds entries into what the bank held after them, written as the bank writes it.

The counterpart of bank.lua: each branch does what a function there did when it wrote the entry.
"""

from collections import defaultdict
from collections.abc import Mapping

from betting.bank.values import Entry, read_result
from betting.models import FORGOTTEN, REFILL, WELCOME, Kind, Market
from betting.payouts import settlement_id

REFILLS_KEPT = 20
# The fields in the bank after a result was withdrawn, or became the decision.
_NO_RESULT: dict[str, str | int] = {"result": "", "official_at_ms": 0, "namings": 0}


class Fold:
    """Wallets, first answers and markets, entry by entry. `markets` are those to be kept.

    `wishes` are the coins that burns asked for, by command; burns may have taken fewer.
    """

    def __init__(self, markets: Mapping[int, Market], wishes: Mapping[str, int]) -> None:
        self._rows = markets
        self._wishes = wishes
        self.wallets: dict[int, int] = {}
        self.grants: dict[str, str] = {}
        self.refills: dict[str, str] = {}
        self.markets: dict[int, dict[str, str | int]] = {}
        self.bets: defaultdict[int, dict[str, str]] = defaultdict(dict)
        # market → user → outcome → (coins, seq of the first bet)
        self.positions: defaultdict[int, dict[int, dict[int, tuple[int, int]]]] = defaultdict(dict)

    def add(self, entry: Entry) -> None:
        """Take the next entry."""
        if entry.user_id is not None and entry.into_wallet:
            # Sums and no copies: a figure of the ledger may be wrong, its coins are the truth.
            self.wallets[entry.user_id] = self.wallets.get(entry.user_id, 0) + entry.into_wallet
        if entry.kind in (Kind.GRANT, Kind.BURN):
            self._move(entry)
        elif entry.market_id is not None and entry.market_id in self._rows:
            self._step(self._rows[entry.market_id], entry)

    def market_fields(self, market_id: int) -> dict[str, str]:
        """The hash of a market."""
        return {name: str(value) for name, value in self.markets[market_id].items()}

    def position_texts(self, market_id: int) -> dict[str, str]:
        """The hash of a market's positions; outcomes in the order of their first bets."""
        return {
            str(user): " ".join(
                f"{outcome} {coins} {first_seq}" for outcome, (coins, first_seq) in parts.items()
            )
            for user, parts in self.positions[market_id].items()
        }

    def _move(self, entry: Entry) -> None:
        if entry.command == f"{FORGOTTEN}{entry.user_id}":
            # The account was removed after this burn, and the bank forgot its wallet.
            self.wallets.pop(entry.user_id or 0, None)
            self.grants.pop(f"{WELCOME}{entry.user_id}", None)
            return
        asked = max(entry.coins, self._wishes.get(entry.command, 0))
        self.grants[entry.command] = (
            f"{entry.kind} {entry.user_id} {asked} {entry.epoch} {entry.seq} {entry.at_ms}"
            f" {entry.coins} {entry.wallet_after}"
        )
        if entry.command.startswith(REFILL):
            self._refill(entry)

    def _refill(self, entry: Entry) -> None:
        """How many refills the user has had, and the times of the last ones."""
        count, *times = self.refills.get(str(entry.user_id), "0").split()
        kept = [*times, str(entry.at_ms)][-REFILLS_KEPT:]
        self.refills[str(entry.user_id)] = " ".join([str(int(count) + 1), *kept])

    def _step(self, row: Market, entry: Entry) -> None:
        fields = self.markets.setdefault(row.pk, {"version": 0})
        fields["version"] = max(int(fields["version"]) + 1, entry.seq)
        match entry.kind:
            case Kind.OPEN:
                fields |= _opened(row, entry)
            case Kind.BET:
                self._bet(row.pk, fields, entry)
            case Kind.LOCK:
                fields |= {"status": "locked", "lock_seq": entry.seq, "locked_at_ms": entry.at_ms}
            case Kind.RESULT:
                result, after_ms = read_result(entry.command)
                fields |= {
                    "result": result,
                    "result_by": entry.user_id or "",
                    "result_seq": entry.seq,
                    "official_at_ms": entry.at_ms + after_ms,
                    "namings": int(fields.get("namings", 0)) + 1,
                }
            case Kind.WITHDRAW:
                fields |= _NO_RESULT
            case Kind.SETTLE | Kind.VOID:
                if "result" in fields:
                    fields |= _NO_RESULT
                fields |= {
                    "decision": entry.kind,
                    "decision_command": entry.command,
                    "decided_by": entry.user_id or "",
                    "decide_seq": entry.seq,
                }
            case Kind.PAYOUT | Kind.REFUND:
                fields["settlement"] = entry.command.partition(":")[0]
                fields["cursor"] = int(fields.get("cursor", 0)) + 1
                fields["paid"] = int(fields.get("paid", 0)) + entry.coins
            case Kind.DONE:
                # A market without bets is paid by a settlement without items.
                fields.setdefault("settlement", settlement_id([]))
                fields.setdefault("cursor", 0)
                fields.setdefault("paid", 0)
                fields |= {"status": entry.command.partition(":")[0], "final_at_ms": entry.at_ms}

    def _bet(self, market_id: int, fields: dict[str, str | int], entry: Entry) -> None:
        assert entry.user_id and entry.outcome_id and entry.position_after
        parts = self.positions[market_id].setdefault(entry.user_id, {})
        fields["bettors"] = int(fields["bettors"]) + (not parts)
        if entry.outcome_id not in parts:
            fields[f"heads:{entry.outcome_id}"] = int(fields[f"heads:{entry.outcome_id}"]) + 1
        first_seq = parts.get(entry.outcome_id, (0, entry.seq))[1]
        parts[entry.outcome_id] = (entry.position_after, first_seq)
        fields[f"pool:{entry.outcome_id}"] = int(fields[f"pool:{entry.outcome_id}"]) + entry.coins
        self.bets[market_id][f"{entry.user_id}|{entry.command}"] = (
            f"{entry.outcome_id} {entry.coins} {entry.epoch} {entry.seq} {entry.at_ms}"
            f" {entry.wallet_after} {entry.position_after} {entry.chain}"
        )


def _opened(row: Market, entry: Entry) -> dict[str, str | int]:
    fields: dict[str, str | int] = {
        "open_seq": entry.seq,
        "status": "open",
        "opened_at_ms": entry.at_ms,
        "closes_at_ms": entry.command.removeprefix("closes:"),
        "frozen": int(row.frozen),
        "bettors": 0,
        "room": row.room_id,
        "min_stake": row.min_stake_coins,
        "max_stake": row.max_stake_coins or 0,
        "min_bettors": row.min_bettors,
        "hedging": int(row.hedging),
        "takeout_bp": row.takeout_bp,
    }
    for outcome in row.outcomes.all():
        fields |= {f"pool:{outcome.pk}": 0, f"heads:{outcome.pk}": 0}
    return fields
