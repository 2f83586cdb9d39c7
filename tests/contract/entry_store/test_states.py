"""What the store itself says of an account is read each time."""

import pytest
from tests.contract.entry_store.standing import DISABLE, LOCK, Standing, Stranger

pytestmark = pytest.mark.anyio


@pytest.mark.needs(DISABLE)
async def test_disabled_account_is_told(standing: Standing) -> None:
    """R-048: an account that its owner has disabled is disabled at once; another one is not."""
    entry_id = await standing.raw.seed(Stranger("alice", password="Alices-Own-11"))
    other = await standing.raw.seed(Stranger("bob"))
    await standing.raw.disable(entry_id)
    told = [await standing.store.find(each) for each in (entry_id, other)]
    assert [True, False] == [entry.is_disabled for entry in told if entry is not None]


@pytest.mark.needs(LOCK)
async def test_locked_account_is_told(standing: Standing) -> None:
    """R-048: an account that its owner has locked is locked at once, until when the store says."""
    entry_id = await standing.raw.seed(Stranger("alice", password="Alices-Own-11"))
    other = await standing.raw.seed(Stranger("bob"))
    until = await standing.raw.lock(entry_id)
    locked, free = await standing.store.find(entry_id), await standing.store.find(other)
    assert locked is not None
    assert free is not None
    assert locked.locked_since is not None
    assert until == locked.locked_until
    assert (None, None) == (free.locked_since, free.locked_until)
