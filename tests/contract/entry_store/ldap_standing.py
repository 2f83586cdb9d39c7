"""One directory for the tests of what is special about directories, and shorthands for asking it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tests.contract.entry_store.ldap_clients import SlapdRaw, slapd_raw
from tests.contract.entry_store.ldap_kinds import connection_to
from tests.contract.entry_store.standing import DESCRIPTION
from tests.servers.slapd import SlapdServer
from tests.servers.tcp_shim import TcpShim

from jitney.errors import JitneyError
from jitney.model.user_store_record import LDAPConnection, TLSMode
from jitney.userstores.ldap.entries import LDAPEntryStore


@asynccontextmanager
async def opened(connection: LDAPConnection, **changes: Any) -> AsyncIterator[LDAPEntryStore]:
    """Open a store, with other settings than the usual ones if there are any."""
    store = LDAPEntryStore(replace(connection, **changes), DESCRIPTION)
    try:
        yield store
    finally:
        await store.aclose()


def plain_connection_to(server: SlapdServer, shim: TcpShim, **changes: Any) -> LDAPConnection:
    """Return a connection through a proxy that reads along; short times, since some answers never come."""
    url = f"ldap://127.0.0.1:{shim.port}"
    short = {"connect_seconds": 2.0, "read_seconds": 1.0}
    return replace(connection_to(server), url=url, tls=TLSMode.NONE, **{**short, **changes})


async def refusal_of(asking: Any) -> JitneyError:
    """Return the fault that a question ends with."""
    try:
        await asking
    except JitneyError as fault:
        return fault
    raise AssertionError("it was answered")


async def emptied(server: SlapdServer) -> SlapdRaw:
    """Return the owner's view of a directory that holds nobody."""
    raw = slapd_raw(server)
    await raw.empty()
    return raw
