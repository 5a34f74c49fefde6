"""The bank: everything that may be asked of the Redis instance that decides about coins."""

from betting.bank.batching import (
    BETS_PER_CALL_MAX,
    Batchers,
    place_bets,
    place_bets_of_club,
)
from betting.bank.calls import (
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
    read,
    refill,
    start_epoch,
    withdraw,
)
from betting.bank.client import (
    HeadMark,
    afullness,
    arun,
    ask_time_ms,
    clocks_ms,
    command,
    failures,
    find_head,
    fullness,
    head,
    heads,
    journal,
    newest,
    put,
    run,
    trim,
    walk,
    wipe,
)
from betting.bank.connections import (
    Primary,
    each_primary,
    known_primary_of,
    primaries,
    primary_of,
)
from betting.bank.errors import BankAway, BankBroken, BankFull
from betting.bank.keys import Keys
from betting.bank.libraries import (
    LIBRARY,
    State,
    ais_open,
    begin_look,
    drop_repair_notes,
    is_foreign,
    is_open,
    library,
    library_source,
    load_library,
    open_gate,
    repair_notes,
    shut_gate,
    shut_reason,
    state_of,
    states,
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
    PlacedIn,
    Refilled,
    Snapshot,
)

__all__ = [
    "Accepted", "Allowance", "BETS_PER_CALL_MAX", "BankAway", "BankBroken", "BankFull", "Batch",
    "Bet", "Call", "Chunk", "Denied", "Entry", "Head", "HeadMark", "ITEMS_PER_CALL_MAX", "Keys",
    "LIBRARY", "Marked", "MarketState", "Moved", "Paid", "PayItem", "PlacedIn", "Primary",
    "Refilled", "Snapshot", "State", "afullness", "ais_open", "announce", "arun", "ask_time_ms",
    "batchers", "begin_look", "burn", "clocks_ms", "command", "decide", "distrust", "doubt",
    "drop_repair_notes", "each_primary", "failures", "find_head", "forget", "forget_wallet",
    "freeze", "fullness", "grant", "head", "heads", "is_foreign", "is_open", "journal",
    "known_primary_of", "library", "library_source", "load_library", "lock", "make_official",
    "newest", "open_gate", "open_market", "pay", "place_bets", "place_bets_of_club", "primaries",
    "primary_of", "put", "read", "refill", "repair_notes", "run", "shut_gate", "shut_reason",
    "start_epoch", "state_of", "states", "trim", "walk", "wipe", "withdraw",
]  # fmt: skip

# Batches the bets of the running loop: `await batchers.place(club, PlacedIn(room, market, bet))`.
batchers = Batchers(arun)
