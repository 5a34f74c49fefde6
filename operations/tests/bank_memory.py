"""Filling the bank of a running house with rows that mean nothing, and emptying it again."""

from tests.servers import House

_CODE = """
from betting import bank
while bank.fullness() < {0}:
    bank.command("RPUSH", "{{c1}}:filler", "x" * 50_000)
while bank.fullness() > {0} + 0.03:
    bank.command("LTRIM", "{{c1}}:filler", 3, -1)
"""


def fill(house: House, fullness: float) -> None:
    """Bring the bank's memory to just over this part of its maxmemory."""
    done = house.manage("shell", "-c", _CODE.format(fullness))
    assert done.returncode == 0, done.stderr
