"""Comparisons of everything the bank holds of a club with the ledger.

A quick walk through each hash finds what is unlike the ledger or has merely moved meanwhile. Only
that is compared with care: read together with the bank's seq, and twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from django.db.models import Q

from betting import bank, ledger
from betting.audit.comparisons.differences import (
    MARKETS_PER_CHUNK,
    ROWS_PER_CHUNK,
    Difference,
    Progress,
    audit_wallets,
    confirmed,
    read_and_record,
    silent,
    unequal,
    wallets_in_ledger,
)
from betting.audit.comparisons.market_comparisons import audit_positions
from betting.audit.fold import Fold
from betting.bank.replies import is_number, read_known_state
from betting.bank.values import MarketState
from betting.models import FORGOTTEN, WELCOME, Correction, Kind, LedgerEntry, Market
from web.rows.chunks import chunks

# The bank keeps a final market this long, for those who still look at the result.
FORGET_AFTER_MS = 10 * 60 * 1000
# Before the chain, in the answer that the bank keeps of a bet.
FIGURES_OF_ANSWER = 7
# A hold is no entry, and raises the version; outcomes are compared one by one.
_NOT_COMPARED = frozenset({"id", "version", "frozen", "pools", "heads"})


def compare_bank(
    club_id: int, progress: Progress = silent, moves: Fold | None = None
) -> list[Difference]:
    """What the bank holds otherwise than the ledger says: wallets, ids, markets, positions.

    `moves` is a fold of every entry up to a moment ago. Records what the journal holds. Raises
    BankAway, and JournalBroken from the recorder.
    """
    ledger.record_all(club_id)
    found = _compare_wallets(club_id, moves.wallets if moves else wallets_in_ledger(club_id))
    told = moves or _fold_moves(club_id)
    for commands in chunks(_unlike_grants(club_id, told), ROWS_PER_CHUNK):
        found += confirmed(_audit_grants, club_id, commands)
    refilled = sorted(set(_unlike(bank.Keys(club_id).refills, told.refills)))
    for users in chunks(refilled, ROWS_PER_CHUNK):
        found += confirmed(_audit_refills, club_id, users)
    markets = remembered_markets(club_id)
    for at, some in enumerate(chunks(sorted(markets), MARKETS_PER_CHUNK)):
        found += _compare_markets(club_id, {pk: markets[pk] for pk in some})
        progress("markets of the bank", at * MARKETS_PER_CHUNK + len(some), len(markets))
    return found


def remembered_markets(club_id: int) -> dict[int, Market]:
    """The markets that the bank holds: those that are not final, or were not ten minutes ago."""
    lately = Q(settled_at_ms__gt=bank.ask_time_ms() - FORGET_AFTER_MS) | Q(settled_at_ms=None)
    rows = Market.objects.filter(lately, room__club_id=club_id).prefetch_related("outcomes")
    return {market.pk: market for market in rows}


def new_fold(club_id: int, markets: Mapping[int, Market]) -> Fold:
    """A fold that nothing was added to yet."""
    burns = Correction.objects.filter(club_id=club_id, kind=Kind.BURN)
    return Fold(markets, dict(burns.values_list("command", "coins")))


def _unlike(key: str, by_ledger: Mapping[str, str], missing: str = "") -> list[str]:
    """The fields of a hash that differ; `missing` is as good as not there."""
    left = dict(by_ledger)
    unlike = [name for name, held in bank.walk(key) if left.pop(name, missing) != held]
    return unlike + [name for name, told in left.items() if told != missing]


def _compare_wallets(club_id: int, wallets: Mapping[int, int]) -> list[Difference]:
    by_ledger = {str(user): str(coins) for user, coins in wallets.items()}
    names = _unlike(bank.Keys(club_id).wallets, by_ledger, missing="0")
    users, found = _users(names, "bank's wallet")
    for some in chunks(users, ROWS_PER_CHUNK):
        found += confirmed(audit_wallets, club_id, some)
    return found


def _users(names: Sequence[str], what: str) -> tuple[list[int], list[Difference]]:
    """The users that fields are named by, and those names that are no user's."""
    users = sorted({int(name) for name in names if is_number(name)})
    rubbish = [name for name in names if not is_number(name)]
    return users, [Difference(f"{what} of user {name}", "rubbish", 0) for name in rubbish]


def _unlike_grants(club_id: int, told: Fold) -> list[str]:
    # Whoever is removed stands in the ledger a moment before the bank forgets them.
    burns = LedgerEntry.objects.filter(club_id=club_id, kind=Kind.BURN)
    gone = burns.filter(command__startswith=FORGOTTEN).values_list("user_id", flat=True)
    leaving = {f"{word}{user}" for user in gone for word in (WELCOME, FORGOTTEN)}
    return sorted(set(_unlike(bank.Keys(club_id).grants, told.grants)) - leaving)


def _audit_grants(club_id: int, commands: Sequence[str]) -> list[Difference]:
    """The bank's memory of grants and burns, by command."""
    held = _read_texts(club_id, bank.Keys(club_id).grants, commands)
    told = _fold_moves(club_id).grants
    known = {command: told[command] for command in commands if command in told}
    return _unequal_texts(
        "bank's answer to", commands, _without_wishes(held), _without_wishes(known)
    )


def _audit_refills(club_id: int, users: Sequence[str]) -> list[Difference]:
    """How many refills people have had by the bank, and when the last ones were."""
    held = _read_texts(club_id, bank.Keys(club_id).refills, users)
    return _unequal_texts("bank's refills of user", users, held, _fold_moves(club_id).refills)


def _read_texts(club_id: int, key: str, names: Sequence[str]) -> dict[str, str]:
    """What a hash of the bank holds by these names; all that led to it is recorded afterwards."""
    held = bank.command("HMGET", key, *names)
    ledger.record_all(club_id)
    return {name: text for name, text in zip(names, held, strict=True) if text}


def _unequal_texts(
    what: str,
    names: Sequence[str],
    held: Mapping[str, str],
    told: Mapping[str, str],
    market_id: int | None = None,
) -> list[Difference]:
    found: list[Difference] = []
    for name in names:
        texts = held.get(name, "missing"), told.get(name, "missing")
        found += unequal(f"{what} {name}", *texts, market_id)
    return found


def _fold_moves(club_id: int) -> Fold:
    fold = new_fold(club_id, {})
    for entry in ledger.entries(club_id, kind__in=(Kind.GRANT, Kind.BURN)):
        fold.add(entry)
    return fold


def _without_wishes(moves: Mapping[str, str]) -> dict[str, str]:
    return {command: _without_wish(text) for command, text in moves.items()}


def _without_wish(text: str) -> str:
    """A burn may have asked for more than there was; the ledger does not know how much."""
    words = text.split(" ")
    return " ".join(words[:2] + words[3:]) if words[0] == Kind.BURN else text


def _compare_markets(club_id: int, markets: Mapping[int, Market]) -> list[Difference]:
    found = confirmed(_audit_states, club_id, markets)
    fold = _fold(club_id, markets)
    keys = bank.Keys(club_id)
    for market_id in fold.markets:
        # The bank may have forgotten a final one; that it lost another was found above.
        if not bank.command("EXISTS", keys.market(market_id)):
            continue
        names = _unlike(keys.positions(market_id), fold.position_texts(market_id))
        users, rubbish = _users(names, f"bank's position on market {market_id}")
        found += rubbish
        for some in chunks(users, ROWS_PER_CHUNK):
            found += confirmed(audit_positions, club_id, market_id, some)
        answers = sorted(set(_unlike(keys.bets(market_id), fold.bets[market_id])))
        for some_keys in chunks(answers, ROWS_PER_CHUNK):
            found += confirmed(_audit_bets, club_id, markets[market_id], some_keys)
    return found


def _fold(club_id: int, markets: Mapping[int, Market], upto_seq: int | None = None) -> Fold:
    fold = new_fold(club_id, markets)
    upto = {} if upto_seq is None else {"seq__lte": upto_seq}
    for entry in ledger.entries(club_id, market_id__in=list(markets), **upto):
        if entry.kind not in (Kind.GRANT, Kind.BURN):
            fold.add(entry)
    return fold


def _audit_states(club_id: int, markets: Mapping[int, Market]) -> list[Difference]:
    """Every field of markets in the bank, at one moment."""
    held = read_and_record(club_id, list(markets), [])
    fold = _fold(club_id, markets, held.seq)
    found = []
    for market_id, market in markets.items():
        state = held.states.get(market_id)
        if market_id not in fold.markets:
            status = state.status if state else "missing"
            found += unequal(f"bank's market {market_id}", status, "missing", market_id)
            continue
        flat = [word for pair in fold.market_fields(market_id).items() for word in pair]
        expected = read_known_state(market_id, flat)
        if state is not None:
            found += _compare_states(state, expected)
        elif not market.is_final:
            found.append(
                Difference(f"bank's market {market_id}", "missing", expected.status, market_id)
            )
    return found


def _compare_states(state: MarketState, expected: MarketState) -> list[Difference]:
    found = []
    for outcome in sorted(state.pools.keys() | expected.pools.keys()):
        held, told = (
            [each.pools.get(outcome), each.heads.get(outcome)] for each in (state, expected)
        )
        found += unequal(f"bank's outcome {outcome} of market {state.id}", held, told, state.id)
    for field in fields(MarketState):
        if field.name not in _NOT_COMPARED:
            figures = getattr(state, field.name), getattr(expected, field.name)
            found += unequal(f"bank's {field.name} of market {state.id}", *figures, state.id)
    return found


def _as_then(told: str, held: str | None) -> str:
    """An answer as it was kept before answers held a chain, where the bank's is such a one."""
    is_old = held is not None and held.count(" ") == FIGURES_OF_ANSWER - 1
    return " ".join(told.split(" ")[:FIGURES_OF_ANSWER]) if is_old else told


def _audit_bets(club_id: int, market: Market, names: Sequence[str]) -> list[Difference]:
    """First answers that the bank keeps for repeated bets, by user and bet id."""
    held = _read_texts(club_id, bank.Keys(club_id).bets(market.pk), names)
    told = _fold(club_id, {market.pk: market}).bets[market.pk]
    answers = {name: _as_then(text, held.get(name)) for name, text in told.items()}
    return _unequal_texts("bank's answer to bet", names, held, answers, market.pk)
