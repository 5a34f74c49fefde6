"""Pings: every socket once in a period, from when it came until it leaves."""

from web.server.pings import PARTS, Pings


class Counting:
    """A socket that counts how often it was pinged."""

    def __init__(self) -> None:
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1


async def test_it_pings_each_socket_once_in_a_period_until_it_leaves():
    # So long a period that all its beats are the test's.
    pings, sockets, parts = Pings(period_s=36_000), [], []
    for _ in range(PARTS):
        sockets.append(Counting())
        parts.append(pings.add(sockets[-1]))
        pings._beat()
    assert sum(socket.pings for socket in sockets) == 1, "the first has waited for a period"
    parts[0].discard(sockets[0])
    for _ in range(2 * PARTS):
        pings._beat()
    assert [socket.pings for socket in sockets] == [1] + [2] * (PARTS - 1)
