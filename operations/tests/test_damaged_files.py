"""Harm to the bank's files: the gate stays shut and says why, or every answered bet stands."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from betting import bank, ledger
from betting.audit import rebuild
from betting.audit.reconcile import reconcile, silent
from betting.models import Epoch, LedgerEntry, Watermark
from betting.tests.scenario import Scenario
from launcher.aof_reading import Damaged, sound_bytes
from operations import gate
from operations.tests.private_bank import PrivateBank

pytestmark = pytest.mark.django_db

BETS = 8
LAST = 3


@dataclass
class Evening:
    """Eight bets on a market, after which the bank was killed; SQL holds them, or the first two."""

    private: PrivateBank
    is_sql_current: bool
    # How long the bank's last file was after each bet, and what the bank held then.
    sizes: list[int] = field(default_factory=list)
    held: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert gate.open_gates() == []
        self.scenario = Scenario()
        self.market, (self.outcome, _) = self.scenario.market()
        for number in range(BETS):
            self.bet(self.scenario.people[number % 4], 10 + number)
            self.sizes.append(self.file.stat().st_size)
            self.held.append(self.hashes())
            if self.is_sql_current or number < 2:
                ledger.record_all(self.club_id)
        self.head = bank.head(self.club_id)
        self.recorded_seq = ledger.watermark(self.club_id).seq
        self.private.kill()
        self.content = self.file.read_bytes()
        assert len(self.content) == self.sizes[-1]

    def bet(self, user: User, coins: int) -> tuple[str, bank.Accepted]:
        return self.scenario.bet(self.market, user, self.outcome, coins)

    @property
    def club_id(self) -> int:
        return self.scenario.club.pk

    @property
    def file(self) -> Path:
        return self.private.last_file

    def hashes(self) -> dict[str, Any]:
        """All that the bank holds, but for its journal."""
        keys = bank.Keys(self.club_id)
        told = bank.command("KEYS", f"{keys.tag}:*")
        hashes = {key: bank.command("HGETALL", key) for key in told if key != keys.journal}
        # A field by another name is one that nobody reads.
        hashes[keys.head] = bank.head(self.club_id)
        return hashes

    def memory(self) -> list[Any]:
        """All that the bank holds, but for entries that SQL had already."""
        return [self.hashes(), bank.journal(self.club_id, 1, self.recorded_seq)]

    def start_with(self, content: bytes) -> list[str]:
        """Start the bank on another file; what keeps the gate shut."""
        self.file.write_bytes(content)
        self.private.start()
        return gate.open_gates()


def changed(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def length_of_a_word(content: bytes, after: int) -> int:
    """Where a word's length stands, behind a byte."""
    return content.index(b"\r\n$", after) + 3


def test_it_stays_shut_on_damage_in_the_middle_and_names_the_byte(private: PrivateBank) -> None:
    evening = Evening(private, is_sql_current=False)
    at = length_of_a_word(evening.content, evening.sizes[2])
    problems = evening.start_with(changed(evening.content, at))
    assert not bank.is_open()
    assert any("damaged at byte" in each and "rebuild_bank" in each for each in problems)
    assert bank.find_head(evening.club_id) is None
    # Again, and after another start: it stays shut.
    private.restart()
    assert any("damaged at byte" in problem for problem in gate.open_gates())
    rebuild.rebuild(evening.club_id, progress=silent)
    assert gate.open_gates() == []
    assert reconcile(evening.club_id, deep=True).is_green
    assert not bank.repair_notes(*bank.primaries())


def test_it_gives_no_fresh_start_to_a_club_whose_file_was_damaged(private: PrivateBank) -> None:
    gate.open_gates()
    club_id = Watermark.objects.get().pk
    bank.run(bank.grant(club_id, 7, 100, "gift"))
    private.kill()
    content = private.last_file.read_bytes()
    private.last_file.write_bytes(changed(content, length_of_a_word(content, 0)))
    private.start()
    # SQL had heard of nothing yet: without the note of the damage this would be a new club.
    assert gate.open_gates() and not bank.is_open()
    assert bank.find_head(club_id) is None


def test_it_begins_an_epoch_when_an_unfinished_bet_was_cut(private: PrivateBank) -> None:
    evening = Evening(private, is_sql_current=False)
    cut_to = evening.sizes[-2]
    assert evening.start_with(evening.content[: cut_to + 100]) == []
    head = bank.head(evening.club_id)
    assert (head.epoch, head.seq) == (2, evening.head.seq - 1)
    begun = Epoch.objects.get()
    assert (begun.epoch, begun.after_seq) == (2, head.seq)
    # The entries before it were recorded under their own epoch.
    assert LedgerEntry.objects.filter(epoch=1).count() == head.seq
    _, answer = evening.bet(evening.scenario.people[0], 5)
    assert answer.epoch == 2
    ledger.record_all(evening.club_id)
    assert reconcile(evening.club_id, deep=True).is_green
    # The cut was acted on: another start begins no epoch.
    private.restart()
    assert gate.open_gates() == []
    assert bank.head(evening.club_id).epoch == 2


def test_it_goes_on_with_an_epoch_that_it_was_stopped_in(
    private: PrivateBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = Evening(private, is_sql_current=False)

    def stopped(*_: Any) -> None:
        raise RuntimeError("stopped")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(bank, "put", stopped)
        evening.start_with(evening.content[:-5])
    assert not bank.is_open()
    private.restart()
    assert gate.open_gates() == []
    assert bank.head(evening.club_id).epoch == Watermark.objects.get().epoch == 2


def test_it_stays_shut_when_a_bet_is_cut_that_sql_holds(private: PrivateBank) -> None:
    evening = Evening(private, is_sql_current=True)
    assert evening.start_with(evening.content[:-5])
    assert not bank.is_open()
    rebuild.rebuild(evening.club_id, progress=silent)
    assert gate.open_gates() == []
    assert bank.head(evening.club_id).seq == evening.head.seq
    assert bank.head(evening.club_id).epoch == 2


def test_it_cuts_the_last_bets_at_every_byte_back_to_a_whole_bet(private: PrivateBank) -> None:
    evening = Evening(private, is_sql_current=False)
    begin = evening.sizes[-LAST - 1]
    ends = set()
    for end in range(begin, len(evening.content) + 1):
        sound = sound_bytes(evening.content[:end])
        assert sound == max(size for size in evening.sizes if size <= end)
        ends.add(sound)
    assert ends == set(evening.sizes[-LAST - 1 :])


CUTS = [pytest.param(400, id="some"),
        pytest.param(1, id="every byte", marks=pytest.mark.long)]  # fmt: skip


@pytest.mark.parametrize("step", CUTS)
@pytest.mark.parametrize("is_sql_current", [True, False], ids=["SQL current", "SQL away"])
def test_it_is_shut_or_equal_wherever_the_last_bets_were_cut(
    private: PrivateBank, is_sql_current: bool, step: int
) -> None:
    evening = Evening(private, is_sql_current=is_sql_current)
    begin, name = evening.sizes[-LAST - 1], evening.file.name
    kept = private.home / "kept"
    shutil.copytree(private.files, kept)
    for end in sorted({*range(begin, len(evening.content), step), *evening.sizes[-LAST - 1 : -1]}):
        shutil.rmtree(private.files)
        shutil.copytree(kept, private.files)
        (private.files / name).write_bytes(evening.content[:end])
        undo = transaction.savepoint()
        private.start()
        problems = gate.open_gates()
        if is_sql_current:
            assert problems and not bank.is_open(), end
        else:
            assert problems == [], end
            bets = max(n for n, size in enumerate(evening.sizes) if size <= end)
            is_torn = end > evening.sizes[bets]
            expected = evening.held[bets]
            head = replace(expected[bank.Keys(evening.club_id).head], epoch=1 + is_torn)
            assert evening.hashes() == {**expected, bank.Keys(evening.club_id).head: head}, end
            assert reconcile(evening.club_id, deep=True).is_green
        private.kill()
        transaction.savepoint_rollback(undo)


def test_it_never_takes_a_changed_byte_for_a_torn_end(private: PrivateBank) -> None:
    evening = Evening(private, is_sql_current=False)
    for path in private.files.glob("*.aof"):
        content = path.read_bytes()
        for at in range(0, len(content), 100):
            for bits in (1, 16, 64):
                harmed = content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :]
                try:
                    assert sound_bytes(harmed) == len(content), (at, bits)
                except Damaged as damage:
                    # A smaller count of words is found out where its command should have ended.
                    assert damage.at_byte <= _end_of_command(content, at)
    assert evening.head.seq


def _end_of_command(content: bytes, at: int) -> int:
    found = content.find(b"\r\n*", at)
    return len(content) if found < 0 else found + 2


STEPS = [pytest.param(100, id="every 100th byte"),
         pytest.param(1, id="every byte", marks=pytest.mark.long)]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_sql_current", [True, False], ids=["SQL current", "SQL away"])
def test_it_is_shut_or_equal_whatever_byte_was_changed(
    private: PrivateBank, is_sql_current: bool, step: int
) -> None:
    evening = Evening(private, is_sql_current=is_sql_current)
    files = sorted(private.files.glob("*.aof"), key=lambda path: ".incr." in path.name)
    content = b"".join(path.read_bytes() for path in files)
    private.start()
    private.load(content)
    # What follows looks at files of one server, not at settings or rewrites.
    whole = evening.memory()
    library = range(content.index(b"#!lua"), content.index(b"#!lua") + len(bank.library_source()))
    endings = {"damaged": 0, "shut": 0, "equal": 0}
    for at in range(0, len(content), step):
        if at in library and at // 100 % 50:
            # The gate compares the library's text; a few of its bytes are enough.
            continue
        harmed = changed(content, at)
        try:
            assert sound_bytes(harmed) == len(content), at
        except Damaged:
            endings["damaged"] += 1
            continue
        undo = transaction.savepoint()
        is_read = private.load(harmed)
        problems = (
            gate.inspect(*bank.primaries()) if is_read else ["A command of the file is refused."]
        )
        if not problems:
            assert evening.memory() == whole, (at, content[at - 40 : at + 10])
        endings["shut" if problems else "equal"] += 1
        transaction.savepoint_rollback(undo)
    assert min(endings["damaged"], endings["shut"]) > 10, endings


def test_a_changed_digit_of_a_wallet_keeps_the_gate_shut(private: PrivateBank) -> None:
    evening = Evening(private, is_sql_current=True)
    ana = evening.scenario.people[0].pk
    coins = str(bank_coins(evening.content, ana))
    at = evening.content.rindex(f"$3\r\n{coins}\r\n".encode()) + 4
    problems = evening.start_with(changed(evening.content, at))
    assert any(f"bank's wallet of user {ana}" in problem for problem in problems)
    assert not bank.is_open()
    rebuild.rebuild(evening.club_id, progress=silent)
    assert gate.open_gates() == []


def bank_coins(content: bytes, user_id: int) -> int:
    """The last coins of a wallet that a file tells."""
    key = f"{{c1}}:wallets\r\n${len(str(user_id))}\r\n{user_id}\r\n".encode()
    return int(content[content.rindex(key) + len(key) :].split(b"\r\n")[1])
