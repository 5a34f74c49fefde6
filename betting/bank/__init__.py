"""The bank: everything that may be asked of the Redis instance that decides about coins."""

from betting.bank.batching import Batchers
from betting.bank.calls import (
    BETS_PER_CALL_MAX,
    ITEMS_PER_CALL_MAX,
    Call,
    announce,
    burn,
    decide,
    forget,
    forget_wallet,
    freeze,
    grant,
    lock,
    make_official,
    open_market,
    pay,
    place_bets,
    read,
    refill,
    start_epoch,
    withdraw,
)
from betting.bank.client import (
    afullness,
    arun,
    ask_time_ms,
    call_failed,
    clocks_ms,
    command,
    find_head,
    fullness,
    head,
    journal,
    put,
    run,
    trim,
    walk,
    wipe,
)
from betting.bank.connections import BankAway, BankBroken, BankFull, each_primary, primaries
from betting.bank.keys import Keys
from betting.bank.libraries import (
    LIBRARY,
    ais_open,
    begin_look,
    drop_repair_notes,
    is_foreign,
    is_open,
    libraries,
    library_source,
    load_library,
    open_gate,
    repair_notes,
    shut_gate,
    shut_reason,
)
from betting.bank.ownership import distrust, doubt
from betting.bank.values import (
    Accepted,
    Allowance,
    Batch,
    Bet,
    Chunk,
    Denied,
    Entry,
    Head,
    Marked,
    MarketState,
    Moved,
    Paid,
    PayItem,
    Refilled,
    Snapshot,
)

__all__ = [
    "Accepted", "Allowance", "BETS_PER_CALL_MAX", "BankAway", "BankBroken", "BankFull", "Batch",
    "Bet", "Call", "Chunk", "Denied", "Entry", "Head", "ITEMS_PER_CALL_MAX", "Keys", "LIBRARY",
    "Marked", "MarketState", "Moved", "Paid", "PayItem", "Refilled", "Snapshot", "afullness",
    "ais_open", "announce", "arun", "ask_time_ms", "batchers", "begin_look", "burn", "call_failed",
    "clocks_ms", "command", "decide", "distrust", "doubt", "drop_repair_notes", "each_primary",
    "find_head", "forget", "forget_wallet", "freeze", "fullness", "grant", "head",
    "is_foreign", "is_open", "journal", "libraries", "library_source",
    "load_library", "lock", "make_official", "open_gate", "open_market", "pay", "place_bets",
    "primaries", "put", "read", "refill", "repair_notes", "run", "shut_gate", "shut_reason",
    "start_epoch", "trim", "walk", "wipe", "withdraw",
]  # fmt: skip

# Batches the bets of the running loop: `await batchers.place(club, room, market, bet)`.
batchers = Batchers(arun)
