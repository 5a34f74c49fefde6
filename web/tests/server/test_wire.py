"""A wire is written to only while the peer takes what is sent and nothing goes before it."""

from web.server.wire import Wire


def test_it_writes_while_the_peer_reads_and_nothing_waits() -> None:
    sent: list[bytes] = []
    wire = Wire()
    wire.connect(sent.append)
    assert wire.write is None
    wire.free(True)
    assert wire.write
    wire.write(b"line")
    assert sent == [b"line"]


def test_it_does_not_write_before_frames_that_wait() -> None:
    wire = Wire()
    wire.connect([].append)
    wire.free(True)
    wire.free(False)
    wire.connect([].append)
    assert wire.write is None


def test_it_does_not_write_to_a_peer_that_takes_nothing() -> None:
    wire = Wire()
    wire.connect([].append)
    wire.free(True)
    wire.connect(None)
    assert wire.write is None
    wire.free(True)
    assert wire.write is None
    wire.connect([].append)
    assert wire.write
