"""What a call to the bank may come back with instead of an answer."""


class BankAway(Exception):
    """No answer, or none that may be trusted: it is not known whether the call took effect."""


class BankSlow(BankAway):
    """No answer in time: a server that hangs, or whose machine is gone."""


class BankFull(Exception):
    """The call was refused whole for want of memory (or while its slot moves): nothing changed."""


class LibraryMissing(BankAway):
    """The bank answers and has no such function: its library is not loaded, or an earlier one."""


class BankBroken(BankAway):
    """The bank answered with an error that should not exist; it is logged."""


class BankRubbish(BankBroken):
    """A key holds something of another type, which nobody here can have written."""


class Unmarked(BankBroken):
    """The server is a node of a Cluster, and its address does not say so."""

    def __init__(self) -> None:
        super().__init__(
            "it is a node of a Cluster, which ?cluster=1 at the end of REDIS_BANK_URL must say"
        )


class Elsewhere(BankAway):
    """The server decided nothing: the slot is at another one, for good or for this call."""

    def __init__(self, slot: int, address: str, *, is_for_this_call: bool) -> None:
        super().__init__(f"slot {slot} is at {address}")
        self.slot = slot
        self.address = address
        self.is_for_this_call = is_for_this_call
