"""What may be cut off an append-only file: one unfinished entry at the very end, nothing else."""

from pathlib import Path

import pytest

from launcher.aof_reading import Damaged, refused_by_server, sound_bytes, torn_end

pytestmark = pytest.mark.once


def command(*words: str) -> bytes:
    parts = [b"$%d\r\n%b\r\n" % (len(word), word.encode()) for word in words]
    return b"*%d\r\n%b" % (len(parts), b"".join(parts))


def entry(number: int) -> bytes:
    """What one bet leaves in the file."""
    steps = [
        command("MULTI"),
        command("XADD", "{c1}:journal", f"1-{number}", "kind", "bet", "coins", "10"),
        command("HSET", "{c1}:wallets", "7", f"{1000 - number}"),
        command("EXEC"),
    ]
    return b"".join(steps)


BEFORE = command("SELECT", "0") + entry(1) + command("HSET", "h", "a", "") + entry(2)


def test_it_cuts_no_byte_of_a_whole_file() -> None:
    for whole in (b"", BEFORE, b"#TS:1796010078\r\n" + BEFORE):
        assert sound_bytes(whole) == len(whole)


def test_it_cuts_an_entry_that_ends_anywhere_back_to_its_begin() -> None:
    last = entry(3)
    for end in range(1, len(last)):
        assert sound_bytes(BEFORE + last[:end]) == len(BEFORE)
    assert sound_bytes(BEFORE + last) == len(BEFORE + last)


@pytest.mark.parametrize("wrong", [b"9", b"\0", b"X", b"*", b"$", b"\r"])
def test_it_cuts_nothing_where_one_byte_changed(wrong: bytes) -> None:
    """Not even in the last entry, whose end then looks as if it were missing."""
    content = BEFORE + entry(3)
    for at in range(len(content)):
        harmed = content[:at] + wrong + content[at + 1 :]
        try:
            assert sound_bytes(harmed) == len(content), at
        except Damaged as damage:
            assert damage.at_byte <= at


def test_it_cuts_nothing_where_bytes_are_missing_in_the_middle() -> None:
    content = BEFORE + entry(3) + entry(4)
    at = len(BEFORE) + 20
    with pytest.raises(Damaged, match="byte"):
        sound_bytes(content[:at] + content[at + 5 :])


def test_it_cuts_the_last_file_only(tmp_path: Path) -> None:
    manifest = tmp_path / "appendonly.aof.manifest"
    manifest.write_text("file a.base.aof seq 1 type b\nfile b.incr.aof seq 1 type i\n")
    base, last = tmp_path / "a.base.aof", tmp_path / "b.incr.aof"
    base.write_bytes(BEFORE)
    last.write_bytes(BEFORE)
    assert torn_end(manifest) is None
    last.write_bytes(BEFORE + entry(3)[:-1])
    assert torn_end(manifest) == (last, len(BEFORE))
    base.write_bytes(BEFORE[:-1])
    with pytest.raises(Damaged) as found:
        torn_end(manifest)
    assert found.value.file == "a.base.aof"
    base.unlink()
    with pytest.raises(Damaged, match="missing"):
        torn_end(manifest)


def test_it_names_the_byte_of_a_command_that_no_server_knows(tmp_path: Path) -> None:
    harmed = BEFORE.replace(b"XADD", b"XAXD", 1)
    (tmp_path / "a.incr.aof").write_bytes(harmed)
    said = "1:M # Unknown command 'XAXD' reading the append only file a.incr.aof"
    damage = refused_by_server(tmp_path, said)
    assert damage is not None and damage.at_byte == harmed.index(b"XAXD")
    assert refused_by_server(tmp_path, "1:M # Out of memory") is None
