"""Asks a room every ten minutes how a coin will fall, and tells how it fell.

Its key needs the rights ask, lock and settle.
"""

import asyncio
import os
import random

from ringside_client import Refused, Ringside

EVERY_S = float(os.environ.get("EVERY_S", "600"))
OPEN_S = float(os.environ.get("OPEN_S", "120"))
# A question whose bot went away closes by itself, a bit later.
CLOSES_S = int(OPEN_S) + 30


async def play(ringside: Ringside, room: str) -> None:
    market = await ringside.rooms_markets_post(
        room, question="How will the coin fall?", outcomes=["Heads", "Tails"], closes_in_s=CLOSES_S
    )
    await asyncio.sleep(OPEN_S)
    winner = random.choice(market.outcomes)
    locked = await ringside.markets_lock_post(market.id)
    # Without enough bets the lock has called it off already.
    if locked.status == "locked":
        await ringside.markets_settle_post(market.id, winners=[winner.id])
    print(f"{winner.label} wins", flush=True)


async def main() -> None:
    url, room, key = (os.environ[f"RINGSIDE_{name}"] for name in ("URL", "ROOM", "KEY"))
    async with Ringside(url, key=key) as ringside:
        while True:
            try:
                await play(ringside, room)
            except Refused as refused:
                print(refused, flush=True)
            await asyncio.sleep(EVERY_S - OPEN_S)


if __name__ == "__main__":
    asyncio.run(main())
