"""Races around stores outside our database: many at once, and one wins."""

import pytest
from tests.contract.doors import Doors
from tests.contract.records import (
    LATER,
    a_link,
    a_session,
    a_user,
    a_user_elsewhere,
    a_user_store,
    an_operation,
)
from tests.contract.unit_of_work.racing import RUNNERS, race

from jitney.errors import Conflict
from jitney.model import changes as c
from jitney.model.user import Username, UserState

pytestmark = pytest.mark.anyio


def _reserve(number: int, domain: str = "LDAP1") -> tuple[c.Change, ...]:
    user, name = f"user-{number}", f"name-{number}"
    return (
        c.RequireUserStore(domain, 1),
        c.AddAccountLink(a_link(f"subject-{number}", user)),
        c.AddUser(a_user(user, username=Username(domain, name, name), state=UserState.PENDING)),
        c.AddOperation(an_operation(f"operation-{number}", user, domain=domain)),
    )


@pytest.mark.parametrize("turn", [0, 1, 2, RUNNERS // 2])
async def test_removed_store_leaves_nobody_behind(doors: Doors, turn: int) -> None:
    """R-021, P-4: whoever is reserved in a store while it is removed keeps it there, or is refused."""
    await doors.unit_of_work.commit(c.AddUserStore(a_user_store()))
    removal = c.RemoveUserStore("store-LDAP1", "LDAP1", 1)
    winners, lost = await race(doors, lambda n: (removal,) if n == turn else _reserve(n))
    users = await doors.user_store_records.count_users("LDAP1")
    if turn in winners:
        assert await doors.user_store_records.find("LDAP1") is None
        assert (0, {"user_store"}) == (users, lost)
    else:
        assert a_user_store() == await doors.user_store_records.find("LDAP1")
        assert (RUNNERS - 1, {"user_store_users"}) == (users, lost)


async def test_disabled_store_takes_nobody_afterwards(doors: Doors) -> None:
    """R-021, P-7: a reservation that races with the disabling is either before it or refused."""
    await doors.unit_of_work.commit(c.AddUserStore(a_user_store()))
    off = c.SaveUserStore(a_user_store(version=2, enabled=False))
    winners, lost = await race(doors, lambda n: (off,) if n == RUNNERS // 2 else _reserve(n))
    assert lost <= {"user_store"}
    assert len(winners) - 1 == await doors.user_store_records.count_users("LDAP1")
    with pytest.raises(Conflict) as refusal:
        await doors.unit_of_work.commit(*_reserve(99))
    assert "user_store" == refusal.value.what


async def test_operation_is_taken_over_by_one(doors: Doors) -> None:
    """P-5: of fifty nodes that find an operation abandoned one takes it over."""
    await doors.unit_of_work.commit(c.AddOperation(an_operation()))
    taken = c.SaveOperation(an_operation().taken(LATER))
    winners, lost = await race(doors, lambda _: (taken,))
    assert (1, {"operation"}) == (len(winners), lost)
    found = await doors.operations.of_user("user-1")
    assert 2 == (found.fence if found else 0)


async def test_user_is_published_or_undone_and_never_both(doors: Doors) -> None:
    """P-2, P-5: of those who finish an operation and those who undo it one comes to an end."""
    await doors.unit_of_work.commit(
        c.AddUser(a_user_elsewhere(state=UserState.PENDING)), c.AddOperation(an_operation())
    )

    def changes(number: int) -> tuple[c.Change, ...]:
        if number % 2:
            undone = an_operation().undone(look_again=LATER, expires=LATER)
            return (c.SaveOperation(undone), c.RemoveUser("user-1", 1))
        publishing = (c.PublishUser("user-1", "entry-1"), c.CloseOperation("operation-1", 1))
        return (*publishing, c.AddSession(a_session(f"session-{number}")))

    winners, lost = await race(doors, changes)
    assert 1 == len(winners)
    assert lost <= {"user", "operation"}
    published = winners[0] % 2 == 0
    assert int(published) == await doors.user_store_records.count_users("LDAP1")
    assert published == (await doors.operations.of_user("user-1") is None)
    sessions = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert (winners if published else []) == sessions


async def test_stranger_is_recorded_once(doors: Doors) -> None:
    """P-1, R-045: of fifty who record one entry of a directory at once one makes the record.

    Which of the guards is named of id, name and entry, all of which are taken then, is the database's own choice.
    """
    seen = a_user_elsewhere(entry="entry-1")
    winners, lost = await race(doors, lambda n: (c.AddUser(seen), c.AddSession(a_session(f"session-{n}"))))
    assert 1 == len(winners)
    assert lost <= {"user", "user_name", "user_entry"}
    assert 1 == await doors.user_store_records.count_users("LDAP1")
    assert winners == [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]


async def test_one_entry_is_the_record_of_one(doors: Doors) -> None:
    """P-1, R-045: of fifty records of one entry under names of their own one is kept."""
    winners, lost = await race(
        doors, lambda n: (c.AddUser(a_user_elsewhere(f"user-{n}", f"name-{n}", entry="entry-1")),)
    )
    assert (1, {"user_entry"}) == (len(winners), lost)
    assert 1 == await doors.user_store_records.count_users("LDAP1")
