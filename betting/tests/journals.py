"""A journal written by hand, for what the bank itself would never write."""

import hashlib
from typing import Any

from betting import bank

NAMES = (
    "kind", "market", "user", "outcome", "coins", "command", "at_ms", "wallet", "position",
)  # fmt: skip


class Journal:
    """Appends entries to a club's journal with the chain they must carry."""

    def __init__(self, club_id: int = 1, epoch: int = 1) -> None:
        self.club_id = club_id
        self.epoch = epoch
        self.seq = 0
        self.chain = ""

    def add(self, kind: str, **fields: Any) -> None:
        """Write the next entry; `chain` and `seq` may be given to make it a wrong one."""
        self.seq = fields.pop("seq", self.seq + 1)
        chain = fields.pop("chain", None)
        values = [str({"kind": kind, "at_ms": 1000 + self.seq, **fields}.get(n, "")) for n in NAMES]
        entry_id = f"{self.epoch}-{self.seq}"
        line = f"{self.chain} {entry_id} {' '.join(values)}"
        self.chain = chain or hashlib.sha1(line.encode(), usedforsecurity=False).hexdigest()
        pairs = [word for pair in zip(NAMES, values, strict=True) for word in pair]
        stream = f"{{c{self.club_id}}}:journal"
        bank.command("XADD", stream, entry_id, *pairs, "chain", self.chain)

    def grants(self, count: int, users: int = 5) -> None:
        """Grants of one coin to users 1, 2, … in turn, each to a wallet that grows."""
        for _ in range(count):
            user, round_ = self.seq % users + 1, self.seq // users + 1
            self.add("grant", user=user, coins=1, command=f"g{self.seq + 1}", wallet=round_)
