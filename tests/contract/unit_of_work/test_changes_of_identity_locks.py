"""Locks on social identities: kept with or without an account, found by what the provider calls a person."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.factor_records import a_lock_on
from tests.contract.records import LATER, NOW, a_user, an_idp
from tests.contract.unit_of_work.racing import RUNNERS, race

from jitney.errors import InvalidInput
from jitney.model import changes as c
from jitney.model.identity_lock import LockedBy
from jitney.model.user import Lock

pytestmark = pytest.mark.anyio

FOREVER = Lock("", since=LATER)
MOMENT = timedelta(microseconds=1)


async def test_lock_reads_back_equal_until_it_is_lifted(doors: Doors) -> None:
    """R-035: reason and times are kept; a new lock on an identity replaces the old; lifting twice is harmless."""
    locks, again = doors.identity_locks, a_lock_on(lock=FOREVER)
    await doors.unit_of_work.commit(c.SaveIdentityLock(a_lock_on()))
    assert [a_lock_on()] == list(await locks.of_identity("idp-1", subject="subject-1", emails=()))
    await doors.unit_of_work.commit(c.SaveIdentityLock(again), c.SaveIdentityLock(a_lock_on("subject-2")))
    assert [again] == list(await locks.of_identity("idp-1", subject="subject-1", emails=()))
    lifting = c.RemoveIdentityLock("idp-1", LockedBy.SUBJECT, "subject-1")
    for _ in range(2):
        await doors.unit_of_work.commit(lifting)
        assert [] == list(await locks.of_identity("idp-1", subject="subject-1", emails=()))
    assert [a_lock_on("subject-2")] == list(await locks.of_provider("idp-1"))


async def test_identity_is_found_by_subject_and_by_addresses(doors: Doors) -> None:
    """R-035: whoever is locked by any of their names is found, and nobody by a name of another kind or provider."""
    by_subject = a_lock_on("x@example.org")
    by_email = a_lock_on("x@example.org", locked_by=LockedBy.EMAIL)
    second = a_lock_on("ünï@example.org", locked_by=LockedBy.EMAIL)
    elsewhere = a_lock_on("x@example.org", "idp-2", locked_by=LockedBy.EMAIL)
    await doors.unit_of_work.commit(*map(c.SaveIdentityLock, (by_subject, by_email, second, elsewhere)))

    async def found(subject: str | None, *emails: str) -> list[object]:
        return list(await doors.identity_locks.of_identity("idp-1", subject=subject, emails=emails))

    assert [by_subject] == await found("x@example.org")
    assert [by_email] == await found(None, "x@example.org")
    assert [by_email, second] == await found("y", "ünï@example.org", "x@example.org", "z", "x@example.org")
    assert [by_email, by_subject] == await found("x@example.org", "x@example.org")
    assert [] == await found("y", '"],["x@example.org', "X@example.org", "")
    assert [] == await found(None)


@pytest.mark.parametrize(
    "other", ["Subject-1", "subject-1 ", "ｓubject-1", "subject‐1", 'subject-1"', "'; --"]
)
async def test_subject_is_compared_byte_for_byte(doors: Doors, other: str) -> None:
    """R-001, R-047: a lock on one subject locks nobody whose subject only looks like it."""
    locks = doors.identity_locks
    await doors.unit_of_work.commit(c.SaveIdentityLock(a_lock_on(other)))
    assert [a_lock_on(other)] == list(await locks.of_identity("idp-1", subject=other, emails=[other]))
    assert [] == list(await locks.of_identity("idp-1", subject="subject-1", emails=["subject-1"]))


async def test_provider_says_whether_anybody_is_locked(doors: Doors) -> None:
    """P-7: it is said of each provider for itself, also while the lock has expired."""
    locks = doors.identity_locks
    assert [False, False] == [await locks.any_of(idp) for idp in ("idp-1", "idp-2")]
    await doors.unit_of_work.commit(c.SaveIdentityLock(a_lock_on(lock=Lock("", NOW, NOW))))
    assert [True, False] == [await locks.any_of(idp) for idp in ("idp-1", "idp-2")]
    await doors.unit_of_work.commit(c.RemoveIdentityLock("idp-1", LockedBy.SUBJECT, "subject-1"))
    assert [False, False] == [await locks.any_of(idp) for idp in ("idp-1", "idp-2")]


@pytest.mark.parametrize(
    "going", [c.RemoveIdentityProvider("idp-1", 1), c.RetireIdentityProvider("idp-1", 1)]
)
async def test_locks_go_with_their_provider(doors: Doors, going: c.Change) -> None:
    """R-004: whom a removed provider's people are locked by is kept no longer; those of others stay."""
    elsewhere = a_lock_on("x@example.org", "idp-2", locked_by=LockedBy.EMAIL)
    locks = (a_lock_on(), a_lock_on("x@example.org", locked_by=LockedBy.EMAIL), elsewhere)
    await doors.unit_of_work.commit(c.AddIdentityProvider(an_idp()), *map(c.SaveIdentityLock, locks))
    await doors.unit_of_work.commit(going)
    assert ([], [elsewhere]) == tuple(
        [list(await doors.identity_locks.of_provider(idp)) for idp in ("idp-1", "idp-2")]
    )


async def test_locks_of_a_provider_are_listed_from_the_newest(doors: Doors) -> None:
    """R-151: the newest come first, those of one moment by name, and never all at once."""
    newer = [a_lock_on(f"subject-{n}", lock=Lock("", NOW + n * MOMENT)) for n in range(3)]
    twins = [
        a_lock_on("b", locked_by=LockedBy.EMAIL),
        a_lock_on("a"),
        a_lock_on("b"),
    ]
    twins = [replace(each, lock=Lock("", NOW - MOMENT)) for each in twins]
    await doors.unit_of_work.commit(*map(c.SaveIdentityLock, [*twins, *newer, a_lock_on("z", "idp-2")]))
    locks = doors.identity_locks
    assert [*newer[::-1], *twins] == list(await locks.of_provider("idp-1"))
    assert newer[:0:-1] == list(await locks.of_provider("idp-1", limit=2))
    assert [] == list(await locks.of_provider("idp-1", limit=-1))


async def test_lock_outlives_the_account(doors: Doors) -> None:
    """R-035: removing a user and adding it anew opens no lock on the identity."""
    await doors.unit_of_work.commit(c.AddUser(a_user()), c.SaveIdentityLock(a_lock_on()))
    await doors.unit_of_work.commit(c.RemoveUser("user-1", 1))
    await doors.unit_of_work.commit(c.AddUser(a_user("user-2")))
    found = await doors.identity_locks.of_identity("idp-1", subject="subject-1", emails=())
    assert [a_lock_on()] == list(found)


async def test_one_of_many_locks_is_the_one_that_stands(doors: Doors) -> None:
    """R-035: fifty who lock one identity at once all succeed, and one lock stands, whole."""
    locks = [a_lock_on(lock=Lock(f"reason {n}", NOW + n * MOMENT)) for n in range(RUNNERS)]
    winners, lost = await race(doors, lambda n: (c.SaveIdentityLock(locks[n]),))
    assert (RUNNERS, set()) == (len(winners), lost)
    (standing,) = await doors.identity_locks.of_provider("idp-1")
    assert standing in locks


async def test_longest_subject_can_be_locked_on_every_database(doors: Doors) -> None:
    """R-151: what can be linked can be locked, and what is longer is refused by a code of ours."""
    longest = a_lock_on("".join(chr(33 + number * 7 % 90) for number in range(1024)))
    await doors.unit_of_work.commit(c.SaveIdentityLock(longest))
    assert [longest] == list(
        await doors.identity_locks.of_identity("idp-1", subject=longest.value, emails=[])
    )


async def test_value_beyond_any_subject_is_refused(doors: Doors) -> None:
    """R-151: a name that no identity can have is refused, and changes nothing, on every database."""
    before = await doors.snapshot()
    with pytest.raises(InvalidInput) as refusal:
        await doors.unit_of_work.commit(c.SaveIdentityLock(a_lock_on("x" * 1025)))
    assert ("subject_too_long", before) == (refusal.value.code, await doors.snapshot())
    await doors.unit_of_work.commit(c.SaveIdentityLock(a_lock_on("x" * 1024)))
    assert await doors.identity_locks.any_of("idp-1")
