"""Remembered locks: a provider nobody of whom is locked costs no query, and a lock is seen in half a second."""

import pytest
from tests.contract.factor_records import a_lock_on
from tests.contract.records import an_idp

from jitney.errors import Conflict
from jitney.model.changes import RemoveIdentityLock, RequireIdentityProvider, SaveIdentityLock
from jitney.model.identity_lock import LockedBy
from jitney.storage.remembered import ForgettingWork
from jitney.storage.remembered_locks import RememberedIdentityLocks
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio

LIFTING = RemoveIdentityLock("idp-1", LockedBy.SUBJECT, "subject-1")


class _Seconds:
    """A monotonic clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_lock_of_another_node_is_seen_after_half_a_second() -> None:
    """P-7, R-035: that anybody is locked is known everywhere within half a second, and so is that nobody is."""
    doors, seconds = MemoryDoors(), _Seconds()
    locks = RememberedIdentityLocks(doors.identity_locks, monotonic=seconds)
    assert [False, False] == [await locks.any_of(idp) for idp in ("idp-1", "idp-2")]
    await doors.unit_of_work.commit(SaveIdentityLock(a_lock_on()))
    seconds.now += 0.499
    assert not await locks.any_of("idp-1")
    seconds.now += 0.001
    assert [True, False] == [await locks.any_of(idp) for idp in ("idp-1", "idp-2")]
    await doors.unit_of_work.commit(LIFTING)
    assert await locks.any_of("idp-1")
    seconds.now += 0.5
    assert not await locks.any_of("idp-1")


async def test_lock_is_seen_at_once_where_it_was_made() -> None:
    """P-7: whoever locks somebody out and tries it is told so by the very next request."""
    doors = MemoryDoors()
    locks = RememberedIdentityLocks(doors.identity_locks, monotonic=_Seconds())
    work = ForgettingWork(doors.unit_of_work, locks)
    assert not await locks.any_of("idp-1")
    await work.commit(SaveIdentityLock(a_lock_on()))
    assert await locks.any_of("idp-1")
    await work.commit(LIFTING)
    assert not await locks.any_of("idp-1")


async def test_lost_commit_forgets_that_nobody_is_locked() -> None:
    """R-021: whoever lost against a change looks at what is there, and not at what was."""
    doors = MemoryDoors()
    locks = RememberedIdentityLocks(doors.identity_locks, monotonic=_Seconds())
    work = ForgettingWork(doors.unit_of_work, locks)
    assert not await locks.any_of("idp-1")
    await doors.unit_of_work.commit(SaveIdentityLock(a_lock_on()))
    assert not await locks.any_of("idp-1")
    with pytest.raises(Conflict) as refusal:
        await work.commit(RequireIdentityProvider(an_idp().id, 1))
    assert "identity_provider" == refusal.value.what
    assert await locks.any_of("idp-1")


async def test_locks_themselves_are_as_of_now() -> None:
    """R-035: who is locked, and by what, is never half a second old."""
    doors = MemoryDoors()
    locks = RememberedIdentityLocks(doors.identity_locks, monotonic=_Seconds())
    for expected in ([], [a_lock_on()]):
        found = await locks.of_identity("idp-1", subject="subject-1", emails=())
        assert (expected, expected) == (list(found), list(await locks.of_provider("idp-1")))
        await doors.unit_of_work.commit(SaveIdentityLock(a_lock_on()))
