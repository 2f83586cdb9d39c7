"""Who holds a role: found by the role, whatever store they live in and whoever gave it."""

import pytest
from tests.contract.doors import Doors
from tests.contract.records import a_user, a_user_elsewhere

from jitney.model import changes as c
from jitney.model.user import OPERATOR_ROLE, GivenBy, Grant, Provenance, User, UserState
from jitney.ports import KnownUser

pytestmark = pytest.mark.anyio

BY_ROOT, BY_IDP = Provenance(GivenBy.OPERATOR, "root"), Provenance(GivenBy.IDENTITY_PROVIDER, "idp-1")


async def test_users_of_a_role_come_page_by_page(doors: Doors) -> None:
    """Issue 7: whoever holds exactly this role is listed once, by id, a hundred at most; a group is no role."""
    roles = (Grant(OPERATOR_ROLE, BY_ROOT), Grant(OPERATOR_ROLE, BY_IDP))
    users = [a_user(f"user-{n:03}", f"name-{900 - n}", roles=roles) for n in range(101)]
    far = a_user_elsewhere("user-900", entry="entry-1", roles=roles[:1], state=UserState.LEAVING)
    group = a_user("user-x", "x", roles=(), groups=roles[:1])
    near = a_user("user-y", "y", roles=(Grant("Operator", BY_ROOT), Grant("operator.helpdesk", BY_ROOT)))
    await doors.unit_of_work.commit(*map(c.AddRole, (OPERATOR_ROLE, "Operator", "operator.helpdesk")))
    await doors.unit_of_work.commit(*map(c.AddUser, [*users, far, group, near]))
    of_role = doors.user_store_records.users_of_role
    assert [_known(user) for user in users[:100]] == list(await of_role(OPERATOR_ROLE, limit=1000))
    assert [_known(user) for user in (users[100], far)] == list(
        await of_role(OPERATOR_ROLE, after="user-099")
    )  # fmt: skip
    assert [_known(users[0])] == list(await of_role(OPERATOR_ROLE, limit=1))
    assert [[_known(near)], [], []] == [
        list(await of_role("operator.helpdesk")),
        list(await of_role("nobody's")),
        list(await of_role(OPERATOR_ROLE, limit=-1)),
    ]


def _known(user: User) -> KnownUser:
    return KnownUser(user.id, user.username.name, user.version, user.state, user.username.domain)
