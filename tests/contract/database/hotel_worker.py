"""A process of its own that raises a room's version again and again, racing with others.

``python -m tests.contract.database.hotel_worker URL COUNT NAME``: each line on standard output is a guest
whose arrival was acknowledged; written before the next commit begins.
"""

import asyncio
import sys

from tests.contract.database import hotel
from tests.contract.database.hotel import guest, renew

from jitney.database.opening import open_database
from jitney.errors import Conflict


async def main(url: str, count: int, name: str) -> None:
    """Commit ``count`` guests, each with a new version of the room."""
    database = await open_database(url, hotel.SCHEMA)
    for number in range(count):
        arrival = f"{name}-{number}"
        while True:
            room = await database.fetch_one(hotel.FIND_ROOM, id="r")
            if room is None:
                raise RuntimeError("the room is gone")
            try:
                await database.commit([renew("r", seen=room["version"]), guest(arrival)])
            except Conflict:
                continue
            print(arrival, flush=True)
            break
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
