"""An open store over a database, and the code with which it refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.contract.entry_store.standing import DESCRIPTION

from jitney.errors import (
    JitneyError,
)
from jitney.model.user_store_record import SQLConnection
from jitney.userstores.entries_sql.store import SQLEntryStore
from jitney.userstores.passwords import Argon2Passwords


@asynccontextmanager
async def opened(connection: SQLConnection, passwords: Argon2Passwords) -> AsyncIterator[SQLEntryStore]:
    store = SQLEntryStore(connection, DESCRIPTION, passwords)
    try:
        yield store
    finally:
        await store.aclose()


async def refused(attempt: Any, kind: type[JitneyError]) -> str:
    """Return the code with which an attempt is refused; the fault quotes nothing of the driver's."""
    with pytest.raises(kind) as fault:
        await attempt
    assert kind is type(fault.value)
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__ or fault.value.__context__ is None
    return fault.value.code
