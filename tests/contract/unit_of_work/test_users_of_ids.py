"""Users by their ids: many names in one question."""

import pytest
from tests.contract.doors import Doors
from tests.contract.records import a_user, a_user_elsewhere

from jitney.model import changes as c
from jitney.model.user import Username, UserState
from jitney.ports import KnownUser

pytestmark = pytest.mark.anyio


async def test_users_of_ids_are_those_that_are_known(doors: Doors) -> None:
    """Issue 7, R-151: of any store and state; who is gone is left out, and beyond a hundred nobody is looked up."""
    users = [a_user(f"user-{n:03}", f"name-{n}") for n in range(101)]
    eng = a_user("eng", username=Username("ENG", "x", "x"), state=UserState.DISABLED)
    far = a_user_elsewhere("far", entry="entry-1")
    await doors.unit_of_work.commit(*map(c.AddUser, [*users, eng, far]))
    of_ids = doors.user_store_records.users_of_ids
    expected = {KnownUser(u.id, u.username.name, 1, u.state, u.username.domain) for u in (users[3], eng, far)}
    assert expected == set(await of_ids({"user-003", "eng", "far", "gone", "'"}))
    assert [] == list(await of_ids([]))
    assert {user.id for user in users[:100]} == {
        user.id for user in await of_ids([user.id for user in users])
    }
