"""Tries whether a directory can be reached at all: its name, and its port."""

import asyncio
import socket

from jitney.model.diagnosis import Finding, Step
from jitney.model.user_store_record import LDAPConnection
from jitney.userstores.ldap.wire.opening import address_of


async def try_name(connection: LDAPConnection) -> Step:
    """Return how the step ``name_resolution`` went."""
    address = address_of(connection.url)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(connection.connect_seconds):
            found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        sentence = (
            f"Nobody knows the name {address.host}: correct the address, or the machine's name servers."
        )
        return Step("name_resolution", Finding.BAD, sentence, "user_store_name_unknown")
    return Step("name_resolution", Finding.GOOD, f"{address.host} is {found[0][4][0]}.")


async def try_connection(connection: LDAPConnection) -> Step:
    """Return how the step ``connection`` went."""
    address = address_of(connection.url)
    place = f"{address.host}, port {address.port}"
    try:
        async with asyncio.timeout(connection.connect_seconds):
            _, writer = await asyncio.open_connection(address.host, address.port)
    except TimeoutError:
        sentence = f"{place} does not answer: a firewall may stand between, or the machine is down."
        return Step("connection", Finding.BAD, sentence, "user_store_timed_out")
    except OSError:
        sentence = f"Nobody listens at {place}: is the directory running, and is the port right?"
        return Step("connection", Finding.BAD, sentence, "user_store_unreachable")
    writer.close()
    return Step("connection", Finding.GOOD, f"{place} can be reached.")
